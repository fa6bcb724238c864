//! Storage that fails: what was committed stays, what was not is committed once.

use std::sync::Arc;

use object_store::memory::InMemory;
use proptest::prelude::*;

use super::harness::{GRACE, Setup, fold, open, rest, segments};
use super::seen::{Seen, assert_same, seen};
use crate::fixture::{Dice, log};
use crate::partition::{Compaction, PartitionStore};
use crate::storage::Storage;
use crate::storage::faults::{Fault, FaultRate, FaultScript, FaultingStore, Operation};
use crate::{StoreError, storage};

/// As often as a caller would try at most.
const TRIES: usize = 60;

async fn seal(store: &PartitionStore) -> Result<(), StoreError> {
    let Some(job) = store.freeze() else { return Ok(()) };
    let mut built = job.build(store)?;
    for _ in 0..TRIES {
        match store.commit(&mut built).await {
            Err(error) if error.is_retryable() && !is_superseded(&error) => {}
            outcome => return outcome,
        }
    }
    panic!("storage never recovers");
}

async fn compact(store: &PartitionStore) -> Result<Compaction, StoreError> {
    let Some(job) = store.compact_plan() else { return Ok(Compaction::GivenUp) };
    let mut merged = job.build(store)?;
    for _ in 0..TRIES {
        match store.commit_compaction(&mut merged).await {
            Err(error) if error.is_retryable() => {}
            outcome => return outcome,
        }
    }
    panic!("storage never recovers");
}

fn is_superseded(error: &StoreError) -> bool {
    matches!(error, StoreError::Superseded { .. })
}

async fn reopen(store: &PartitionStore) {
    for _ in 0..TRIES {
        if store.reopen().await.is_ok() {
            return;
        }
    }
    panic!("storage never recovers");
}

fn rates(per_mille: u16) -> Vec<FaultRate> {
    use Fault::{FalseConflict, LandsLate, NoSpace, Refused, ReplyLost, Torn};
    let rate = |(operation, fault)| FaultRate { operation, fault, per_mille };
    let put = [NoSpace, ReplyLost, LandsLate, FalseConflict].map(|fault| (Operation::Put, fault));
    let get = [Refused, Torn].map(|fault| (Operation::Get, fault));
    let others = [Operation::List, Operation::Delete].map(|operation| (operation, Refused));
    put.into_iter().chain(get).chain(others).map(rate).collect()
}

/// Folds, seals and merges a log over a faulty backend; gives back the backend without its faults.
async fn run(seed: u64, records: &[annals_schemas::Record]) -> (Storage, Seen) {
    let backend = Arc::new(InMemory::new());
    let script = FaultScript { seed, rates: rates(60), planned: Vec::new() };
    let faulty = Storage::over(Arc::new(FaultingStore::over(backend.clone(), script)));
    let setup = Setup::new(&faulty);
    let store = loop {
        match setup.try_open(0).await {
            Ok(store) => break store,
            Err(error) => assert!(error.is_retryable(), "{error}"),
        }
    };
    let mut dice = Dice::new(seed);
    loop {
        let left = rest(&store, records);
        let count = usize::try_from(1 + dice.below(40)).unwrap().min(left.len());
        fold(&store, &left[..count]);
        match dice.below(3) {
            0 => match seal(&store).await {
                Ok(()) => {}
                Err(error) if is_superseded(&error) => reopen(&store).await,
                Err(error) => panic!("{error}"),
            },
            1 => {
                compact(&store).await.unwrap();
            }
            _ => {
                setup.clock.pass(GRACE / 3);
                let _ = store.remove_retired(setup.clock.now()).await;
            }
        }
        if rest(&store, records).is_empty() && store.tail_bytes() == 0 {
            return (Storage::over(backend), seen(&store));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// INV-1, INV-2: lost replies, late writes, false conflicts and full disks.
    #[test]
    fn a_faulty_backend_loses_and_doubles_nothing(seed in any::<u64>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let records = log(seed, 240);
            let reference = open(&Storage::memory()).await;
            fold(&reference, &records);
            let reference = seen(&reference);
            let (storage, live) = run(seed, &records).await;
            assert_eq!(live, reference);
            let store = open(&storage).await;
            assert_same(&store, &reference, "reopened");
            assert!(segments(&storage).await.len() >= store.live_segments());
        });
    }
}

