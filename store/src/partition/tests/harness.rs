//! A partition with small tiers, and the steps its tests take.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use annals_schemas::{Instant, LogId, Record};
use bytes::Bytes;

use crate::fold::Decoded;
use crate::partition::{Compaction, CompactionOptions, PartitionStore, Surroundings};
use crate::storage::{Boundary, BoundaryHook, Storage};
use crate::{StoreError, fixture};

pub(super) const LOG_ID: LogId = LogId([9; 16]);
pub(super) const GRACE: Duration = Duration::from_secs(600);

/// A clock that stands still until it is moved.
#[derive(Clone)]
pub(super) struct Clock(Arc<AtomicI64>);

impl Clock {
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_700_000_000_000_000)))
    }

    pub(super) fn now(&self) -> Instant {
        Instant::from_micros(self.0.load(Ordering::SeqCst)).unwrap()
    }

    pub(super) fn pass(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

/// How partitions of a test are opened.
#[derive(Clone)]
pub(super) struct Setup {
    pub(super) storage: Storage,
    pub(super) clock: Clock,
    pub(super) boundary: BoundaryHook,
    pub(super) log_id: LogId,
}

impl Setup {
    pub(super) fn new(storage: &Storage) -> Self {
        let (clock, boundary) = (Clock::new(), BoundaryHook::default());
        Self { storage: storage.clone(), clock, boundary, log_id: LOG_ID }
    }

    /// Panics at a boundary.
    pub(super) fn crashing_at(storage: &Storage, boundary: Boundary) -> Self {
        let crash = BoundaryHook::new(move |reached| assert!(reached != boundary, "crash"));
        Self { boundary: crash, ..Self::new(storage) }
    }

    pub(super) async fn try_open(&self, partition: u32) -> Result<PartitionStore, StoreError> {
        let clock = self.clock.clone();
        let shared = Surroundings {
            storage: self.storage.clone(),
            log_id: self.log_id,
            read_only: false,
            boundary: self.boundary.clone(),
            random: fixture::random,
            now: Arc::new(move || clock.now()),
            grace: GRACE,
            compaction: Arc::new(CompactionOptions { tiers: vec![24, 90], width: 4, level: 1 }),
            recent_bytes: 4_000,
        };
        PartitionStore::open(shared, partition).await
    }

    pub(super) async fn open(&self) -> PartitionStore {
        self.try_open(0).await.unwrap()
    }
}

pub(super) async fn open(storage: &Storage) -> PartitionStore {
    Setup::new(storage).open().await
}

pub(super) fn decoded(records: &[Record]) -> Vec<Decoded> {
    records.iter().map(|record| Decoded::new(record.clone(), &LOG_ID, 1)).collect()
}

pub(super) fn fold(store: &PartitionStore, records: &[Record]) {
    store.fold(decoded(records)).unwrap();
}

/// The records from the partition's next offset on.
pub(super) fn rest<'a>(store: &PartitionStore, log: &'a [Record]) -> &'a [Record] {
    let next = store.next_offset().unwrap_or(0);
    &log[log.partition_point(|record| record.position.offset < next)..]
}

/// Seals what is in the tail.
pub(super) async fn seal(store: &PartitionStore) -> Result<(), StoreError> {
    match store.freeze() {
        Some(job) => store.commit(&mut job.build(store)?).await,
        None => Ok(()),
    }
}

/// Merges once, if there is something to merge.
pub(super) async fn compact(store: &PartitionStore) -> Result<Option<Compaction>, StoreError> {
    match store.compact_plan() {
        Some(job) => Ok(Some(store.commit_compaction(&mut job.build(store)?).await?)),
        None => Ok(None),
    }
}

/// Folds and seals in pieces of so many records.
pub(super) async fn fill(store: &PartitionStore, records: &[Record], piece: usize) {
    for piece in records.chunks(piece) {
        fold(store, piece);
        seal(store).await.unwrap();
    }
}

/// Names of the partition's segments.
pub(super) async fn segments(storage: &Storage) -> Vec<String> {
    storage.list("partitions/0/segments").await.unwrap()
}

/// A copy in which one object is another, or missing.
pub(super) async fn copy(storage: &Storage, path: &str, instead: Option<Bytes>) -> Storage {
    let copy = Storage::memory();
    for name in storage.list("partitions").await.unwrap() {
        let bytes = if name == path { instead.clone() } else { storage.get(&name).await.unwrap() };
        if let Some(bytes) = bytes {
            copy.put_if_absent(&name, bytes).await.unwrap();
        }
    }
    copy
}
