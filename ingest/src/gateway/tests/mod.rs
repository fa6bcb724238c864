//! The gateway as a client sees it, over the log in memory and the embedded one.

mod access;
mod batches;
mod cloud_events;
mod overload;
mod packed;
mod single;

use std::collections::BTreeSet;
use std::path::Path as FilePath;
use std::time::Duration;

use annals_broker::Log;
use annals_broker::local::{LocalLog, LocalOptions};
use annals_broker::memory::MemoryLog;
use annals_schemas::{Event, LogId, Position, Record, decode};
use annals_service::access::{Caller, CallerKind, Grants, Profile, Restriction, Scope};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;

/// Knows callers by name: `writer` and `verifier` of acme, `any` of all, `reader`, `segments`.
struct Names;

impl Authenticator for Names {
    fn authenticate(&self, bearer: &str) -> Option<Caller> {
        let (workspace, scopes, actions): (_, &[Scope], &[&str]) = match bearer {
            "writer" => ("acme", &[Scope::Write], &[]),
            "verifier" => ("acme", &[Scope::Write, Scope::Verify], &[]),
            "any" => ("*", &[Scope::Write, Scope::Admin], &[]),
            "reader" => ("acme", &[Scope::Read], &[]),
            "segments" => ("acme", &[Scope::Write], &["segment.*", "user.invited"]),
            _ => return None,
        };
        Some(Caller {
            kind: CallerKind::User,
            issuer: Some("tests".to_owned()),
            subject: bearer.to_owned(),
            profile: Profile::default(),
            grants: Grants::one(workspace),
            scopes: scopes.iter().copied().collect::<BTreeSet<_>>(),
            actions: actions.iter().map(|&action| action.to_owned()).collect(),
            restriction: Restriction::default(),
        })
    }
}

/// A gateway and the log behind it.
struct Fixture {
    log: Arc<dyn Log>,
    router: Router,
}

/// An answer.
struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Fixture {
    fn new() -> Self {
        Self::with(Arc::new(MemoryLog::new("events", 4, Arc::new(|| 1_000))))
    }

    fn on_disk(directory: &FilePath) -> Self {
        let options = LocalOptions::default();
        Self::with(Arc::new(LocalLog::open(directory, options, Arc::new(|| 1_000)).unwrap()))
    }

    fn with(log: Arc<dyn Log>) -> Self {
        let gateway = Gateway::new(log.producer(), Arc::new(Names), GatewayLimits::default());
        Self::of(log, gateway)
    }

    fn of(log: Arc<dyn Log>, gateway: Gateway) -> Self {
        let named = axum::middleware::from_fn(annals_service::http::request_id);
        Self { log, router: Router::from(router(gateway)).layer(named) }
    }

    async fn send(&self, request: Request<Body>) -> Answered {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 16 << 20).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answered { status: parts.status, headers: parts.headers, body }
    }

    async fn post(&self, path: &str, content_type: &str, body: impl Into<Body>) -> Answered {
        self.send(request(path, "writer", content_type).body(body.into()).unwrap()).await
    }

    async fn post_one(&self, json: &str) -> Answered {
        self.post("/v1/events", "application/json", json.to_owned()).await
    }

    async fn post_batch(&self, json: &str) -> Answered {
        self.post("/v1/events:batch", "application/json", json.to_owned()).await
    }

    /// Everything on the log.
    async fn records(&self) -> Vec<Record> {
        let mut consumer = self.log.consumer().unwrap();
        let partitions = 0..self.log.description().partitions;
        let from: Vec<_> = partitions.map(|partition| Position { partition, offset: 0 }).collect();
        consumer.assign(&from).unwrap();
        let mut records = Vec::new();
        loop {
            let polled = consumer.poll(10_000, Duration::from_millis(1)).await.unwrap();
            if polled.is_empty() {
                return records;
            }
            records.extend(polled);
        }
    }

    async fn events(&self) -> Vec<Event> {
        let records = self.records().await;
        records.iter().map(|record| decode(record, &LogId([0; 16])).unwrap()).collect()
    }
}

fn request(path: &str, caller: &str, content_type: &str) -> axum::http::request::Builder {
    Request::post(path)
        .header("authorization", format!("Bearer {caller}"))
        .header("content-type", content_type)
        .header("x-request-id", "test-1")
}

impl Answered {
    /// The name at the end of the problem's type.
    fn problem(&self) -> &str {
        let media_type = self.headers.get("content-type").and_then(|v| v.to_str().ok());
        assert_eq!(media_type, Some("application/problem+json"), "{}", self.body);
        assert_eq!(self.body["request_id"], "test-1");
        assert_eq!(self.body["status"], self.status.as_u16());
        self.body["type"].as_str().unwrap().rsplit('/').next().unwrap()
    }

    /// `status` and error type of each item.
    fn items(&self) -> Vec<(String, Option<String>)> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let items = self.body["items"].as_array().unwrap();
        items.iter().map(|i| (text(&i["status"]).unwrap(), text(&i["error"]["type"]))).collect()
    }

    /// Pointers of the problem's errors.
    fn pointers(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().unwrap();
        errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect()
    }
}
