//! The backends under the conformance suite, and what a crash leaves on local disk.

use std::io::Write as _;

use super::conformance::conforms;
use super::faults::{Fault, FaultRate, FaultScript, FaultingStore, Operation};
use super::*;

#[tokio::test]
async fn memory_conforms() {
    conforms(Storage::memory).await;
}

#[tokio::test]
async fn local_conforms() {
    let directory = tempfile::tempdir().unwrap();
    let next = std::cell::Cell::new(0);
    let fresh = || {
        next.set(next.get() + 1);
        Storage::local(&directory.path().join(next.get().to_string())).unwrap()
    };
    conforms(fresh).await;
    let left = format!("{}/9/staging", directory.path().display());
    assert_eq!(std::fs::read_dir(left).unwrap().count(), 0, "every staged file is gone");
}

#[tokio::test]
async fn a_cached_backend_conforms() {
    for limit_bytes in [0, 1 << 20, 1 << 30] {
        let directory = tempfile::tempdir().unwrap();
        let next = std::cell::Cell::new(0);
        let fresh = || {
            next.set(next.get() + 1);
            let directory = directory.path().join(next.get().to_string());
            Storage::memory().with_cache(&CacheOptions { directory, limit_bytes }).unwrap()
        };
        conforms(fresh).await;
    }
}

/// Everything that object stores do to their callers, often.
fn rates() -> Vec<FaultRate> {
    let rate = |per_mille| move |(operation, fault)| FaultRate { operation, fault, per_mille };
    let (put, complete) = (Operation::Put, Operation::Complete);
    let creating = [Fault::Refused, Fault::NoSpace, Fault::ReplyLost, Fault::LandsLate]
        .into_iter()
        .chain([Fault::FalseConflict])
        .flat_map(|fault| [(put, fault), (complete, fault)])
        .map(rate(120));
    let others = [
        (Operation::Part, Fault::Refused),
        (Operation::Part, Fault::ReplyLost),
        (Operation::Get, Fault::Refused),
        (Operation::Get, Fault::Torn),
        (Operation::List, Fault::Refused),
        (Operation::Delete, Fault::Refused),
        (Operation::Delete, Fault::ReplyLost),
    ];
    creating.chain(others.into_iter().map(rate(100))).collect()
}

#[tokio::test]
async fn memory_behind_faults_conforms() {
    let seed = std::cell::Cell::new(0);
    for round in 0..4 {
        let directory = tempfile::tempdir().unwrap();
        let faulty = || {
            seed.set(seed.get() + 1);
            let script = FaultScript { seed: seed.get(), rates: rates(), planned: Vec::new() };
            let store = FaultingStore::over(Arc::new(InMemory::new()), script);
            let storage = Storage::over(Arc::new(store));
            if round % 2 == 0 {
                return storage;
            }
            let directory = directory.path().join(seed.get().to_string());
            storage.with_cache(&CacheOptions { directory, limit_bytes: 1 << 20 }).unwrap()
        };
        conforms(faulty).await;
    }
}

#[tokio::test]
#[should_panic(expected = "a/b")]
async fn the_suite_notices_a_backend_that_stores_half_an_object() {
    let rates = vec![FaultRate { operation: Operation::Put, fault: Fault::Torn, per_mille: 1000 }];
    let torn = || {
        let script = FaultScript { rates: rates.clone(), ..FaultScript::default() };
        Storage::over(Arc::new(FaultingStore::over(Arc::new(InMemory::new()), script)))
    };
    conforms(torn).await;
}

fn local() -> (tempfile::TempDir, Storage) {
    let directory = tempfile::tempdir().unwrap();
    let storage = Storage::local(directory.path()).unwrap();
    (directory, storage)
}

#[tokio::test]
async fn what_a_cut_off_write_left_is_cleared() {
    let (directory, storage) = local();
    storage.put_if_absent("a/b", Bytes::from("kept")).await.unwrap();
    std::fs::write(directory.path().join("a/b#1"), "cut off").unwrap();
    storage.clear_staging().unwrap();
    assert!(!directory.path().join("a/b#1").exists());
    assert_eq!(storage.get("a/b").await.unwrap().unwrap(), "kept");
}

#[tokio::test]
async fn what_a_crash_left_staged_is_invisible_and_cleared() {
    let (directory, storage) = local();
    let mut staged = storage.stage().unwrap();
    staged.write_all(b"half of it").unwrap();
    staged.flush().unwrap();
    // A crash runs no destructor.
    std::mem::forget(staged);
    let leftover = directory.path().join("staging/stage#1");
    assert_eq!(std::fs::read(&leftover).unwrap(), b"half of it");
    let again = Storage::local(directory.path()).unwrap();
    assert_eq!(again.list("").await.unwrap(), [""; 0]);
    let mut staged = again.stage().unwrap();
    staged.write_all(b"another").unwrap();
    assert_eq!(again.adopt("a/b", &mut staged).await.unwrap(), Created::Mine);
    again.clear_staging().unwrap();
    assert!(!leftover.exists());
    assert_eq!(again.list("").await.unwrap(), ["a/b"]);
    assert_eq!(again.get("a/b").await.unwrap().unwrap(), "another");
}

#[tokio::test]
async fn a_crash_after_the_link_leaves_the_object_whole() {
    let (directory, storage) = local();
    let mut staged = storage.stage().unwrap();
    staged.write_all(b"all of it").unwrap();
    assert_eq!(storage.adopt("a/b", &mut staged).await.unwrap(), Created::Mine);
    std::mem::forget(staged);
    assert!(directory.path().join("staging/stage#1").exists());
    Storage::local(directory.path()).unwrap().clear_staging().unwrap();
    assert!(!directory.path().join("staging/stage#1").exists());
    assert_eq!(storage.get("a/b").await.unwrap().unwrap(), "all of it");
}

#[tokio::test]
async fn a_torn_staged_file_is_never_adopted() {
    let (directory, storage) = local();
    let mut staged = storage.stage().unwrap();
    staged.write_all(&vec![1; 600_000]).unwrap();
    staged.flush().unwrap();
    // Another program cuts it, as a file system that lost its end would.
    let name = directory.path().join("staging/stage#1");
    std::fs::File::options().write(true).open(&name).unwrap().set_len(4096).unwrap();
    let error = storage.adopt("a/b", &mut staged).await.unwrap_err();
    assert!(error.to_string().contains("600000 bytes were written, it has 4096"), "{error}");
    assert!(storage.adopt("a/b", &mut staged).await.is_err(), "it stays torn");
    assert_eq!(storage.list("").await.unwrap(), [""; 0]);
    drop(staged);
    assert!(!name.exists());
}
