//! A recorder over a log that works, is away, never answers, or refuses for good.

mod durable;
mod model;
mod overflowing;
mod spooling;

use std::collections::BTreeMap;
use std::time::Instant;

use annals_broker::memory::MemoryLog;
use annals_broker::{Appended, BrokerError, Log};
use annals_schemas::{Instant as EventTime, LogId, NewRecord, Position, WorkspaceId, decode};
use async_trait::async_trait;

use super::*;
use crate::record::new_event;

const LONG: Duration = Duration::from_secs(20);

/// Takes appends and never answers.
struct BlackHole;

#[async_trait]
impl Producer for BlackHole {
    async fn append_all(&self, _: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>> {
        std::future::pending().await
    }
}

/// Refuses every record for good; counts how often it was asked.
#[derive(Default)]
struct Refusing(AtomicU64);

#[async_trait]
impl Producer for Refusing {
    async fn append_all(&self, records: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let too_large = |_| Err(BrokerError::TooLarge { size_bytes: 2, limit_bytes: 1 });
        records.iter().map(too_large).collect()
    }
}

fn event(workspace: &str, action: &str) -> Event {
    let at = EventTime::from_micros(1_000_000).unwrap();
    new_event(WorkspaceId::new(workspace).unwrap(), action, at)
}

fn quick() -> RecorderOptions {
    let pause = Duration::from_millis(1);
    let tell_every = Duration::ZERO;
    RecorderOptions { first_pause: pause, max_pause: pause * 4, tell_every, ..Default::default() }
}

fn memory() -> MemoryLog {
    MemoryLog::new("events", 4, Arc::new(|| 1_000))
}

/// Every event on the log, partition by partition.
fn events_on(log: &MemoryLog) -> Vec<Event> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut consumer = log.consumer().unwrap();
        let start = |partition| Position { partition, offset: 0 };
        consumer.assign(&(0..4).map(start).collect::<Vec<_>>()).unwrap();
        let mut events = Vec::new();
        loop {
            let records = consumer.poll(1_000, Duration::ZERO).await.unwrap();
            if records.is_empty() {
                return events;
            }
            events.extend(records.iter().map(|r| decode(r, &LogId([0; 16])).unwrap()));
        }
    })
}

#[test]
fn events_arrive_in_order_within_their_workspace_and_numbered() {
    let log = memory();
    let recorder = Recorder::start(log.producer(), quick()).unwrap();
    for i in 0..1_000 {
        recorder.emit(event(&format!("w{}", i % 7), &format!("thing.done_{i}")));
    }
    assert!(recorder.flush(LONG));
    assert_eq!((recorder.delivered(), recorder.lost()), (1_000, 0));
    let events = events_on(&log);
    let mut numbers: Vec<_> = events.iter().map(|e| e.producer.clone().unwrap().number).collect();
    let mut by_workspace: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (event, number) in events.iter().zip(&numbers) {
        by_workspace.entry(event.workspace_id.to_string()).or_default().push(*number);
    }
    assert!(by_workspace.values().all(|numbers| numbers.is_sorted()), "order within a workspace");
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=1_000).collect::<Vec<_>>());
}

#[test]
fn a_black_hole_never_blocks_the_host_and_what_finds_no_room_is_counted() {
    let options = RecorderOptions {
        queue_events: 100,
        batch_events: 10,
        drop_deadline: Duration::from_millis(50),
        ..quick()
    };
    let recorder = Recorder::start(Arc::new(BlackHole), options).unwrap();
    let mut took = Vec::with_capacity(20_000);
    for _ in 0..20_000 {
        let event = event("acme", "thing.done");
        let started = Instant::now();
        recorder.emit(event);
        took.push(started.elapsed());
    }
    took.sort_unstable();
    let p99 = took[took.len() * 99 / 100];
    assert!(p99 < Duration::from_millis(1), "p99 of emit was {p99:?}");
    // 100 wait, and at most one batch is on its way.
    let lost = recorder.lost();
    assert!((20_000 - 110..=20_000 - 100).contains(&lost), "{lost} lost");
    assert!(!recorder.flush(Duration::from_millis(20)), "nothing is ever settled");

    let started = Instant::now();
    drop(recorder);
    assert!(started.elapsed() < Duration::from_secs(3), "dropped in {:?}", started.elapsed());
}

