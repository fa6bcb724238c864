//! Merging segments: nothing that is read changes, whatever happens on the way.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt;

use super::harness::{GRACE, Setup, compact, fill, fold, open, rest, seal, segments};
use super::seen::{assert_same, seen, try_locate_all};
use crate::fixture::people_log as log;
use crate::partition::{Compaction, Removed};
use crate::storage::{Boundary, BoundaryHook, Storage};

#[tokio::test]
async fn merged_segments_show_the_same() {
    let records = log(3, 400);
    let storage = Storage::memory();
    let store = open(&storage).await;
    fill(&store, &records, 10).await;
    let before = seen(&store);
    let count = store.live_segments();
    let job = store.compact_plan().unwrap();
    assert_eq!((job.input_count(), job.records()), (3, 30));
    while compact(&store).await.unwrap().is_some() {}
    assert!(store.live_segments() < count / 4, "{}", store.live_segments());
    assert_same(&store, &before, "merged");
    try_locate_all(&store, &before).unwrap();
    assert_same(&open(&storage).await, &before, "reopened");
}

#[tokio::test]
async fn a_crash_at_any_boundary_of_a_compaction_changes_nothing() {
    let records = log(19, 260);
    let boundaries = [
        Boundary::CompactionWritten,
        Boundary::CompactionSynced,
        Boundary::CompactionPublished,
        Boundary::CompactionOpened,
    ];
    for boundary in boundaries {
        let storage = Storage::memory();
        let armed = Arc::new(AtomicBool::new(false));
        let trap = armed.clone();
        let hook = BoundaryHook::new(move |reached| {
            assert!(reached != boundary || !trap.load(Ordering::SeqCst), "crash");
        });
        let setup = Setup { boundary: hook, ..Setup::new(&storage) };
        let store = setup.open().await;
        fill(&store, &records[..200], 20).await;
        let before = seen(&store);
        armed.store(true, Ordering::SeqCst);
        let outcome = AssertUnwindSafe(compact(&store)).catch_unwind().await;
        assert!(outcome.is_err(), "{boundary:?} is reached");
        drop(store);
        armed.store(false, Ordering::SeqCst);
        let files = segments(&storage).await.len();
        let store = setup.open().await;
        assert_same(&store, &before, boundary.as_str());
        fold(&store, &records[200..]);
        seal(&store).await.unwrap();
        while compact(&store).await.unwrap().is_some() {}
        setup.clock.pass(GRACE);
        store.remove_retired(setup.clock.now()).await.unwrap();
        let whole = seen(&store);
        assert_same(&setup.open().await, &whole, boundary.as_str());
        assert_eq!(
            files,
            10 + usize::from(boundary != Boundary::CompactionWritten),
            "{boundary:?}"
        );
        let left = segments(&storage).await.len();
        assert_eq!(left, store.live_segments(), "{boundary:?}: nothing is left behind");
    }
}

#[tokio::test]
async fn a_compaction_and_a_seal_publish_in_either_order() {
    let records = log(37, 300);
    for seal_first in [true, false] {
        let storage = Storage::memory();
        let store = open(&storage).await;
        fill(&store, &records[..120], 20).await;
        fold(&store, &records[120..200]);
        let sealing = store.freeze().unwrap();
        fold(&store, &records[200..]);
        let whole = seen(&store);
        let merging = store.compact_plan().unwrap();
        let mut built = sealing.build(&store).unwrap();
        let mut merged = merging.build(&store).unwrap();
        if seal_first {
            store.commit(&mut built).await.unwrap();
        }
        let outcome = store.commit_compaction(&mut merged).await.unwrap();
        assert_eq!(outcome, Compaction::Published);
        assert_same(&store, &whole, "merged");
        if !seal_first {
            store.commit(&mut built).await.unwrap();
        }
        assert_same(&store, &whole, "sealed");
        seal(&store).await.unwrap();
        assert_same(&open(&storage).await, &whole, "reopened");
    }
}

