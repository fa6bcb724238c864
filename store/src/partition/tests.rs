//! The commit protocol: whatever is sealed, stopped or repeated, the fold comes to the same.

use std::panic::AssertUnwindSafe;

use proptest::prelude::*;

use crate::fixture::{self, Dice, fold, log, open, open_with, rest, seal};
use crate::{
    Accounting, Boundary, BoundaryHook, CountMode, Direction, Filter, PageRequest, Storage, Store,
    StoreError,
};

/// Everything a reader can see: seq, id, offset, and the names as of reading, newest first.
type Seen = Vec<(u64, u128, u64, Vec<(Option<String>, bool)>)>;

fn seen(store: &Store) -> Vec<Seen> {
    (0..3).map(|number| rows(store, number)).collect()
}

fn rows(store: &Store, workspace: u64) -> Seen {
    let reader = store.workspace(&fixture::workspace(workspace));
    let request = PageRequest {
        filter: &Filter::default(),
        direction: Direction::Older,
        after: None,
        limit: 100_000,
        snapshot: None,
        count: CountMode::Exact,
        max_rows: u64::MAX,
    };
    let page = reader.page(&request).unwrap();
    assert_eq!(page.total.unwrap().value, page.rows.len() as u64);
    let names = |row: &crate::Row| {
        row.resources.iter().map(|now| (now.current_name.clone(), now.deleted)).collect()
    };
    page.rows
        .iter()
        .map(|row| (row.seq, row.event_id().as_u128(), row.position.offset, names(row)))
        .collect()
}

fn figures(store: &Store) -> Accounting {
    Accounting { committed: 0, ..store.accounting().remove(0) }
}

fn refused(store: &Store) -> Vec<(u64, &'static str)> {
    let owned = (0..3).flat_map(|number| {
        let reader = store.workspace(&fixture::workspace(number));
        reader.quarantine(None, 100_000).unwrap().rows
    });
    let ownerless = store.ownerless(0, None, 100_000).unwrap().rows;
    let mut all: Vec<_> = owned
        .chain(ownerless)
        .map(|row| (row.position.offset, row.refusal.reason.as_str()))
        .collect();
    all.sort_unstable();
    all
}

/// The uninterrupted run that everything is compared with.
async fn reference(records: &[annals_schemas::Record]) -> Store {
    let store = open(&Storage::memory()).await;
    fold(&store, records);
    store
}

