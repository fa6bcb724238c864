//! L4: the table's order, and walks that stand still while events come in.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use annals_tests::ending::Ending;
use annals_tests::list::{List, RawPage, micros};
use annals_tests::wait;
use serde_json::json;

use crate::server::{Server, numbered};

#[test]
fn a4_1_newest_first_by_effective_time_then_arrival() {
    let server = Server::with_events(&[
        numbered(5, json!({})),
        numbered(9, json!({})),
        numbered(7, json!({})),
        numbered(7, json!({"metadata": {"n": 70}})),
    ]);
    assert_eq!(server.numbers(""), [9, 70, 7, 5]);
    let rows = server.rows("");
    let numbers: HashSet<_> = rows.iter().map(|row| row["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, HashSet::from([1, 2, 3, 4]), "dense in arrival order");
}

/// Events a second that come in while pages are turned.
const ARRIVING_A_SECOND: u32 = 1_000;
/// How many come in during each walk at least, however fast its pages are turned.
const ARRIVING_PER_WALK: u64 = 1_000;
/// Events of one batch.
const BATCH: u32 = 50;

/// A walk begun before 1,000 events/s come in sees its snapshot, all of it, and nothing newer.
#[test]
fn a4_2_a_walk_is_stable_while_events_come_in() {
    let server = Server::start();
    server.post_all(&(0..1_000).map(tied).collect::<Vec<_>>());
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _over = Ending(&is_over);
        scope.spawn(|| write_until(&is_over, &server));
        for limit in [1, 7, 50, 200, 1000] {
            walk_under_fire(&server, limit);
        }
    });
}

/// Event `n`, with many others of the same time.
fn tied(n: u32) -> serde_json::Value {
    numbered(
        u64::from(n % 300),
        json!({"workspace_id": "acme", "action": "segment.updated", "metadata": {"n": n}}),
    )
}

/// Posts batch after batch at the pace, and at once what is late by it.
fn write_until(is_over: &AtomicBool, server: &Server) {
    let begun = Instant::now();
    for sent in (0_u32..).step_by(BATCH as usize) {
        let due = begun + Duration::from_secs(1) * sent / ARRIVING_A_SECOND;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        let batch: Vec<_> = (0..BATCH).map(|n| tied(1_000 + sent + n)).collect();
        assert_eq!(server.admin.post("/v1/events:batch", &batch.into()).status, 202);
    }
}

/// To the last page and back, and every seq of the snapshot once.
fn walk_under_fire(server: &Server, limit: u64) {
    let begun = Instant::now();
    let query = format!("limit={limit}");
    let seqs = |page: &RawPage| -> Vec<u64> { page.rows().iter().map(|row| row.seq).collect() };
    let mut page = server.list().page(&query);
    let snapshot = page.snapshot["seq"].as_u64().unwrap();
    // Visible by now to a walk that began now.
    let arrived = || server.list().page("limit=1").snapshot["seq"].as_u64().unwrap() - snapshot;
    let until = |count: u64| {
        let enough = || Some(arrived()).filter(|arrived| *arrived >= count);
        wait::until("events to come in during the walk", wait::PATIENCE, enough)
    };
    let follow = |cursor: &str| {
        let page = server.list().follow(&query, cursor);
        assert_eq!(page.snapshot["seq"], snapshot, "another snapshot in mid-walk");
        page
    };
    until(ARRIVING_PER_WALK / 2);
    let mut pages = vec![seqs(&page)];
    while let Some(cursor) = page.page.next.clone() {
        page = follow(&cursor);
        pages.push(seqs(&page));
    }
    until(ARRIVING_PER_WALK);
    for expected in pages.iter().rev().skip(1) {
        page = follow(&page.page.prev.clone().expect("a page before"));
        assert_eq!(seqs(&page), *expected, "backwards by {limit}");
    }
    let (count, took) = (arrived(), begun.elapsed());
    annals_tests::report::line(&format!(
        "{} pages of {limit} there and back: {count} events came in, {:.0} a second",
        pages.len(),
        count as f64 / took.as_secs_f64()
    ));
    let mut seen = pages.concat();
    seen.sort_unstable();
    assert!(snapshot >= 1_000 && seen == (1..=snapshot).collect::<Vec<_>>(), "by {limit}");
}

/// A late event stands at its occurred place on a fresh page, marked; an open walk stays as it is.
#[test]
fn a4_3_a_late_event_takes_its_place_and_disturbs_no_walk() {
    let events: Vec<_> =
        (0..20).map(|n| numbered(n * 10, json!({"metadata": {"n": n * 10}}))).collect();
    let server = Server::with_events(&events);
    let first = server.list().page("limit=5");
    server.post_all(&[numbered(95, json!({}))]);
    let mut numbers = Vec::new();
    let mut next = first.page.next;
    while let Some(cursor) = next {
        let page = server.list().follow("limit=5", &cursor);
        let rows = page
            .data
            .iter()
            .map(|row| serde_json::from_str::<serde_json::Value>(row.get()).unwrap());
        numbers.extend(rows.map(|row| row["metadata"]["n"].as_u64().unwrap()));
        next = page.page.next;
    }
    assert!(!numbers.contains(&95), "{numbers:?}");
    let fresh = server.numbers("limit=100");
    let at = fresh.iter().position(|&n| n == 95).unwrap();
    assert_eq!((fresh[at - 1], fresh[at + 1]), (100, 90));
    let row = server.rows("limit=100").remove(at);
    let late =
        micros(row["recorded_at"].as_str().unwrap()) - micros(row["occurred_at"].as_str().unwrap());
    let shown = row["late_by_seconds"].as_i64().unwrap();
    assert!((shown - late / 1_000_000).abs() <= 1, "{shown} for {late} µs");
}

/// What was acknowledged before a page's `complete_through` is on that page (INV-10), and every
/// acknowledged event is on a page soon.
#[test]
fn a1_2_what_was_acknowledged_before_complete_through_is_on_the_page() {
    let server = Server::start();
    for n in 0..50 {
        assert_eq!(server.admin.post("/v1/events", &event(n)).status, 202);
        let acknowledged = annals_tests::clock::now().timestamp_micros();
        wait::until("the event", wait::PATIENCE, || {
            let page = server.list().page("limit=1");
            let shown =
                page.data.first().is_some_and(|row| row.get().contains(&format!("\"n\":{n}")));
            assert!(shown || page.complete_through() < acknowledged, "event {n} is missing");
            shown.then_some(())
        });
    }
    let other = List::of(&server.admin, "other");
    assert_eq!(other.rows("").len(), 0, "no byte of another workspace");
}

fn event(n: u64) -> serde_json::Value {
    let mut event = numbered(n, json!({"workspace_id": "acme", "action": "segment.updated"}));
    event["metadata"] = json!({"n": n});
    event
}
