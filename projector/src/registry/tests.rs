//! What the loop does while a registry is asked: it waits where it must, and nowhere else.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use annals_broker::Log;
use annals_schemas::{NewRecord, Reason, SCHEMA_V1, WorkspaceId, encode_avro, reframe_avro};
use annals_service::clock::ManualClock;
use annals_store::{PartitionSchemas, Storage, Store, StoreError};
use parking_lot::Mutex;
use uuid::Uuid;

use super::*;
use crate::tests::{append, event, memory_log, open, small_seals, ticking, until, visible};
use crate::{PartitionStatus, Projector, Status};

/// A registry whose answers are set by the test; without one it never answers.
#[derive(Default)]
struct Scripted {
    answers: Mutex<HashMap<u32, Result<Answer, Away>>>,
    others: Mutex<Option<Result<Answer, Away>>>,
    asked: AtomicU64,
}

impl Scripted {
    fn set(&self, id: u32, answer: Result<Answer, Away>) {
        self.answers.lock().insert(id, answer);
    }
}

#[async_trait]
impl SchemaSource for Scripted {
    async fn schema(&self, id: SchemaId) -> Result<Answer, Away> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers.lock().get(&id.0).cloned();
        match answer.or_else(|| self.others.lock().clone()) {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }
}

fn schema() -> Result<Answer, Away> {
    Ok(Answer::Schema(SCHEMA_V1.to_owned()))
}

fn away() -> Result<Answer, Away> {
    Err(Away { detail: "the registry answered 503".to_owned() })
}

/// An event of one workspace framed with an id.
fn framed(number: u128, id: u32) -> NewRecord {
    let event = event(Uuid::from_u128(1 << 64 | number), "w0");
    let value = reframe_avro(&encode_avro(&event), SchemaId(id)).unwrap();
    NewRecord { key: Some("w0".into()), value: Some(value.into()), headers: Vec::new() }
}

/// The partition of `w0` among the memory log's three.
fn partition() -> u32 {
    annals_schemas::partition_of(b"w0", 3)
}

fn start(
    log: &Arc<dyn Log>,
    store: &Store,
    resolver: Resolver,
) -> (Status, tokio::task::JoinHandle<()>) {
    let projector = Projector::new(log.clone(), store.clone(), small_seals(), ticking(1_000_000));
    let projector = projector.with_registry(resolver);
    let status = projector.status();
    (status, tokio::spawn(projector.run(std::future::pending())))
}

/// Long after every record was written.
fn asking(registry: &Arc<Scripted>) -> Resolver {
    Resolver::asking(registry.clone(), Arc::new(ManualClock::at_seconds(1_700_000_100)))
}

fn waits_for(status: &Status, what: &str) -> bool {
    match status.all().get(&partition()) {
        Some(PartitionStatus::Retrying { reason }) => reason.contains(what),
        _ => false,
    }
}

fn quarantined(store: &Store) -> u64 {
    store.accounting().iter().map(|figures| figures.counts.quarantined).sum()
}

#[tokio::test]
async fn a_partition_waits_for_its_schema_and_the_others_go_on() {
    // Refused, and silent.
    for refusal in [Some(away()), None] {
        let (log, registry) = (memory_log(), Arc::new(Scripted::default()));
        let silent = refusal.is_none();
        if let Some(refusal) = refusal {
            registry.set(7, refusal);
        }
        let store = open(&Storage::memory()).await;
        let (status, running) = start(&log, &store, asking(&registry));
        append(&*log.producer(), 0..70).await;
        until(|| visible(&store) == 70).await;
        log.producer().append(framed(0, 7)).await.unwrap();
        let reason = if silent { "has not answered yet" } else { "the registry answered 503" };
        until(|| waits_for(&status, "schema 7 is not resolved")).await;
        until(|| waits_for(&status, reason)).await;
        let held = store.partition(partition()).unwrap().next_offset();
        append(&*log.producer(), 70..140).await;
        // Ten of each seventy are of the workspace that waits, and others may share its partition.
        until(|| {
            let others = store.partitions().filter(|other| other.number() != partition());
            let reached = others.map(|other| other.accounting().counts.visible).sum::<u64>();
            reached == (0..140).filter(|n| partition_of(n % 7) != partition()).count() as u64
        })
        .await;
        assert_eq!(store.partition(partition()).unwrap().next_offset(), held, "nothing is guessed");
        assert_eq!(quarantined(&store), 0);
        if silent {
            running.abort();
            continue;
        }
        registry.set(7, schema());
        until(|| visible(&store) == 141).await;
        until(|| status.all().values().all(|status| *status == PartitionStatus::Live)).await;
        running.abort();
    }
}

fn partition_of(number: u128) -> u32 {
    annals_schemas::partition_of(format!("w{number}").as_bytes(), 3)
}

#[tokio::test]
async fn what_is_resolved_is_never_asked_again() {
    let (log, registry) = (memory_log(), Arc::new(Scripted::default()));
    registry.set(7, schema());
    let storage = Storage::memory();
    for round in 0..3_u128 {
        let store = open(&storage).await;
        let (_, running) = start(&log, &store, asking(&registry));
        for number in 0..20 {
            log.producer().append(framed(round * 20 + number, 7)).await.unwrap();
        }
        let expected = u64::try_from((round + 1) * 20).unwrap();
        until(|| visible(&store) == expected).await;
        running.abort();
        let _ = running.await;
    }
    assert_eq!(registry.asked.load(Ordering::SeqCst), 1);
    // Nor need there be a registry.
    let store = open(&storage).await;
    let (_, running) = start(&log, &store, Resolver::default());
    log.producer().append(framed(100, 7)).await.unwrap();
    until(|| visible(&store) == 61).await;
    running.abort();
}

