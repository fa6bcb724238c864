//! Recording against the in-memory log: what comes of accesses, of an absent log and of an end.

use std::collections::BTreeSet;

use annals_broker::Log;
use annals_broker::memory::MemoryLog;
use annals_schemas::{LogId, decode};
use annals_service::access::{CallerKind, Grants, Profile, Restriction, Scope};
use annals_service::clock::{Clock, ManualClock};
use serde_json::json;

use super::*;

struct Fixture {
    log: Arc<MemoryLog>,
    clock: Arc<ManualClock>,
    records: AccessLog,
}

impl Fixture {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::at_seconds(1_700_000_000));
        let millis = clock.clone();
        let log = Arc::new(MemoryLog::new("t", 1, Arc::new(move || millis.unix_micros() / 1_000)));
        let records = AccessLog::new(log.producer(), clock.clone());
        Self { log, clock, records }
    }

    fn read(&self, subject: &str, route: &str) {
        self.read_of("acme", subject, route);
    }

    fn read_of(&self, workspace: &str, subject: &str, route: &str) {
        let workspace = WorkspaceId::new(workspace).unwrap();
        let access = Access { kind: AccessKind::Viewed, route, filter: FilterHash::of(route, "") };
        self.records.record(&caller(subject), &workspace, access);
    }

    /// What `run` does once.
    async fn turn(&self) {
        self.records.close_windows(false);
        let _ = self.records.write(&*self.log.producer()).await;
    }

    /// Subject and count of every record on the log.
    async fn written(&self) -> Vec<(String, u64)> {
        let events = self.events().await;
        let count = |event: &Event| {
            let metadata = event.metadata.as_ref().map_or("{}", |metadata| metadata.as_str());
            serde_json::from_str::<Value>(metadata).unwrap()["count"].as_u64().unwrap_or(0)
        };
        let subject = |event: &Event| event.actor.principal.id.clone().unwrap_or_default();
        events.iter().map(|event| (subject(event), count(event))).collect()
    }

    async fn events(&self) -> Vec<Event> {
        let mut consumer = self.log.consumer().unwrap();
        consumer.assign(&[annals_schemas::Position { partition: 0, offset: 0 }]).unwrap();
        let records = consumer.poll(1_000, Duration::from_millis(1)).await.unwrap();
        records.iter().map(|record| decode(record, &LogId([0; 16])).unwrap()).collect()
    }
}

fn caller(subject: &str) -> Caller {
    Caller {
        kind: CallerKind::User,
        issuer: Some("tests".to_owned()),
        subject: subject.to_owned(),
        profile: Profile::default(),
        grants: Grants::one("acme"),
        scopes: BTreeSet::from([Scope::Read]),
        actions: Vec::new(),
        restriction: Restriction::default(),
    }
}

fn owned(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected.iter().map(|(subject, count)| ((*subject).to_owned(), *count)).collect()
}

#[tokio::test]
async fn the_first_is_written_at_once_and_the_rest_of_the_minute_together() {
    let fixture = Fixture::new();
    for _ in 0..5 {
        fixture.read("u1", "events");
    }
    fixture.read("u2", "facets");
    fixture.turn().await;
    assert_eq!(fixture.written().await, owned(&[("u1", 1), ("u2", 1)]));
    fixture.clock.advance_micros(WINDOW_MICROS - 1);
    fixture.turn().await;
    assert_eq!(fixture.written().await.len(), 2);
    fixture.clock.advance_micros(1);
    fixture.turn().await;
    assert_eq!(fixture.written().await, owned(&[("u1", 1), ("u2", 1), ("u1", 4)]));
    // Nothing in a whole minute: the next one is a first one again.
    fixture.clock.advance_micros(WINDOW_MICROS);
    fixture.turn().await;
    fixture.read("u1", "events");
    fixture.turn().await;
    assert_eq!(fixture.written().await.last(), owned(&[("u1", 1)]).last());
    assert_eq!(fixture.events().await[0].action, "audit_log.viewed");
    assert_eq!(fixture.records.trouble(), None);
}

