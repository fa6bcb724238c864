//! Folding, sealing and opening again.

use std::panic::AssertUnwindSafe;

use annals_schemas::Header;
use futures::FutureExt;
use proptest::prelude::*;

use super::harness::{LOG_ID, Setup, compact, decoded, fill, fold, open, rest, seal, segments};
use super::seen::{Seen, assert_same, seen, try_locate_all};
use crate::fixture::{self, Dice, log};
use crate::partition::PartitionStore;
use crate::partition::build::{build, read_back, verify};
use crate::partition::frozen::Frozen;
use crate::partition::tail::Tail;
use crate::storage::{Boundary, Storage};
use crate::{StoreError, evidence};

/// The uninterrupted run that everything is compared with.
async fn reference(records: &[annals_schemas::Record]) -> Seen {
    let store = open(&Storage::memory()).await;
    fold(&store, records);
    seen(&store)
}

/// From one record at a time to all at once: the same rows, codes, counts and root.
#[tokio::test]
async fn every_batch_size_gives_the_same_root() {
    let records = log(17, 400);
    let reference = reference(&records).await;
    for size in [1, 2, 3, 7, 64, 399, 400] {
        let store = open(&Storage::memory()).await;
        for batch in records.chunks(size) {
            fold(&store, batch);
        }
        assert_same(&store, &reference, "live");
        seal(&store).await.unwrap();
        assert_same(&store, &reference, "sealed");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// INV-5: batches, seals, merges and reopening change nothing: not a row, a code, a count or a
    /// root.
    #[test]
    fn any_batching_gives_the_same_rows_codes_and_root(seed in any::<u64>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let records = log(seed, 400);
            let reference = reference(&records).await;
            let storage = Storage::memory();
            let mut store = open(&storage).await;
            let mut dice = Dice::new(seed ^ 1);
            let mut pending = None;
            loop {
                let left = rest(&store, &records);
                if left.is_empty() {
                    break;
                }
                let count = usize::try_from(1 + dice.below(60)).unwrap().min(left.len());
                fold(&store, &left[..count]);
                match dice.below(8) {
                    0 | 1 => seal(&store).await.unwrap(),
                    2 => {
                        pending = None;
                        store = open(&storage).await;
                    }
                    3 | 4 => { compact(&store).await.unwrap(); }
                    5 => pending = store.freeze().or(pending),
                    _ => {}
                }
                if dice.below(2) == 0 && let Some(job) = pending.take() {
                    store.commit(&mut job.build(&store).unwrap()).await.unwrap();
                }
            }
            assert_same(&store, &reference, "live");
            if let Some(job) = pending.take() {
                store.commit(&mut job.build(&store).unwrap()).await.unwrap();
            }
            seal(&store).await.unwrap();
            assert_same(&store, &reference, "sealed");
            while compact(&store).await.unwrap().is_some() {}
            assert_same(&store, &reference, "merged");
            try_locate_all(&store, &reference).unwrap();
            assert_same(&open(&storage).await, &reference, "reopened");
        });
    }
}

#[tokio::test]
async fn a_crash_at_any_boundary_loses_and_doubles_nothing() {
    let records = log(7, 300);
    let reference = reference(&records).await;
    let boundaries = [
        Boundary::SegmentWritten,
        Boundary::SegmentSynced,
        Boundary::ManifestCreated,
        Boundary::SegmentOpened,
    ];
    for boundary in boundaries {
        let storage = Storage::memory();
        let store = Setup::crashing_at(&storage, boundary).open().await;
        fold(&store, &records[..200]);
        let outcome = AssertUnwindSafe(seal(&store)).catch_unwind().await;
        assert!(outcome.is_err(), "{boundary:?} is reached");
        drop(store);
        let store = open(&storage).await;
        fold(&store, rest(&store, &records));
        seal(&store).await.unwrap();
        assert_same(&store, &reference, boundary.as_str());
        let before = segments(&storage).await;
        let store = open(&storage).await;
        let left = segments(&storage).await;
        assert_same(&store, &reference, boundary.as_str());
        let orphans = usize::from(boundary == Boundary::SegmentSynced);
        assert_eq!(before.len() - left.len(), orphans, "{boundary:?}: orphans are swept");
    }
}