fn assert_same(store: &Store, reference: &Store, what: &str) {
    assert_eq!(figures(store), figures(reference), "{what}");
    assert_eq!(seen(store), seen(reference), "{what}");
    assert_eq!(refused(store), refused(reference), "{what}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// INV-5: batches, seals and reopening change nothing.
    #[test]
    fn any_batching_gives_the_same_rows_and_root(seed in any::<u64>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let records = log(seed, 400);
            let reference = reference(&records).await;
            let storage = Storage::memory();
            let mut store = open(&storage).await;
            let mut dice = Dice::new(seed ^ 1);
            loop {
                let left = rest(&store, &records);
                if left.is_empty() {
                    break;
                }
                let count = usize::try_from(1 + dice.below(90)).unwrap().min(left.len());
                fold(&store, &left[..count]);
                match dice.below(4) {
                    0 => seal(&store).await.unwrap(),
                    1 => store = open(&storage).await,
                    _ => {}
                }
            }
            assert_same(&store, &reference, "live");
            seal(&store).await.unwrap();
            assert_same(&store, &reference, "sealed");
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
        let crash = BoundaryHook::new(move |reached| assert!(reached != boundary, "crash"));
        let store = open_with(&storage, crash).await;
        fold(&store, &records[..200]);
        let crashed = AssertUnwindSafe(seal(&store));
        let outcome = futures::FutureExt::catch_unwind(crashed).await;
        assert!(outcome.is_err(), "{boundary:?} is reached");
        drop(store);
        let store = open(&storage).await;
        fold(&store, rest(&store, &records));
        seal(&store).await.unwrap();
        assert_same(&store, &reference, boundary.as_str());
        let segments = storage.list("partitions/0/segments").await.unwrap();
        let store = open(&storage).await;
        let left = storage.list("partitions/0/segments").await.unwrap();
        assert_same(&store, &reference, boundary.as_str());
        let orphans = usize::from(boundary == Boundary::SegmentSynced);
        assert_eq!(segments.len() - left.len(), orphans, "{boundary:?}: orphans are swept");
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
    let lost = seal(&loser).await.unwrap_err();
    assert!(matches!(lost, StoreError::Superseded { number: 0, .. }), "{lost}");
    assert!(lost.is_retryable());
    loser.partition(0).unwrap().reopen().await.unwrap();
    assert_eq!(loser.partition(0).unwrap().next_offset(), Some(records[149].position.offset + 1));
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
    let partition = store.partition(0).unwrap();
    let job = partition.freeze().unwrap();
    assert!(partition.freeze().is_none(), "one seal at a time");
    fold(&store, &records[120..]);
    assert_same(&store, &reference, "frozen and live");
    partition.commit(&mut job.build(partition).unwrap()).await.unwrap();
    assert_same(&store, &reference, "sealed and live");
}

#[tokio::test]
async fn the_last_folded_record_is_recognised_and_another_is_not() {
    let records = log(5, 50);
    let storage = Storage::memory();
    let store = open(&storage).await;
    assert_eq!(store.partition(0).unwrap().last_folded(), None);
    fold(&store, &records);
    seal(&store).await.unwrap();
    let store = open(&storage).await;
    let partition = store.partition(0).unwrap();
    let last = partition.last_folded().unwrap();
    assert_eq!(last.offset(), records[49].position.offset);
    partition.confirm(&last, &records[49]).unwrap();
    let altered = annals_schemas::Record { timestamp_ms: 1, ..records[49].clone() };
    let refused = partition.confirm(&last, &altered).unwrap_err();
    assert!(matches!(refused, StoreError::LogRewritten { .. }), "{refused}");
}

#[tokio::test]
async fn another_log_or_partition_count_is_refused() {
    let storage = Storage::memory();
    open(&storage).await;
    let with = |topic: &str, partitions| crate::LogIdentity {
        topic: topic.into(),
        partitions,
        cluster_id: None,
        topic_id: None,
    };
    let options = || crate::StoreOptions {
        cache_bytes: 0,
        boundary: BoundaryHook::default(),
        random: fixture::random,
    };
    let changed = Store::open(storage.clone(), with("t", 2), options()).await.err().unwrap();
    assert_eq!(changed.to_string(), "PartitionsChanged: the log had 1 partitions, now it has 2");
    let foreign = Store::open(storage, with("u", 1), options()).await.err().unwrap();
    assert!(matches!(foreign, StoreError::ForeignLog { what: "topic", .. }), "{foreign}");
}

/// INV-7: one flipped bit anywhere in a segment is an error that names the file, or changes nothing
/// that was read; never another answer.
#[tokio::test]
async fn a_flipped_bit_is_never_served() {
    let records = log(13, 300);
    let reference = reference(&records).await;
    let storage = Storage::memory();
    let store = open(&storage).await;
    fold(&store, &records);
    seal(&store).await.unwrap();
    let path = storage.list("partitions/0/segments").await.unwrap().remove(0);
    let bytes = storage.get(&path).await.unwrap().unwrap();
    let mut dice = Dice::new(17);
    let mut noticed = 0;
    for _ in 0..300 {
        let at = usize::try_from(dice.below(bytes.len() as u64)).unwrap();
        let mut altered = bytes.to_vec();
        altered[at] ^= 1 << dice.below(8);
        let copy = Storage::memory();
        for name in ["log.json", "partitions/0/manifests/00000000000000000000.json"] {
            copy.put_if_absent(name, storage.get(name).await.unwrap().unwrap()).await.unwrap();
        }
        copy.put_if_absent(&path, altered.into()).await.unwrap();
        noticed += usize::from(read_all(&copy, &path, &reference).await);
    }
    // Only the opening magic may change unseen: it is for people and tools, nothing reads it.
    assert!(noticed >= 295, "{noticed} of 300");
}

/// Whether damage was reported; without a report everything has to be right.
async fn read_all(storage: &Storage, path: &str, reference: &Store) -> bool {
    let identity =
        crate::LogIdentity { topic: "t".into(), partitions: 1, cluster_id: None, topic_id: None };
    let options = crate::StoreOptions {
        cache_bytes: 0,
        boundary: BoundaryHook::default(),
        random: fixture::random,
    };
    let names_file = |error: &StoreError| {
        assert!(error.to_string().contains(path), "{error}");
        true
    };
    let store = match Store::open(storage.clone(), identity, options).await {
        Ok(store) => store,
        Err(error) => return names_file(&error),
    };
    for number in 0..3 {
        let reader = store.workspace(&fixture::workspace(number));
        let request = PageRequest {
            filter: &Filter::default(),
            direction: Direction::Older,
            after: None,
            limit: 100_000,
            snapshot: None,
            count: CountMode::None,
            max_rows: u64::MAX,
        };
        match reader.page(&request).map(|_| reader.quarantine(None, 1000)) {
            Ok(Ok(_)) => assert_eq!(rows(&store, number), rows(reference, number)),
            Ok(Err(error)) | Err(error) => return names_file(&error),
        }
        for (_, id, ..) in rows(reference, number) {
            match reader.is_known(uuid::Uuid::from_u128(id)) {
                Ok(known) => assert!(known),
                Err(error) => return names_file(&error),
            }
        }
    }
    store.ownerless(0, None, 1000).is_err_and(|error| names_file(&error))
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
        let other = store.workspace(&annals_schemas::WorkspaceId::new("other").unwrap());
        let own = store.workspace(&event.workspace_id);
        for reader in [other, own] {
            assert!(reader.quarantine(None, 10).unwrap().rows.is_empty(), "{}", reader.id());
            assert_eq!(reader.counts().records(), 0, "{}", reader.id());
        }
        let nobodys = store.ownerless(0, None, 10).unwrap().rows;
        assert_eq!(nobodys.len(), 1);
        assert_eq!(nobodys[0].refusal.reason.as_str(), "key-mismatch");
    }
}
