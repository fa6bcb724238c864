//! Each fault does what it says, and a seed repeats them.

use object_store::PutMode;
use object_store::memory::InMemory;

use super::*;

fn store() -> FaultingStore {
    FaultingStore::over(Arc::new(InMemory::new()), FaultScript::default())
}

async fn put(store: &FaultingStore, path: &str, bytes: &'static str) -> Result<()> {
    let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
    store.put_opts(&Path::from(path), bytes.into(), options).await.map(drop)
}

async fn get(store: &FaultingStore, path: &str) -> Option<Bytes> {
    Some(store.get(&Path::from(path)).await.ok()?.bytes().await.unwrap())
}

#[tokio::test]
async fn each_fault_of_a_put_leaves_what_it_says() {
    for (fault, left) in [
        (Fault::Refused, None),
        (Fault::NoSpace, None),
        (Fault::ReplyLost, Some("bytes")),
        (Fault::LandsLate, None),
        (Fault::FalseConflict, None),
        (Fault::Torn, Some("by")),
    ] {
        let store = store();
        store.plan_next(Operation::Put, fault);
        let error = put(&store, "a", "bytes").await.unwrap_err();
        let is_conflict = matches!(error, object_store::Error::AlreadyExists { .. });
        assert_eq!(is_conflict, fault == Fault::FalseConflict, "{fault:?}");
        let found = store.0.store.get(&Path::from("a")).await.ok();
        let found = match found {
            Some(found) => Some(found.bytes().await.unwrap()),
            None => None,
        };
        assert_eq!(found.as_deref(), left.map(str::as_bytes), "{fault:?}");
        assert_eq!((store.injected(), store.count(Operation::Put)), (1, 1));
    }
}

#[tokio::test]
async fn what_is_late_lands_within_four_operations_and_replaces_nothing() {
    let store = store();
    store.plan_next(Operation::Put, Fault::LandsLate);
    put(&store, "a", "first").await.unwrap_err();
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(get(&store, "a").await.is_some());
    }
    assert_eq!(seen.last(), Some(&true), "{seen:?}");
    store.plan_next(Operation::Put, Fault::LandsLate);
    put(&store, "b", "late").await.unwrap_err();
    store.plan_next(Operation::Put, Fault::Refused);
    store.0.store.put(&Path::from("b"), "early".into()).await.unwrap();
    store.calm().await;
    assert_eq!(get(&store, "b").await.unwrap(), "early");
    put(&store, "c", "the plan is gone").await.unwrap();
}

#[tokio::test]
async fn an_upload_is_nothing_until_its_end() {
    for fault in [Fault::Refused, Fault::ReplyLost, Fault::LandsLate, Fault::FalseConflict] {
        let store = store();
        let mut upload = store.put_multipart(&Path::from("a")).await.unwrap();
        upload.put_part("bytes".into()).await.unwrap();
        store.plan_next(Operation::Part, fault);
        upload.put_part("more".into()).await.unwrap_err();
        assert_eq!(get(&store, "a").await, None);
        let mut upload = store.put_multipart(&Path::from("a")).await.unwrap();
        upload.put_part("bytes".into()).await.unwrap();
        store.plan_next(Operation::Complete, fault);
        upload.complete().await.unwrap_err();
        upload.abort().await.unwrap();
        store.calm().await;
        let lands = matches!(fault, Fault::ReplyLost | Fault::LandsLate);
        assert_eq!(get(&store, "a").await.is_some(), lands, "{fault:?}");
    }
}

#[tokio::test]
async fn reads_and_removals_fail_too() {
    let store = store();
    put(&store, "a", "bytes").await.unwrap();
    store.plan_next(Operation::Get, Fault::Torn);
    let cut = store.get(&Path::from("a")).await.unwrap();
    assert_eq!(cut.meta.size, 5);
    cut.bytes().await.unwrap_err();
    store.plan_next(Operation::List, Fault::Refused);
    let mut listing = store.list(None);
    assert!(listing.next().await.unwrap().is_err());
    assert!(listing.next().await.is_none());
    store.plan_next(Operation::Delete, Fault::Refused);
    store.delete(&Path::from("a")).await.unwrap_err();
    assert_eq!(get(&store, "a").await.unwrap(), "bytes");
    store.plan_next(Operation::Delete, Fault::ReplyLost);
    store.delete(&Path::from("a")).await.unwrap_err();
    assert_eq!(get(&store, "a").await, None);
}

#[tokio::test]
async fn a_seed_repeats_its_faults_and_another_does_not() {
    let run = async |seed| {
        let faults = [Fault::Refused, Fault::ReplyLost, Fault::FalseConflict];
        let rate = |fault| FaultRate { operation: Operation::Put, fault, per_mille: 200 };
        let rates = faults.map(rate).into();
        let planned = vec![PlannedFault { operation: Operation::Get, nth: 3, fault: Fault::Torn }];
        let script = FaultScript { seed, rates, planned };
        let store = FaultingStore::over(Arc::new(InMemory::new()), script);
        let mut answers = Vec::new();
        for index in 0..200 {
            answers.push(put(&store, &index.to_string(), "x").await.map_err(|e| e.to_string()));
        }
        (answers, store.injected())
    };
    let (answers, injected) = run(7).await;
    assert_eq!((answers, injected), run(7).await);
    assert_ne!(injected, 0);
    assert!((80..=160).contains(&injected), "{injected} of 200 at three fifths");
    assert_ne!(run(7).await.0, run(8).await.0);
}