#[tokio::test]
async fn the_loser_of_a_race_reloads_and_goes_on() {
    let records = log(11, 300);
    let reference = reference(&records).await;
    let storage = Storage::memory();
    let (winner, loser) = (open(&storage).await, open(&storage).await);
    fold(&winner, &records[..150]);
    fold(&loser, &records[..100]);
    seal(&winner).await.unwrap();
    let job = loser.freeze().unwrap();
    let lost = loser.commit(&mut job.build(&loser).unwrap()).await.unwrap_err();
    assert!(matches!(lost, StoreError::Superseded { number: 0, .. }), "{lost}");
    assert!(lost.is_retryable());
    loser.reopen().await.unwrap();
    assert_eq!(loser.next_offset(), Some(records[149].position.offset + 1));
    let stale = loser.commit(&mut job.build(&loser).unwrap()).await.unwrap_err();
    assert!(matches!(stale, StoreError::Superseded { .. }), "{stale}");
    fold(&loser, rest(&loser, &records));
    seal(&loser).await.unwrap();
    assert_same(&loser, &reference, "loser");
    assert_same(&open(&storage).await, &reference, "reopened");
}

#[tokio::test]
async fn readers_see_a_frozen_tail_once() {
    let records = log(3, 200);
    let reference = reference(&records).await;
    let store = open(&Storage::memory()).await;
    fold(&store, &records[..120]);
    let before = store.sealed("w0").unwrap();
    let job = store.freeze().unwrap();
    assert!(store.freeze().is_none(), "one seal at a time");
    fold(&store, &records[120..]);
    assert_same(&store, &reference, "frozen and live");
    let frozen = store.sealed("w0").unwrap();
    assert!(frozen.version > before.version && !frozen.frozen.is_empty());
    store.commit(&mut job.build(&store).unwrap()).await.unwrap();
    let sealed = store.sealed("w0").unwrap();
    assert!(sealed.version > frozen.version && sealed.frozen.is_empty());
    assert_eq!((frozen.groups.len(), sealed.groups.len()), (0, 1));
    assert_same(&store, &reference, "sealed and live");
}

#[tokio::test]
async fn opening_finds_what_the_directories_say() {
    let records = log(23, 400);
    let storage = Storage::memory();
    let store = open(&storage).await;
    assert!(store.sealed("w0").is_none());
    assert_eq!(store.next_offset(), None);
    fill(&store, &records, 50).await;
    let opened = open(&storage).await;
    assert_eq!(opened.accounting(), store.accounting());
    assert_eq!(opened.accounting().committed, records[399].position.offset + 1);
    assert_eq!((opened.tail_bytes(), opened.live_segments()), (0, 8));
    for number in 0..3 {
        let id = fixture::workspace(number);
        assert_eq!(opened.figures(id.as_str()), store.figures(id.as_str()));
    }
}

#[tokio::test]
async fn the_last_folded_record_is_recognised_and_another_is_not() {
    let records = log(5, 50);
    let storage = Storage::memory();
    let store = open(&storage).await;
    assert_eq!(store.last_folded(), None);
    fold(&store, &records);
    seal(&store).await.unwrap();
    let store = open(&storage).await;
    let last = store.last_folded().unwrap();
    assert_eq!(last.offset(), records[49].position.offset);
    store.confirm(&last, &records[49]).unwrap();
    let altered = annals_schemas::Record { timestamp_ms: 1, ..records[49].clone() };
    let refused = store.confirm(&last, &altered).unwrap_err();
    assert!(matches!(refused, StoreError::LogRewritten { .. }), "{refused}");
}

/// A record keyed `other` whose event said `acme` was shown, bytes and all, to an admin of `other`.
#[tokio::test]
async fn a_record_that_names_another_workspace_is_shown_to_nobody() {
    let event = fixture::event(&mut Dice::new(1), 1);
    let mut record = fixture::record(&event, 0);
    record.key = Some("other".into());
    let storage = Storage::memory();
    let store = open(&storage).await;
    fold(&store, &[record]);
    seal(&store).await.unwrap();
    for store in [store, open(&storage).await] {
        for owner in ["other", event.workspace_id.as_str()] {
            let sources = store.quarantined(Some(owner), u64::MAX, 10);
            assert!(sources.in_memory.is_empty(), "{owner}");
            assert_eq!(store.figures(owner).1.records(), 0, "{owner}");
        }
        assert_eq!(seen(&store).nobodys, [(0, "key-mismatch")]);
    }
}

#[tokio::test]
async fn an_event_seen_in_any_part_of_history_is_a_duplicate() {
    let records = log(41, 120);
    let store = open(&Storage::memory()).await;
    fold(&store, &records[..40]);
    seal(&store).await.unwrap();
    fold(&store, &records[40..80]);
    let job = store.freeze().unwrap();
    fold(&store, &records[80..]);
    let before = store.accounting().counts;
    let mut next = records[119].position.offset;
    let again: Vec<_> = records
        .iter()
        .map(|record| {
            next += 1;
            let mut record = record.clone();
            record.position.offset = next;
            record
        })
        .collect();
    fold(&store, &again);
    let after = store.accounting().counts;
    assert_eq!(after.visible, before.visible, "from a segment, a frozen tail and the live one");
    store.commit(&mut job.build(&store).unwrap()).await.unwrap();
    assert_eq!(store.fold(decoded(&[])).unwrap().counts.records(), 0);
}

