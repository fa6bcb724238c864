//! Routes of a small product, asked in every way.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, in its helpers too")]

use std::time::Duration;

use annals_broker::Log;
use annals_broker::memory::MemoryLog;
use annals_schemas::{ActorKind, Event, LogId, Position, decode};
use axum::body::Body;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{delete, get, post, put};
use axum::{Extension, Router};
use tower::ServiceExt as _;

use super::*;
use crate::RecorderOptions;

/// A product's routes, and the log that they are recorded in.
struct Product {
    router: Router,
    log: MemoryLog,
    recorder: Arc<Recorder>,
}

async fn rename(details: Extension<AuditDetails>) -> impl IntoResponse {
    details.name("VIP EU");
    let (before, after) =
        (serde_json::json!({"name": "VIP"}), serde_json::json!({"name": "VIP EU"}));
    details.changed(&before, &after).unwrap();
    details.metadata(&serde_json::json!({"ticket": 7})).unwrap();
    [("x-request-id", "r-of-the-response")]
}

async fn make(details: Extension<AuditDetails>) -> StatusCode {
    details.on("segment", "s10", Some("New"));
    StatusCode::CREATED
}

impl Product {
    fn new() -> Self {
        let log = MemoryLog::new("events", 1, Arc::new(|| 1_000));
        let recorder = Recorder::start(log.producer(), RecorderOptions::default()).unwrap();
        let recorder = Arc::new(recorder);
        let audit = Audit::new(Arc::clone(&recorder), |request| {
            let user = header(&request.headers, "x-user")?;
            let who = Who::new("acme", Principal::user(user));
            Some(match header(&request.headers, "x-for") {
                Some(other) => who.on_behalf_of(Principal::user(other)),
                None => who,
            })
        });
        let layer = |route: AuditedRoute| from_fn_with_state(route, audited);
        let updated = || audit.action("segment.updated").on("segment", "id");
        let router = Router::new()
            .route("/segments/{id}", put(rename).get(get_segment).layer(layer(updated())))
            .route("/segments", post(make).layer(layer(audit.action("segment.created"))))
            .route(
                "/segments/{id}/{status}",
                delete(answer).layer(layer(audit.action("segment.deleted").on("segment", "id"))),
            )
            .route("/slow/{id}", put(never).layer(layer(updated())))
            .route("/silent", get(get_segment));
        Self { router, log, recorder }
    }

    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> StatusCode {
        self.router.clone().oneshot(request(method, path, headers)).await.unwrap().status()
    }

    /// What was recorded so far.
    async fn events(&self) -> Vec<Event> {
        let recorder = Arc::clone(&self.recorder);
        let flush = move || recorder.flush(Duration::from_secs(10));
        assert!(tokio::task::spawn_blocking(flush).await.unwrap());
        let mut consumer = self.log.consumer().unwrap();
        consumer.assign(&[Position { partition: 0, offset: 0 }]).unwrap();
        let records = consumer.poll(1_000, Duration::from_millis(1)).await.unwrap();
        records.iter().map(|record| decode(record, &LogId([0; 16])).unwrap()).collect()
    }
}

fn request(method: Method, path: &str, headers: &[(&str, &str)]) -> Request {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

async fn get_segment() {}

async fn never() {
    std::future::pending::<()>().await;
}

async fn answer(
    axum::extract::Path((_, status)): axum::extract::Path<(String, u16)>,
) -> StatusCode {
    StatusCode::from_u16(status).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_recorded_with_what_route_layers_and_handler_know() {
    let product = Product::new();
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let traceparent = format!("00-{trace}-b7ad6b7169203331-01");
    let headers = [
        ("x-user", "u1"),
        ("x-for", "u2"),
        ("user-agent", "curl/8.5"),
        ("traceparent", traceparent.as_str()),
    ];
    assert_eq!(product.ask(Method::PUT, "/segments/s9", &headers).await, StatusCode::OK);
    product.ask(Method::POST, "/segments", &[("x-user", "u1"), ("x-request-id", "r-1")]).await;
    let events = product.events().await;
    assert_eq!(events.len(), 2);
    let json = events[0].to_json();
    assert_eq!((&json["action"], &json["outcome"]), (&"segment.updated".into(), &"success".into()));
    assert_eq!(json["actor"]["id"], "u1");
    assert_eq!(json["actor"]["on_behalf_of"]["id"], "u2");
    let resource = serde_json::json!({"type": "segment", "id": "s9", "name": "VIP EU"});
    assert_eq!(json["resources"], serde_json::json!([resource]));
    assert_eq!(json["changes"][0]["after"], "VIP EU");
    assert_eq!(json["metadata"]["ticket"], 7);
    assert_eq!(json["context"]["user_agent"], "curl/8.5");
    assert_eq!(json["context"]["trace_id"], trace);
    assert_eq!(json["context"]["request_id"], "r-of-the-response");
    let made = events[1].to_json();
    assert_eq!(
        (&made["resources"][0]["id"], &made["resources"][0]["name"]),
        (&"s10".into(), &"New".into())
    );
    assert_eq!(made["context"]["request_id"], "r-1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_outcome_is_the_statuss() {
    let product = Product::new();
    let cases = [
        (204, Outcome::Success),
        (303, Outcome::Success),
        (401, Outcome::Denied),
        (403, Outcome::Denied),
        (404, Outcome::Failure),
        (500, Outcome::Failure),
    ];
    for (status, _) in cases {
        product.ask(Method::DELETE, &format!("/segments/s1/{status}"), &[("x-user", "u1")]).await;
    }
    let outcomes: Vec<_> = product.events().await.iter().map(|event| event.outcome).collect();
    assert_eq!(outcomes, cases.map(|(_, outcome)| outcome));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_and_nobody_are_not_recorded_and_are_served() {
    let product = Product::new();
    let user = [("x-user", "u1")];
    assert_eq!(product.ask(Method::GET, "/segments/s9", &user).await, StatusCode::OK);
    assert_eq!(product.ask(Method::GET, "/silent", &user).await, StatusCode::OK);
    // The handler says details, which nobody hears.
    assert_eq!(product.ask(Method::PUT, "/segments/s9", &[]).await, StatusCode::OK);
    assert!(product.events().await.is_empty());
}

/// A client that goes away half way left no trace, whatever its request had done by then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_whose_client_goes_away_is_recorded_with_an_unknown_outcome() {
    let product = Product::new();
    let slow =
        product.router.clone().oneshot(request(Method::PUT, "/slow/s1", &[("x-user", "u1")]));
    assert!(tokio::time::timeout(Duration::from_millis(50), slow).await.is_err());
    let events = product.events().await;
    assert_eq!((events.len(), events[0].outcome), (1, Outcome::Unknown));
    assert_eq!(events[0].actor.principal.kind, ActorKind::User);
    assert_eq!(events[0].resources[0].id, "s1");
}