#[tokio::test]
async fn seals_and_compactions_at_the_same_time_wait_for_each_other() {
    let records = log(43, 600);
    let storage = Storage::memory();
    let store = Arc::new(open(&storage).await);
    let merging = async {
        let mut merges = 0;
        while merges < 8 {
            merges += usize::from(compact(&store).await.unwrap() == Some(Compaction::Published));
            tokio::task::yield_now().await;
        }
    };
    let sealing = async {
        for piece in records.chunks(10) {
            fold(&store, piece);
            seal(&store).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(sealing, merging);
    let reference = open(&Storage::memory()).await;
    fold(&reference, &records);
    let reference = seen(&reference);
    assert_same(&store, &reference, "live");
    assert_same(&open(&storage).await, &reference, "reopened");
}

#[tokio::test]
async fn a_compaction_whose_inputs_are_gone_gives_up() {
    let records = log(47, 200);
    let storage = Storage::memory();
    let store = open(&storage).await;
    fill(&store, &records, 20).await;
    let whole = seen(&store);
    let job = store.compact_plan().unwrap();
    let (mut first, mut second) = (job.build(&store).unwrap(), job.build(&store).unwrap());
    assert_eq!(store.commit_compaction(&mut first).await.unwrap(), Compaction::Published);
    assert_eq!(store.commit_compaction(&mut second).await.unwrap(), Compaction::GivenUp);
    let stale = store.compact_plan().unwrap();
    store.reopen().await.unwrap();
    let outcome = store.commit_compaction(&mut stale.build(&store).unwrap()).await.unwrap();
    assert_eq!(outcome, Compaction::GivenUp, "planned before the partition was read anew");
    assert_same(&store, &whole, "given up");
}

#[tokio::test]
async fn a_compaction_gives_way_to_another_writer() {
    let records = log(53, 240);
    let storage = Storage::memory();
    let store = open(&storage).await;
    fill(&store, &records[..200], 20).await;
    let other = open(&storage).await;
    fold(&other, &records[200..]);
    seal(&other).await.unwrap();
    let job = store.compact_plan().unwrap();
    let outcome = store.commit_compaction(&mut job.build(&store).unwrap()).await.unwrap();
    assert_eq!(outcome, Compaction::GivenUp);
    assert_same(&open(&storage).await, &seen(&other), "the other's");
    store.reopen().await.unwrap();
    assert_same(&store, &seen(&other), "reopened");
}

#[tokio::test]
async fn replaced_segments_stay_for_the_grace_period() {
    let records = log(59, 200);
    let storage = Storage::memory();
    let setup = Setup::new(&storage);
    let store = setup.open().await;
    fill(&store, &records[..160], 20).await;
    let pinned = store.sealed("w0").unwrap();
    let rows = |group: &crate::partition::SealedGroup| {
        group.segment.row(group.group, 0, &mut Default::default()).map(|row| row.offset)
    };
    let before: Vec<_> = pinned.groups.iter().map(|group| rows(group).unwrap()).collect();
    compact(&store).await.unwrap().unwrap();
    let inputs = 8 - (store.live_segments() - 1);
    assert_eq!(segments(&storage).await.len(), 9);
    setup.clock.pass(GRACE - Duration::from_secs(1));
    assert_eq!(store.remove_retired(setup.clock.now()).await.unwrap().segments, 0);
    setup.open().await;
    assert_eq!(segments(&storage).await.len(), 9, "a sweep respects the list");
    setup.clock.pass(Duration::from_secs(1));
    let removed = store.remove_retired(setup.clock.now()).await.unwrap();
    assert_eq!(removed.segments, inputs);
    assert_eq!(segments(&storage).await.len(), store.live_segments());
    assert_eq!(store.remove_retired(setup.clock.now()).await.unwrap(), Removed::default());
    let after: Vec<_> = pinned.groups.iter().map(|group| rows(group).unwrap()).collect();
    assert_eq!(before, after, "who holds the inputs keeps them");
    let again = setup.open().await;
    assert_eq!(again.remove_retired(setup.clock.now()).await.unwrap().segments, inputs, "listed");
    fold(&store, rest(&store, &records));
    seal(&store).await.unwrap();
    let again = setup.open().await;
    assert_eq!(again.remove_retired(setup.clock.now()).await.unwrap().segments, 0, "no longer");
    assert_same(&again, &seen(&store), "reopened");
}

#[tokio::test]
async fn a_merged_segment_another_writer_is_about_to_publish_is_not_swept() {
    let records = log(61, 200);
    let storage = Storage::memory();
    let setup = Setup::new(&storage);
    let store = setup.open().await;
    fill(&store, &records[..160], 20).await;
    let whole = seen(&store);
    let other = Arc::new(parking_lot::Mutex::new(None));
    let opened = other.clone();
    let again = setup.clone();
    // Opens the store between the other's storing and publishing.
    let hook = BoundaryHook::new(move |reached| {
        if reached == Boundary::CompactionSynced {
            let second = again.open().now_or_never().expect("memory answers at once");
            *opened.lock() = Some(second);
        }
    });
    let writer = Setup { boundary: hook, ..setup.clone() }.open().await;
    assert_eq!(compact(&writer).await.unwrap(), Some(Compaction::Published));
    assert_same(&setup.open().await, &whole, "what was published is there");
    let second = other.lock().take().unwrap();
    second.remove_retired(setup.clock.now()).await.unwrap();
    assert_same(&setup.open().await, &whole, "still");
}

#[tokio::test]
async fn old_manifests_are_removed_except_the_first_and_the_head() {
    let records = log(67, 200);
    let storage = Storage::memory();
    let setup = Setup::new(&storage);
    let store = setup.open().await;
    fill(&store, &records[..100], 20).await;
    setup.clock.pass(GRACE);
    fill(&store, &records[100..], 20).await;
    setup.clock.pass(Duration::from_secs(1));
    let removed = store.remove_retired(setup.clock.now()).await.unwrap();
    assert_eq!(removed, Removed { segments: 0, manifests: 4 });
    let manifests = storage.list("partitions/0/manifests").await.unwrap();
    let number = |path: &String| path[path.len() - 7..path.len() - 5].parse::<u64>().unwrap();
    assert_eq!(manifests.iter().map(number).collect::<Vec<_>>(), [0, 5, 6, 7, 8, 9]);
    setup.clock.pass(GRACE * 2);
    assert_eq!(store.remove_retired(setup.clock.now()).await.unwrap().manifests, 4);
    assert_same(&setup.open().await, &seen(&store), "reopened");
}

/// A writer that slept until its number was published by another and removed again found the name
/// free: its rows were called committed, and the chain had gone on without them.
#[tokio::test]
async fn a_writer_that_slept_past_the_removal_of_manifests_has_lost() {
    let records = log(71, 200);
    let storage = Storage::memory();
    let setup = Setup::new(&storage);
    let store = setup.open().await;
    fill(&store, &records[..20], 20).await;
    let sleeper = setup.open().await;
    fold(&sleeper, &records[20..60]);
    fill(&store, &records[20..180], 20).await;
    setup.clock.pass(GRACE * 2);
    store.remove_retired(setup.clock.now()).await.unwrap();
    let lost = seal(&sleeper).await.unwrap_err();
    assert!(matches!(lost, crate::StoreError::Superseded { number: 8, .. }), "{lost}");
    sleeper.reopen().await.unwrap();
    assert_same(&sleeper, &seen(&store), "reopened");
    fold(&sleeper, rest(&sleeper, &records));
    seal(&sleeper).await.unwrap();
    assert_same(&setup.open().await, &seen(&sleeper), "goes on");
}
