//! Conditions on the context, which is in the records alone.

use annals_schemas::Context;

use super::oracle::expected;
use super::reader::{fold, known_events, open, reader, request, seal};
use crate::StoreError;
use crate::fixture::{self, Dice};
use crate::query::{Budget, Direction, Filter, PageRequest};

const EVENTS: u64 = 1_000;
/// What testing the records of one part takes.
const PART_STEPS: u64 = 200 * 100;

/// Events of one workspace; each so many of them have a request id.
fn records(each: u64) -> Vec<annals_schemas::Record> {
    let mut dice = Dice::new(11);
    let record = |number: u64| {
        let mut event = fixture::event(&mut dice, u128::from(number) + 1);
        event.workspace_id = fixture::workspace(0);
        let id = number.is_multiple_of(each).then(|| "r-1".to_owned());
        event.context = Context { request_id: id, ..Context::default() };
        fixture::record(&event, number)
    };
    (0..EVENTS).map(record).collect()
}

/// A walk comes to an end though no part of it may test more than its share of the records; parts
/// without a row are not taken for the end.
#[tokio::test]
async fn a_walk_for_what_is_rare_is_made_in_parts() {
    for (each, limit) in [(1, 30), (7, 30), (399, 30), (EVENTS, 1), (u64::MAX, 30)] {
        let records = records(each);
        let store = open().await;
        fold(&store, &records[..700]);
        seal(&store).await;
        fold(&store, &records[700..]);
        let text = if each == u64::MAX { "r-2" } else { "r-1" };
        let filter = Filter { request_ids: vec![text.into()], ..Filter::default() };
        let (reader, mut parts) = (reader(&store, 0), 0_usize);
        let mut request = PageRequest {
            snapshot: Some(EVENTS),
            budget: Budget::steps(PART_STEPS),
            ..request(&filter, Direction::Older, limit)
        };
        let (mut seqs, mut empty) = (Vec::new(), 0);
        loop {
            let part = reader.walk_part(&request, usize::MAX, |row| row.seq).unwrap();
            (parts, empty) = (parts + 1, empty + usize::from(part.rows.is_empty()));
            assert!(part.rows.len() <= limit);
            seqs.extend(part.rows);
            let Some(after) = part.after else { break };
            request.after = Some(after);
        }
        let all = Filter::default();
        let known = known_events(&records, 0);
        let wanted: Vec<u64> = expected(&all, &known, EVENTS)
            .iter()
            .filter(|known| known.event.context.request_id.as_deref() == Some(text))
            .map(|known| known.key.seq)
            .collect();
        assert_eq!(seqs, wanted, "one in {each}");
        assert!(parts >= 5, "{parts} parts for one in {each}");
        assert!(each < 399 || empty > 0, "one in {each}");
    }
}

/// A part ends at its bytes, and the next one begins with the row after its last.
#[tokio::test]
async fn a_part_ends_at_its_bytes() {
    let records = records(3);
    let store = open().await;
    fold(&store, &records);
    let reader = reader(&store, 0);
    for request_ids in [Vec::new(), vec!["r-1".to_owned()]] {
        let filter = Filter { request_ids, ..Filter::default() };
        let mut request =
            PageRequest { snapshot: Some(EVENTS), ..request(&filter, Direction::Older, 1_000) };
        let whole: Vec<u64> =
            reader.page(&request).unwrap().rows.iter().map(|row| row.seq).collect();
        let mut seqs = Vec::new();
        loop {
            let part = reader.walk_part(&request, 1, |row| row.seq).unwrap();
            assert!(part.rows.len() <= 1, "{:?}", part.rows);
            seqs.extend(part.rows);
            let Some(after) = part.after else { break };
            request.after = Some(after);
        }
        assert_eq!(seqs, whole);
    }
}

/// After a restart the tail is folded again: a walk that goes on before it is must wait, and must
/// not take what is not there yet for its end.
#[tokio::test]
async fn a_walk_does_not_end_where_its_snapshot_is_not_folded_yet() {
    let reader = reader(&open().await, 0);
    for request_ids in [Vec::new(), vec!["r-1".to_owned()]] {
        let filter = Filter { request_ids, ..Filter::default() };
        let ask = |snapshot| {
            let request = PageRequest { snapshot, ..request(&filter, Direction::Older, 30) };
            reader.walk_part(&request, usize::MAX, |row| row.seq)
        };
        let part = ask(None).unwrap();
        assert_eq!((part.rows, part.after), (Vec::new(), None), "a workspace without a record");
        let error = ask(Some(7)).unwrap_err();
        assert!(matches!(error, StoreError::NotCaughtUp { asked: 7, reached: 0 }), "{error}");
    }
}