/// Whatever begins with a zero byte may be taken for framed: each such record bears another id.
#[tokio::test]
async fn many_unknown_ids_neither_stop_the_partition_nor_fill_the_disk() {
    let (log, registry) = (memory_log(), Arc::new(Scripted::default()));
    *registry.others.lock() = Some(Ok(Answer::Unknown));
    let storage = Storage::memory();
    let store = open(&storage).await;
    for id in 0..1000 {
        log.producer().append(framed(u128::from(id), id)).await.unwrap();
    }
    let (_, running) = start(&log, &store, asking(&registry));
    until(|| quarantined(&store) == 1000).await;
    let rulings = storage.list(&format!("rulings/{}", partition())).await.unwrap();
    assert!(rulings.len() <= 9, "{} rulings", rulings.len());
    let ruled = PartitionSchemas::load(&storage, partition()).await.unwrap();
    assert!(ruled.all().is_empty());
    // An id that was unknown is read once it is known.
    registry.set(5, schema());
    let mut tries = 0;
    while visible(&store) == 0 {
        // It is remembered for some seconds that there was none.
        tries += 1;
        log.producer().append(framed(5000 + tries, 5)).await.unwrap();
        let records = 1000 + u64::try_from(tries).unwrap();
        until(|| quarantined(&store) + visible(&store) == records).await;
    }
    assert!(quarantined(&store) >= 1000, "what was refused stays so");
    running.abort();
}

/// A node of a registry may hear of a schema a moment later than the producer that registered it.
#[tokio::test]
async fn a_fresh_record_is_not_condemned_by_a_registry_that_lags() {
    let (log, registry) = (memory_log(), Arc::new(Scripted::default()));
    *registry.others.lock() = Some(Ok(Answer::Unknown));
    let store = open(&Storage::memory()).await;
    let clock = Arc::new(ManualClock::at_seconds(1_700_000_001));
    let resolver = Resolver::asking(registry.clone(), clock.clone());
    let (status, running) = start(&log, &store, resolver);
    log.producer().append(framed(0, 7)).await.unwrap();
    until(|| waits_for(&status, "the registry has no such schema, and is asked again")).await;
    registry.set(7, schema());
    until(|| visible(&store) == 1).await;
    log.producer().append(framed(1, 8)).await.unwrap();
    until(|| waits_for(&status, "schema 8 is not resolved")).await;
    assert_eq!(quarantined(&store), 0);
    // Late enough.
    clock.advance_micros(1_000_000);
    until(|| quarantined(&store) == 1).await;
    running.abort();
    // A clock that is off by more than the moment keeps nobody waiting, and no registry gives ids
    // beyond 31 bits.
    for (seconds, id) in [(1_600_000_000, 9), (1_700_000_000, u32::MAX)] {
        let (log, store) = (memory_log(), open(&Storage::memory()).await);
        let resolver =
            Resolver::asking(registry.clone(), Arc::new(ManualClock::at_seconds(seconds)));
        let (_, running) = start(&log, &store, resolver);
        log.producer().append(framed(2, id)).await.unwrap();
        until(|| quarantined(&store) == 1).await;
        running.abort();
    }
}

#[tokio::test]
async fn without_a_registry_framed_values_are_refused_unless_one_counted_before() {
    let (log, registry) = (memory_log(), Arc::new(Scripted::default()));
    let storage = Storage::memory();
    let store = open(&storage).await;
    let (_, running) = start(&log, &store, Resolver::default());
    log.producer().append(framed(0, 7)).await.unwrap();
    until(|| quarantined(&store) == 1).await;
    let id = WorkspaceId::new("w0").unwrap();
    let refused = store.workspace(&id).unwrap().quarantine(None, 10).unwrap();
    assert_eq!(refused.rows[0].refusal.reason, Reason::UnknownFormat);
    running.abort();
    let _ = running.await;

    registry.set(8, schema());
    let (_, running) = start(&log, &store, asking(&registry));
    log.producer().append(framed(1, 8)).await.unwrap();
    until(|| visible(&store) == 1).await;
    running.abort();
    let _ = running.await;

    let (status, running) = start(&log, &store, Resolver::default());
    log.producer().append(framed(2, 9)).await.unwrap();
    until(|| waits_for(&status, "schema 9 is not resolved: no registry is configured")).await;
    running.abort();
}

#[tokio::test]
async fn records_before_the_one_that_waits_are_admitted() {
    let (log, registry) = (memory_log(), Arc::new(Scripted::default()));
    registry.set(1, schema());
    registry.set(2, away());
    let store = open(&Storage::memory()).await;
    let partition = store.partition(partition()).unwrap();
    for (number, id) in [1, 1, 2, 1].into_iter().enumerate() {
        log.producer().append(framed(number as u128, id)).await.unwrap();
    }
    let mut consumer = log.consumer().unwrap();
    let from = annals_schemas::Position { partition: partition.number(), offset: 0 };
    consumer.assign(&[from]).unwrap();
    let records = consumer.poll(10, std::time::Duration::from_secs(5)).await.unwrap();
    let admitted = asking(&registry).admit(&partition, &records).await.unwrap();
    assert_eq!(admitted.records, 2);
    let waits = admitted.waits.unwrap();
    assert!(
        matches!(waits, StoreError::SchemaUnresolved { offset: 2, id: SchemaId(2), .. }),
        "{waits}"
    );
    assert!(waits.is_retryable());
    let schemas = partition.schemas();
    assert_eq!(schemas.unresolved(&records[1]), None, "it is ruled before it is folded");
    assert_eq!(schemas.unresolved(&records[2]), Some(SchemaId(2)));
}
