//! The recorder through a real gateway, and through servers that answer oddly.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, in its helpers too")]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use annals_broker::Log;
use annals_broker::memory::MemoryLog;
use annals_schemas::{Instant as Moment, LogId, WorkspaceId, decode};
use annals_service::access::{
    Authenticator, Caller, CallerKind, Grants, Profile, Restriction, Scope,
};
use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::post;
use serde_json::{Value, json};

use super::*;
use crate::gateway::{Gateway, GatewayLimits, router};
use crate::{NotSafe, Overflow, Recorder, RecorderOptions, new_event};

/// Lets everybody write in acme.
struct Everybody;

impl Authenticator for Everybody {
    fn authenticate(&self, bearer: &str) -> Option<Caller> {
        (bearer == "key").then(|| Caller {
            kind: CallerKind::User,
            issuer: None,
            subject: "u1".to_owned(),
            profile: Profile::default(),
            grants: Grants::one("acme"),
            scopes: BTreeSet::from([Scope::Write]),
            actions: Vec::new(),
            restriction: Restriction::default(),
        })
    }
}

/// Serves on a port of its own; the address.
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

async fn gateway(limits: GatewayLimits) -> (String, Arc<dyn Log>) {
    let log: Arc<dyn Log> = Arc::new(MemoryLog::new("events", 4, Arc::new(|| 1_000)));
    let gateway = Gateway::new(log.producer(), Arc::new(Everybody), limits);
    (serve(router(gateway).into()).await, log)
}

fn event(workspace: &str, number: usize) -> Event {
    let at = Moment::from_millis_clamped(0);
    new_event(WorkspaceId::new(workspace).unwrap(), format!("count.n{number}"), at)
}

/// The actions on the log, of one workspace and so of one partition, in order.
async fn actions(log: &dyn Log) -> Vec<String> {
    let mut consumer = log.consumer().unwrap();
    let from: Vec<_> =
        (0..4).map(|partition| annals_schemas::Position { partition, offset: 0 }).collect();
    consumer.assign(&from).unwrap();
    let mut actions = Vec::new();
    loop {
        let records = consumer.poll(10_000, Duration::from_millis(1)).await.unwrap();
        if records.is_empty() {
            return actions;
        }
        let events = records.iter().map(|record| decode(record, &LogId([0; 16])).unwrap());
        actions.extend(events.map(|event| event.action));
    }
}

fn recorder(url: &str, options: RecorderOptions) -> Recorder {
    Recorder::start_through_gateway(GatewayClient::new(url, "key").unwrap(), options).unwrap()
}

async fn flush(recorder: &Arc<Recorder>) -> bool {
    let recorder = Arc::clone(recorder);
    tokio::task::spawn_blocking(move || recorder.flush(Duration::from_secs(30))).await.unwrap()
}

/// A recorder is dropped on a thread that may block.
async fn end(recorder: Arc<Recorder>) {
    tokio::task::spawn_blocking(move || drop(recorder)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_reach_the_log_in_order_whatever_the_gateway_takes_at_once() {
    let limits = GatewayLimits { batch_events: 7, batch_bytes: 5_000, ..Default::default() };
    let (url, log) = gateway(limits).await;
    let recorder = Arc::new(recorder(&url, RecorderOptions::default()));
    (0..100).for_each(|number| recorder.emit(event("acme", number)));
    assert!(flush(&recorder).await);
    assert_eq!((recorder.delivered(), recorder.lost()), (100, 0));
    let expected: Vec<_> = (0..100).map(|number| format!("count.n{number}")).collect();
    assert_eq!(actions(&*log).await, expected);
    end(recorder).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_gateway_refuses_is_lost_alone_and_told() {
    let limits = GatewayLimits { batch_bytes: 20_000, ..Default::default() };
    let (url, log) = gateway(limits).await;
    let options = RecorderOptions { tell_every: Duration::ZERO, ..Default::default() };
    let recorder = Arc::new(recorder(&url, options));
    let mut large = event("acme", 1);
    large.description = Some("x".repeat(9_000));
    large.metadata = Some(
        annals_schemas::JsonText::parse(&json!({"text": "x".repeat(20_000)}).to_string()).unwrap(),
    );
    recorder.emit(event("acme", 0));
    let refused = recorder.emit_durable(large).await;
    assert!(matches!(refused, Err(NotSafe::Refused { .. })), "{refused:?}");
    let foreign = recorder.emit_durable(event("other", 2)).await;
    assert!(
        matches!(&foreign, Err(NotSafe::Refused { detail }) if detail.contains("workspace")),
        "{foreign:?}"
    );
    assert_eq!(recorder.emit_durable(event("acme", 3)).await, Ok(()));
    assert_eq!(recorder.lost(), 2);
    end(recorder).await;
    assert_eq!(actions(&*log).await, ["count.n0", "annals.events_lost", "count.n3"]);
}

/// Answers with these, one after the other, the last one for ever; counts the requests.
async fn scripted(script: Vec<(u16, Value, &'static str)>) -> (String, Arc<AtomicUsize>) {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let answer = move |body: String| {
        let number = count.fetch_add(1, Ordering::SeqCst).min(script.len() - 1);
        let (status, mut answer, retry_after) = script[number].clone();
        if answer.is_null() {
            let items = vec![json!({"status": "accepted"}); body.lines().count()];
            answer = json!({ "items": items });
        }
        let status = StatusCode::from_u16(status).unwrap();
        let headers = [("retry-after", retry_after), ("location", "http://127.0.0.1:1/")];
        std::future::ready((status, headers, answer.to_string()).into_response())
    };
    (serve(Router::new().route(PATH, post(answer))).await, requests)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_may_pass_goes_again_and_a_pause_that_is_asked_for_is_kept() {
    let (url, requests) = scripted(vec![
        (503, json!({}), "1"),
        (200, json!("not one"), ""),
        (202, json!({"items": []}), ""),
        (302, json!({}), ""),
        (401, json!({"detail": "no"}), "soon"),
        (404, json!({}), ""),
        (202, json!({"items": [{"status": "rejected", "error": {"type": "log-unavailable"}}]}), ""),
        (202, Value::Null, ""),
    ])
    .await;
    let options =
        RecorderOptions { first_pause: Duration::from_millis(1), ..RecorderOptions::default() };
    let recorder = Arc::new(recorder(&url, options));
    let started = std::time::Instant::now();
    assert_eq!(recorder.emit_durable(event("acme", 0)).await, Ok(()));
    assert!(started.elapsed() >= Duration::from_secs(1), "the pause is kept");
    assert_eq!((requests.load(Ordering::SeqCst), recorder.delivered()), (8, 1));
    end(recorder).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_away_leaves_events_in_the_spool() {
    let directory = tempfile::tempdir().unwrap();
    let spool = crate::SpoolOptions::new(directory.path().join("spool"));
    let options = RecorderOptions {
        spool: Some(spool),
        overflow: Overflow::Spool,
        drop_deadline: Duration::from_secs(2),
        ..RecorderOptions::default()
    };
    let away = Arc::new(recorder("http://127.0.0.1:1", options.clone()));
    for number in 0..20 {
        assert_eq!(away.emit_durable(event("acme", number)).await, Ok(()));
    }
    assert_eq!((away.spooled(), away.lost()), (20, 0));
    end(away).await;
    let (url, log) = gateway(GatewayLimits::default()).await;
    let back = Arc::new(recorder(&url, options));
    for _ in 0..3_000 {
        if back.delivered() == 20 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    end(back).await;
    let expected: Vec<_> = (0..20).map(|number| format!("count.n{number}")).collect();
    assert_eq!(actions(&*log).await, expected);
}
