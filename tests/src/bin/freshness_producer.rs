//! The producing side of the freshness measurement, a process of its own.
//!
//! usage: freshness-producer ADDRESS WORKSPACES EVENTS_PER_SECOND SECONDS (token on standard input)
//!
//! Posts batches at a steady rate. After each acknowledgement it prints one line:
//! microseconds since 1970 at which the answer had arrived, then `workspace:event_id` pairs.
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use annals_tests::clock;
use annals_tests::http::Http;
use serde_json::{Value, json};

/// Events a batch; a batch goes to `BATCH / RUN` workspaces.
const BATCH: u64 = 20;
/// Events of a batch in one workspace.
const RUN: u64 = 5;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, workspaces, rate, seconds] = &arguments[..] else {
        panic!("usage: freshness-producer ADDRESS WORKSPACES EVENTS_PER_SECOND SECONDS")
    };
    let number = |text: &String| text.parse::<u64>().expect("a number");
    let (workspaces, rate, seconds) = (number(workspaces), number(rate), number(seconds));
    let token = std::io::read_to_string(std::io::stdin()).expect("a token on standard input");
    let http = Http::new(address, Some(token.trim().to_owned()));
    let started = Instant::now();
    let mut posts = tokio::task::JoinSet::new();
    for batch in 0..rate * seconds / BATCH {
        // Open loop: a slow answer does not slow the arrival of the next events.
        let due = started + Duration::from_micros(batch * BATCH * 1_000_000 / rate);
        tokio::time::sleep_until(due.into()).await;
        posts.spawn(post(http.clone(), batch, workspaces));
    }
    while let Some(done) = posts.join_next().await {
        done.expect("no post panics");
    }
}

async fn post(http: Http, batch: u64, workspaces: u64) {
    let events: Vec<Value> = (0..BATCH).map(|i| event(batch, i, workspaces)).collect();
    let request =
        http.request("POST", "/v1/events:batch").header("content-type", "application/json");
    let answer = Http::exchange(request.body(Value::from(events.clone()).to_string())).await;
    let answer = answer.expect("the server answers");
    let acknowledged = clock::now().timestamp_micros();
    assert_eq!(answer.status, 202, "{}", answer.text());
    let accepted = answer.json()["items"]
        .as_array()
        .map_or(0, |items| items.iter().filter(|item| item["status"] == "accepted").count());
    assert_eq!(accepted as u64, BATCH, "{}", answer.text());
    let mut line = acknowledged.to_string();
    for event in &events {
        let text = |name: &str| event[name].as_str().expect("made above").to_owned();
        let _ = write!(line, " {}:{}", text("workspace_id"), text("event_id"));
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("the reader listens");
}

fn event(batch: u64, i: u64, workspaces: u64) -> Value {
    let number = batch * BATCH + i;
    let workspace = (number / RUN) % workspaces;
    json!({
        "event_id": format!("00000000-0000-4000-9000-{number:012x}"),
        "workspace_id": format!("fresh-{workspace}"),
        "occurred_at": clock::in_minutes(0),
        "actor": {"kind": "user", "id": format!("u{}", number % 50), "name": "Ana"},
        "action": "segment.updated",
        "resources": [{"type": "segment", "id": format!("s{}", number % 300), "name": "VIP EU"}],
        "context": {"request_id": format!("request-{number}"), "service": "segments-api"},
        "changes": [{"path": "filter.country", "before": ["FR"], "after": ["FR", "DE"]}]
    })
}