#[tokio::test]
async fn while_the_log_is_away_counting_goes_on_and_nothing_is_lost() {
    let fixture = Fixture::new();
    fixture.log.set_available(false);
    for minute in 0..10 {
        for reader in 0..20 {
            fixture.read(&format!("u{reader}"), "events");
        }
        fixture.turn().await;
        assert!(fixture.records.trouble().is_some(), "minute {minute}");
        fixture.clock.advance_micros(WINDOW_MICROS);
    }
    assert!(fixture.records.trouble().unwrap().contains("20 access records wait"));
    fixture.log.set_available(true);
    fixture.turn().await;
    fixture.turn().await;
    fixture.turn().await;
    let written = fixture.written().await;
    assert_eq!(written.iter().map(|(_, count)| count).sum::<u64>(), 200);
    assert_eq!(written.len(), 40, "a first record and one for all that followed, each");
    assert_eq!(fixture.records.trouble(), None);
}

#[tokio::test]
async fn the_outbox_is_bounded_and_what_it_had_no_room_for_is_counted() {
    let fixture = Fixture::new();
    fixture.log.set_available(false);
    let readers = outbox::MAX_WAITING + 500;
    for reader in 0..readers {
        let workspace = format!("w{}", reader % 3);
        fixture.read_of(&workspace, &format!("u{reader}"), "events");
    }
    assert_eq!(fixture.records.0.state.lock().outbox.len(), outbox::MAX_WAITING);
    fixture.log.set_available(true);
    fixture.records.close().await;
    fixture.records.close().await;
    let left = || {
        let state = fixture.records.0.state.lock();
        (state.outbox.len(), state.outbox.lost())
    };
    assert_eq!(left(), (0, 0));
    let watermark = fixture.log.high_watermark(0).await.unwrap();
    assert_eq!(watermark, readers as u64);
}

/// One workspace whose readers were many took all room, and others' records were lost.
#[tokio::test]
async fn one_workspace_leaves_room_for_the_records_of_the_others() {
    let fixture = Fixture::new();
    fixture.log.set_available(false);
    for reader in 0..MAX_WINDOWS_EACH + 10 {
        fixture.read(&format!("u{reader}"), "events");
    }
    fixture.read_of("quiet", "u1", "events");
    let state = fixture.records.0.state.lock();
    assert_eq!(state.windows.len(), MAX_WINDOWS_EACH + 1);
    assert_eq!(state.outbox.len(), outbox::MAX_WAITING_EACH + 1);
    assert_eq!(state.outbox.lost(), 10, "readers without a window");
}

/// They were counted in the metric alone.
#[test]
fn records_refused_for_good_are_told() {
    let mut outbox = outbox::Outbox::default();
    let reader = window::Reader::of(&caller("u1"));
    let event = event::of_one("acme", &reader, AccessKind::TokenMinted, 0, &json!({})).unwrap();
    assert!(outbox.push(&event));
    assert_eq!(outbox.settle(&[outbox::Fate::Refused]), None);
    assert_eq!((outbox.len(), outbox.lost()), (0, 1));
}

#[tokio::test]
async fn the_end_of_the_process_writes_what_was_counted() {
    let fixture = Fixture::new();
    for _ in 0..3 {
        fixture.read("u1", "events");
    }
    let workspace = WorkspaceId::new("acme").unwrap();
    let details = json!({"subject": "u9"});
    fixture.records.record_alone(&caller("u1"), &workspace, AccessKind::TokenMinted, &details);
    fixture.records.close().await;
    assert_eq!(fixture.written().await, owned(&[("u1", 1), ("u1", 0), ("u1", 2)]));
    assert_eq!(fixture.events().await[1].action, "audit_log.token_minted");
}

#[tokio::test]
async fn an_operator_may_have_nothing_recorded() {
    let clock = Arc::new(ManualClock::at_seconds(1));
    let records = AccessLog::off(clock);
    let workspace = WorkspaceId::new("acme").unwrap();
    let filter = FilterHash::of("/events", "");
    let access = Access { kind: AccessKind::Viewed, route: "events", filter };
    records.record(&caller("u1"), &workspace, access);
    records.close().await;
    assert!(records.0.state.lock().windows.is_empty());
}