#[tokio::test]
async fn a_seal_whose_answer_was_lost_is_found_by_its_next_try() {
    let records = log(5, 80);
    let backend = Arc::new(InMemory::new());
    let faulty = FaultingStore::over(backend.clone(), FaultScript::default());
    let storage = Storage::over(Arc::new(faulty.clone()));
    let store = open(&storage).await;
    fold(&store, &records);
    let mut built = store.freeze().unwrap().build(&store).unwrap();
    // The segment's put works; the manifest's lands without an answer, and so do all looks at it.
    faulty.plan_after(Operation::Put, 1, Fault::ReplyLost);
    (0..5).for_each(|nth| faulty.plan_after(Operation::Get, nth, Fault::Refused));
    (2..6).for_each(|nth| faulty.plan_after(Operation::Put, nth, Fault::Refused));
    let error = store.commit(&mut built).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    assert!(store.is_sealing());
    store.commit(&mut built).await.unwrap();
    assert!(!store.is_sealing());
    assert_eq!(segments(&storage).await.len(), 1, "stored once");
    assert_same(&open(&Storage::over(backend)).await, &seen(&store), "reopened");
}

/// A backend that keeps half of what it was given, which no sound one does: the half is never taken
/// for the whole, neither by who wrote it nor by who opens the store next.
#[tokio::test]
async fn half_of_a_file_is_never_taken_for_the_whole() {
    let records = log(5, 80);
    for (nth, what) in [(0, "/segments/"), (1, "/manifests/")] {
        let backend = Arc::new(InMemory::new());
        let faulty = FaultingStore::over(backend.clone(), FaultScript::default());
        let store = open(&Storage::over(Arc::new(faulty.clone()))).await;
        fold(&store, &records);
        let reference = seen(&store);
        let mut built = store.freeze().unwrap().build(&store).unwrap();
        faulty.plan_after(Operation::Put, nth, Fault::Torn);
        let committed = store.commit(&mut built).await;
        assert_eq!(seen(&store), reference, "rows stay: {what}");
        let storage = Storage::over(backend);
        let reopened = Setup::new(&storage).try_open(0).await;
        match (committed, reopened) {
            (Ok(()), Ok(reopened)) => assert_same(&reopened, &reference, what),
            (Err(wrote), Ok(reopened)) => {
                // It is not in the chain: its records are folded anew.
                assert!(wrote.to_string().contains(what), "{wrote}");
                fold(&reopened, rest(&reopened, &records));
                assert_eq!(seen(&reopened), reference, "{what}");
            }
            (Err(wrote), Err(read)) => {
                for error in [wrote, read] {
                    assert!(error.to_string().contains(what) && !error.is_retryable(), "{error}");
                }
            }
            (Ok(()), Err(read)) => panic!("{what} was called written: {read}"),
        }
    }
}

#[tokio::test]
async fn a_full_disk_while_building_is_waited_out() {
    let directory = tempfile::tempdir().unwrap();
    let storage = storage::Storage::local(directory.path()).unwrap();
    let store = open(&storage).await;
    let records = log(5, 80);
    fold(&store, &records);
    let job = store.freeze().unwrap();
    // A file where the staging directory would be: nothing can be written.
    let staging = directory.path().join("staging");
    std::fs::write(&staging, "").unwrap();
    let error = job.build(&store).err().unwrap();
    assert!(error.is_retryable(), "{error}");
    std::fs::remove_file(&staging).unwrap();
    store.commit(&mut job.build(&store).unwrap()).await.unwrap();
    assert_same(&open(&storage).await, &seen(&store), "reopened");
}