#[tokio::test]
async fn what_is_folded_does_not_depend_on_how_many_are_folded_at_once() {
    let records = log(31, 400);
    let (mut segments_of, mut heads) = (Vec::new(), Vec::new());
    for at_once in [1, 3, 64, 400] {
        let storage = Storage::memory();
        let store = open(&storage).await;
        for half in records.chunks(records.len() / 2) {
            half.chunks(at_once).for_each(|piece| fold(&store, piece));
            seal(&store).await.unwrap();
        }
        let sealed = store.sealed_segments();
        let places: Vec<_> = sealed.iter().map(|of| of.places().unwrap()).collect();
        segments_of.push(places);
        let accounting = store.accounting();
        heads.push((accounting.counts, accounting.tree));
    }
    assert!(segments_of.iter().all(|places| *places == segments_of[0]));
    assert!(heads.iter().all(|head| *head == heads[0]), "{heads:?}");
}

#[tokio::test]
async fn sealed_names_are_visited_from_any_code_on() {
    let records = log(29, 300);
    let store = open(&Storage::memory()).await;
    assert_eq!(store.sealed_workspaces(), []);
    fold(&store, &records[..200]);
    assert_eq!(store.sealed_workspaces(), [], "names of a tail are not given out");
    let job = store.freeze().unwrap();
    assert_eq!(store.sealed_workspaces(), []);
    store.commit(&mut job.build(&store).unwrap()).await.unwrap();
    fold(&store, &records[200..]);
    let workspaces = store.sealed_workspaces();
    assert_eq!(workspaces.len(), 3);
    for (id, names) in workspaces {
        let mut visited = Vec::new();
        let next = store.visit_sealed_names(&id, 2, &mut |code, folded| {
            visited.push((code, folded.to_owned()));
        });
        assert_eq!(next.unwrap(), names);
        let expected = store.with_live(&id, |live| {
            let name = |code| (code, live.catalog.name(code).unwrap().folded.to_owned());
            (2..names).map(name).collect::<Vec<_>>()
        });
        assert_eq!(visited, expected.unwrap());
        assert_eq!(
            store.visit_sealed_names(&id, names, &mut |_, _| panic!("{id}")).unwrap(),
            names
        );
    }
}

#[tokio::test]
async fn a_leaf_is_the_same_wherever_its_row_is() {
    let records = log(31, 90);
    let store = open(&Storage::memory()).await;
    fill(&store, &records[..60], 20).await;
    fold(&store, &records[60..]);
    let mut tree = evidence::Tree::default();
    let (mut previous, mut of_key) = (None, std::collections::HashMap::new());
    for record in &records {
        let owner = annals_schemas::WorkspaceId::from_key(record.key.as_deref().unwrap_or(b"!"));
        let before = owner.and_then(|id| of_key.insert(id, record.position.offset));
        let entry = evidence::Entry::new(record, &LOG_ID, previous, before);
        tree.append(entry.leaf());
        previous = Some(record.position.offset);
    }
    assert_eq!(store.accounting().tree, tree.head());
}

/// What lies in memory of these records, frozen, and where it is built.
async fn frozen(records: &[annals_schemas::Record]) -> (Frozen, PartitionStore) {
    let store = open(&Storage::memory()).await;
    fold(&store, records);
    let frozen = {
        let mut state = store.state.write();
        let tail = std::mem::replace(&mut state.tail, Tail::starting_at(0));
        Frozen::new(tail, &mut state.projection)
    };
    (frozen, store)
}

#[tokio::test]
async fn a_row_that_does_not_come_back_is_seen_before_it_is_published() {
    let records = fixture::people_log(4, 300);
    let (folded, store) = frozen(&records).await;
    let mut candidate = build(&folded, &store.shared, 0).unwrap();
    let reader = verify(&mut candidate, &store.shared, 0).unwrap();
    read_back(&reader, &folded.in_segment_order()).unwrap();

    let mut other = records.clone();
    let more = |headers: &[Header]| [headers, &[Header::new("x", "1")]].concat();
    other.iter_mut().for_each(|record| record.headers = more(&record.headers).into());
    let (folded, _store) = frozen(&other).await;
    let refused = read_back(&reader, &folded.in_segment_order()).unwrap_err();
    let refused = refused.to_string();
    assert!(refused.contains("does not come back as it came"), "{refused}");
    assert!(refused.contains("the row of offset "), "{refused}");
}
