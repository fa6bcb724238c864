//! The reading side of the freshness measurement, a process of its own.
//!
//! usage: freshness-reader ADDRESS TOKEN_FILE (the producer's lines on standard input)
//!
//! For each acknowledged batch it asks the workspaces' first pages until all events are there, and
//! takes a sample an event: from the acknowledgement to the arrival of the page that shows it.
//! Prints the samples in microseconds, one a line. Both processes run on one machine and clock.
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use annals_tests::clock;
use annals_tests::http::Http;
use annals_tests::list::{List, RawPage};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;

/// An event that is not visible after this long never will be.
const LIMIT: Duration = Duration::from_secs(60);
/// Rows asked for: more than arrive in a workspace while a reader waits.
const ROWS: u64 = 20;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, token_file] = &arguments[..] else {
        panic!("usage: freshness-reader ADDRESS TOKEN_FILE")
    };
    let token = std::fs::read_to_string(token_file).expect("a file with a token");
    let http = Http::new(address, Some(token.trim().to_owned()));
    let mut lines = input_lines();
    let mut waiting = JoinSet::new();
    let mut samples = Vec::new();
    while let Some(line) = lines.recv().await {
        let (acknowledged, events) = parse(&line);
        for (workspace, ids) in events {
            waiting.spawn(observe(http.clone(), workspace, ids, acknowledged));
        }
        while let Some(done) = waiting.try_join_next() {
            samples.extend(done.expect("every event becomes visible"));
        }
    }
    while let Some(done) = waiting.join_next().await {
        samples.extend(done.expect("every event becomes visible"));
    }
    let text: Vec<_> = samples.iter().map(ToString::to_string).collect();
    println!("{}", text.join("\n"));
}

/// The lines of standard input, read by a thread of their own.
fn input_lines() -> UnboundedReceiver<String> {
    let (send, lines) = unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines() {
            // The receiver is gone only when the process ends.
            let _ = send.send(line.expect("the producer writes lines of UTF-8"));
        }
    });
    lines
}

/// The time of the acknowledgement and the ids by workspace.
fn parse(line: &str) -> (i64, BTreeMap<String, HashSet<String>>) {
    let mut words = line.split(' ');
    let acknowledged = words.next().and_then(|word| word.parse().ok()).expect("a time");
    let mut events: BTreeMap<String, HashSet<String>> = BTreeMap::new();
    for (workspace, id) in words.filter_map(|word| word.split_once(':')) {
        events.entry(workspace.to_owned()).or_default().insert(id.to_owned());
    }
    (acknowledged, events)
}

async fn observe(
    http: Http,
    workspace: String,
    mut missing: HashSet<String>,
    acknowledged: i64,
) -> Vec<i64> {
    let path = List::of(&http, &workspace).path(&format!("limit={ROWS}"));
    let started = Instant::now();
    let mut samples = Vec::new();
    loop {
        let answer = Http::exchange(http.request("GET", &path)).await.expect("the server answers");
        let now = clock::now().timestamp_micros();
        assert_eq!(answer.status, 200, "{}", answer.text());
        let before = missing.len();
        for id in answer.parse::<RawPage>().ids() {
            missing.remove(&id);
        }
        samples.extend(std::iter::repeat_n(now - acknowledged, before - missing.len()));
        if missing.is_empty() {
            return samples;
        }
        assert!(started.elapsed() < LIMIT, "{workspace}: {missing:?} never became visible");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
