//! The loop over a memory log: what it folds, what it seals, and when it refuses to go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use annals_broker::memory::MemoryLog;
use annals_broker::{Log, Producer};
use annals_schemas::{
    Actor, Context, Event, Header, Instant, NewRecord, Outcome, WorkspaceId, encode_avro,
};
use annals_store::{
    Budget, CountMode, Direction, Filter, LogIdentity, PageRequest, Storage, Store, StoreOptions,
};
use uuid::Uuid;

use crate::flaky_store::{FlakyStore, Puts};
use crate::{PartitionStatus, Projector, ProjectorOptions, Status};

const PARTITIONS: u32 = 3;
/// Far beyond what any of these tests needs, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn random() -> [u8; 16] {
    Uuid::new_v4().into_bytes()
}

pub(crate) async fn open(storage: &Storage) -> Store {
    let identity =
        LogIdentity { topic: "t".into(), partitions: PARTITIONS, cluster_id: None, topic_id: None };
    let options = StoreOptions::new(random, Arc::new(|| Instant::MIN));
    Store::open(storage.clone(), identity, options).await.unwrap()
}

/// An event that says nothing beside its action.
pub(crate) fn event(event_id: Uuid, workspace: &str) -> Event {
    Event {
        event_id,
        occurred_at: None,
        workspace_id: WorkspaceId::new(workspace).unwrap(),
        actor: Actor::unknown(),
        action: "segment.updated".into(),
        explicit_kind: None,
        outcome: Outcome::Unknown,
        resources: Vec::new(),
        context: Context::default(),
        changes: Vec::new(),
        description: None,
        metadata: None,
        producer: None,
    }
}

fn record(number: u128) -> NewRecord {
    let event = event(Uuid::from_u128(number + 1), &format!("w{}", number % 7));
    NewRecord {
        key: Some(event.workspace_id.as_str().to_owned().into()),
        value: Some(encode_avro(&event).into()),
        headers: vec![Header::new("annals-schema", "1")],
    }
}

pub(crate) async fn append(producer: &dyn Producer, numbers: std::ops::Range<u128>) {
    let outcomes = producer.append_all(numbers.map(record).collect()).await;
    for outcome in outcomes {
        outcome.unwrap();
    }
}

/// A clock that moves by a microsecond each time it is read.
pub(crate) fn ticking(from: i64) -> Arc<dyn Fn() -> Instant + Send + Sync> {
    let micros = AtomicI64::new(from);
    Arc::new(move || Instant::from_micros(micros.fetch_add(1, Ordering::SeqCst)).unwrap())
}

pub(crate) fn small_seals() -> ProjectorOptions {
    ProjectorOptions { seal_bytes: 20_000, tail_bytes: 60_000, ..ProjectorOptions::default() }
}

fn start(log: &Arc<dyn Log>, store: &Store) -> (Status, tokio::task::JoinHandle<()>) {
    let projector = Projector::new(log.clone(), store.clone(), small_seals(), ticking(1_000_000));
    let status = projector.status();
    (status, tokio::spawn(projector.run(std::future::pending())))
}

pub(crate) async fn until(mut condition: impl FnMut() -> bool) {
    let waiting = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the condition holds in time");
}

fn records(store: &Store) -> u64 {
    store.accounting().iter().map(|figures| figures.counts.records()).sum()
}

fn halted(status: &PartitionStatus, because: &str) -> bool {
    match status {
        PartitionStatus::Halted { reason } => reason.starts_with(because),
        _ => false,
    }
}

pub(crate) fn memory_log() -> Arc<dyn Log> {
    Arc::new(MemoryLog::new("t", PARTITIONS, Arc::new(|| 1_700_000_000_000)))
}

#[tokio::test]
async fn everything_is_folded_once_across_restarts_and_seals() {
    let log = memory_log();
    let storage = Storage::memory();
    let producer = log.producer();
    for round in 0..3_u128 {
        let store = open(&storage).await;
        let (_, running) = start(&log, &store);
        append(&*producer, round * 400..(round + 1) * 400).await;
        let expected = u64::try_from((round + 1) * 400).unwrap();
        until(|| records(&store) == expected).await;
        running.abort();
        let _ = running.await;
    }
    let store = open(&storage).await;
    let (_, running) = start(&log, &store);
    until(|| records(&store) == 1200).await;
    let figures = store.accounting();
    let visible: u64 = figures.iter().map(|figures| figures.counts.visible).sum();
    assert_eq!(visible, 1200, "no record is folded twice");
    assert!(figures.iter().any(|figures| figures.committed > 0), "something was sealed");
    running.abort();
}

#[tokio::test]
async fn complete_through_never_claims_more_than_is_there() {
    let log = memory_log();
    let store = open(&Storage::memory()).await;
    let now = ticking(1_000_000);
    let projector = Projector::new(log.clone(), store.clone(), small_seals(), now.clone());
    let running = tokio::spawn(projector.run(std::future::pending()));
    let producer = log.producer();
    for number in 0..60_u128 {
        append(&*producer, number..number + 1).await;
        let acknowledged = now();
        let reader =
            store.workspace(&WorkspaceId::new(&format!("w{}", number % 7)).unwrap()).unwrap();
        until(|| reader.complete_through().is_some_and(|reached| reached.at > acknowledged)).await;
        // INV-10: what was acknowledged before that moment is there, without further waiting.
        assert!(reader.is_known(Uuid::from_u128(number + 1)).unwrap(), "event {number}");
    }
    running.abort();
}