#[test]
fn the_queue_is_bounded_in_bytes_too() {
    let options = RecorderOptions {
        queue_bytes: 100_000,
        drop_deadline: Duration::from_millis(10),
        ..quick()
    };
    let recorder = Recorder::start(Arc::new(BlackHole), options).unwrap();
    for _ in 0..20 {
        let mut event = event("acme", "thing.done");
        event.description = Some("x".repeat(9_000));
        recorder.emit(event);
    }
    assert_eq!(recorder.lost(), 10, "ten events of some 9,500 bytes fit into 100,000");
}

#[test]
fn a_log_that_comes_back_gets_everything_in_order() {
    let log = memory();
    log.set_available(false);
    let recorder = Recorder::start(log.producer(), quick()).unwrap();
    for i in 0..50 {
        recorder.emit(event("acme", &format!("thing.done_{i}")));
    }
    assert!(!recorder.flush(Duration::from_millis(50)), "the log is away");
    assert_eq!((recorder.delivered(), recorder.lost()), (0, 0));
    log.set_available(true);
    assert!(recorder.flush(LONG));
    assert_eq!((recorder.delivered(), recorder.lost()), (50, 0));
    let actions: Vec<_> = events_on(&log).into_iter().map(|event| event.action).collect();
    assert_eq!(actions, (0..50).map(|i| format!("thing.done_{i}")).collect::<Vec<_>>());
}

#[test]
fn dropping_flushes_what_is_queued() {
    let log = memory();
    let recorder = Recorder::start(log.producer(), quick()).unwrap();
    for _ in 0..300 {
        recorder.emit(event("acme", "thing.done"));
    }
    drop(recorder);
    assert_eq!(events_on(&log).len(), 300);
}

#[test]
fn what_is_refused_for_good_is_lost_and_not_tried_for_ever() {
    let refusing = Arc::new(Refusing::default());
    let recorder = Recorder::start(Arc::clone(&refusing) as Arc<dyn Producer>, quick()).unwrap();
    recorder.emit(event("acme", "thing.done"));
    assert!(recorder.flush(LONG));
    assert_eq!((recorder.delivered(), recorder.lost()), (0, 1));
    drop(recorder);
    let asked = refusing.0.load(Ordering::Relaxed);
    assert!(asked <= 2, "the event, and what tells of its loss; asked {asked} times");
}

#[test]
fn an_event_that_readers_would_refuse_never_reaches_the_log() {
    let log = memory();
    let recorder = Recorder::start(log.producer(), quick()).unwrap();
    recorder.emit(event("acme", ""));
    recorder.emit(event("acme", "thing.done"));
    assert!(recorder.flush(LONG));
    assert_eq!((recorder.delivered(), recorder.lost()), (1, 1));
    drop(recorder);
    // The number of the lost one is missing on the log: that is how its loss shows, and it is told.
    let events = events_on(&log);
    let numbers = |event: &Event| event.producer.as_ref().map(|stamp| stamp.number);
    assert_eq!(events.iter().filter_map(numbers).collect::<Vec<_>>(), [2]);
    assert_eq!(events.iter().filter(|event| event.action == "annals.events_lost").count(), 1);
}

/// A1.7: what `actions.json` calls secret never leaves the process.
#[test]
fn a1_7_secret_values_are_masked_before_they_leave() {
    let log = memory();
    let labels = annals_schemas::Labels::parse(r#"{"key.rotated": {"secret": ["token"]}}"#);
    let actions = Some(Arc::new(labels.unwrap()));
    let recorder = Recorder::start(log.producer(), RecorderOptions { actions, ..quick() }).unwrap();
    let mut secret = event("acme", "key.rotated");
    secret.metadata = annals_schemas::JsonText::parse(r#"{"token":"hunter2","by":"ana"}"#).ok();
    recorder.emit(secret);
    assert!(recorder.flush(LONG));
    let metadata = events_on(&log)[0].metadata.clone().unwrap();
    assert_eq!(metadata.as_str(), r#"{"token":"••••","by":"ana"}"#);
}

#[test]
fn emitting_works_from_within_an_async_runtime() {
    let log = memory();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let recorder = Recorder::start(log.producer(), quick()).unwrap();
        recorder.emit(event("acme", "thing.done"));
        drop(recorder);
    });
    assert_eq!(events_on(&log).len(), 1);
}
