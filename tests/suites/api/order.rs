//! L4: the table's order, and walks that stand still while events come in.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// A walk begun before 1,000 events/s come in sees its snapshot, all of it, and nothing newer.
#[test]
fn a4_2_a_walk_is_stable_while_events_come_in() {
    let server = Server::start();
    let first: Vec<_> =
        (0..1000).map(|n| numbered(n % 300, json!({"metadata": {"n": n}}))).collect();
    server.post_all(&first);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut n = 1000;
            while !done.load(Ordering::Relaxed) {
                let batch: Vec<_> =
                    (n..n + 50).map(|n| numbered(n % 300, json!({"metadata": {"n": n}}))).collect();
                server.post_all(&batch);
                n += 50;
            }
            n
        });
        for limit in [1, 7, 50, 1000] {
            let query = format!("limit={limit}");
            let seqs = |page: &RawPage| -> Vec<u64> { page.rows().iter().map(|r| r.seq).collect() };
            let mut page = server.list().page(&query);
            let snapshot = page.snapshot["seq"].as_u64().unwrap();
            let mut pages = vec![seqs(&page)];
            let follow = |cursor: &str| {
                let page = server.list().follow(&query, cursor);
                assert_eq!(page.snapshot["seq"], snapshot, "another snapshot in mid-walk");
                page
            };
            while let Some(cursor) = page.page.next.clone() {
                page = follow(&cursor);
                pages.push(seqs(&page));
            }
            for expected in pages.iter().rev().skip(1) {
                page = follow(&page.page.prev.clone().expect("a page before"));
                assert_eq!(seqs(&page), *expected, "backwards by {limit}");
            }
            let mut seen = pages.concat();
            seen.sort_unstable();
            assert!(snapshot >= 1000 && seen == (1..=snapshot).collect::<Vec<_>>());
        }
        done.store(true, Ordering::Relaxed);
        assert!(writer.join().unwrap() > 1000, "nothing was written meanwhile");
    });
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