/// A storage into which another log was projected, something of every partition committed.
async fn projected() -> Storage {
    let (storage, log) = (Storage::memory(), memory_log());
    let store = open(&storage).await;
    let (_, running) = start(&log, &store);
    append(&*log.producer(), 0..400).await;
    until(|| store.accounting().iter().all(|figures| figures.committed > 0)).await;
    running.abort();
    let _ = running.await;
    storage
}

#[tokio::test]
async fn a_log_that_was_rewritten_halts_its_partitions_and_readers_keep_what_they_have() {
    let storage = projected().await;
    let other = memory_log();
    append(&*other.producer(), 1000..2000).await;
    let store = open(&storage).await;
    let before = records(&store);
    let (status, running) = start(&other, &store);
    until(|| status.all().len() == 3 && status.all().values().all(|s| halted(s, "LogRewritten")))
        .await;
    assert_eq!(records(&store), before, "nothing of the other log was folded");
    let reader = store.workspace(&WorkspaceId::new("w0").unwrap()).unwrap();
    let request = PageRequest {
        filter: &Filter::default(),
        direction: Direction::Older,
        after: None,
        limit: 10,
        snapshot: None,
        count: CountMode::None,
        budget: Budget::steps(1000),
        explain: false,
    };
    assert_eq!(reader.page(&request).unwrap().rows.len(), 10);
    running.abort();
}

#[tokio::test]
async fn a_log_that_lost_what_was_projected_is_a_gap() {
    let storage = projected().await;
    let store = open(&storage).await;
    let (status, running) = start(&memory_log(), &store);
    until(|| status.all().len() == 3 && status.all().values().all(|s| halted(s, "OffsetGap")))
        .await;
    running.abort();
}

pub(crate) fn visible(store: &Store) -> u64 {
    store.accounting().iter().map(|figures| figures.counts.visible).sum()
}

fn is_out_of_space(status: &PartitionStatus) -> bool {
    match status {
        PartitionStatus::Retrying { reason } => reason.contains("no space left"),
        _ => false,
    }
}

/// Storage away for a while took rows off the page that `complete_through` had promised, spun
/// without a pause, and looked healthy.
#[tokio::test]
async fn a_full_disk_is_waited_out_without_taking_a_row_away() {
    const ALL: u64 = 6_000;
    for puts in [Puts::Fail, Puts::LoseReply] {
        let log = memory_log();
        let backend = FlakyStore::default();
        let storage = Storage::over(Arc::new(backend.clone()));
        let store = open(&storage).await;
        let (status, running) = start(&log, &store);
        until(|| status.all().values().filter(|s| **s == PartitionStatus::Live).count() == 3).await;
        backend.set(puts);
        append(&*log.producer(), 0..60).await;
        until(|| backend.failed() >= 2).await;
        until(|| status.all().values().any(is_out_of_space)).await;
        let shown = visible(&store);
        assert!(shown > 0);
        // Far more than may be held: 4 MB of records, of which one poll comes on top at most.
        append(&*log.producer(), 60..u128::from(ALL)).await;
        let held = || store.partitions().map(|partition| partition.tail_bytes()).sum::<usize>();
        until(|| held() >= small_seals().tail_bytes).await;
        for _ in 0..20 {
            assert!(visible(&store) >= shown, "rows never shrink");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(visible(&store) < ALL, "polling waits for memory");
        assert!(held() < 60_000 + 1024 * 1024, "memory is bounded: {}", held());
        backend.set(Puts::Work);
        until(|| visible(&store) == ALL).await;
        until(|| !status.all().values().any(is_out_of_space)).await;
        until(|| store.accounting().iter().any(|figures| figures.committed > 0)).await;
        running.abort();
        let _ = running.await;
        let store = open(&storage).await;
        let (_, running) = start(&log, &store);
        until(|| visible(&store) == ALL).await;
        let figures = store.accounting();
        assert_eq!(figures.iter().map(|figures| figures.counts.duplicate).sum::<u64>(), 0);
        running.abort();
    }
}

/// Another writer's manifest: the loser reads it and goes on, and claims nothing meanwhile.
#[tokio::test]
async fn the_loser_of_a_race_comes_to_the_same_rows() {
    let log = memory_log();
    let storage = Storage::memory();
    append(&*log.producer(), 0..900).await;
    let (first, second) = (open(&storage).await, open(&storage).await);
    let (_, one) = start(&log, &first);
    let (_, other) = start(&log, &second);
    append(&*log.producer(), 900..2000).await;
    until(|| visible(&first) == 2000 && visible(&second) == 2000).await;
    until(|| second.accounting().iter().any(|figures| figures.committed > 0)).await;
    let tree = |store: &Store| -> Vec<_> {
        store.accounting().iter().map(|figures| (figures.tree, figures.counts)).collect()
    };
    until(|| tree(&first) == tree(&second)).await;
    assert!(first.accounting().iter().all(|figures| figures.counts.duplicate == 0));
    one.abort();
    other.abort();
    let _ = (one.await, other.await);
    let third = open(&storage).await;
    let (_, running) = start(&log, &third);
    until(|| tree(&third) == tree(&first)).await;
    running.abort();
}
