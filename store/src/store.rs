//! A store: one log's partitions under one storage root.
//!
//! Guarantees that a partition which cannot be opened is unavailable by itself: the others are
//! served, and opening it may be tried again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use annals_schemas::{Instant, LogId, Partition, WorkspaceId, partition_of};
use futures::StreamExt;
use parking_lot::RwLock;

use crate::StoreError;
use crate::log_identity::LogIdentity;
use crate::names::NameIndex;
use crate::partition::{Accounting, CompactionOptions, PartitionStore, Surroundings};
use crate::query::{RefusedPage, WorkspaceReader, refused};
use crate::storage::{BoundaryHook, Storage};

/// So many partitions are opened at once.
const OPENED_AT_ONCE: usize = 8;

/// How a store is opened.
#[derive(Clone)]
pub struct StoreOptions {
    /// Called at each commit boundary.
    pub boundary: BoundaryHook,
    /// Sixteen unpredictable bytes: log id, try ids.
    pub random: fn() -> [u8; 16],
    /// The clock. Only the removal of replaced files hangs on it.
    pub now: Arc<dyn Fn() -> Instant + Send + Sync>,
    /// How long replaced segments and old manifests stay, for readers in other processes.
    pub grace: Duration,
    /// How segments are merged.
    pub compaction: CompactionOptions,
    /// Memory of all partitions for what events touched lately, so that the next ones find it
    /// without asking segments.
    pub recent_bytes: usize,
}

impl StoreOptions {
    /// The usual bounds.
    pub fn new(random: fn() -> [u8; 16], now: Arc<dyn Fn() -> Instant + Send + Sync>) -> Self {
        Self {
            boundary: BoundaryHook::default(),
            random,
            now,
            grace: Duration::from_secs(600),
            compaction: CompactionOptions::default(),
            recent_bytes: 128 << 20,
        }
    }
}

/// An open store. Cheap to share.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    identity: LogIdentity,
    shared: Surroundings,
    slots: BTreeMap<Partition, Slot>,
}

/// A partition's place, whether it could be opened or not.
struct Slot {
    opened: RwLock<Result<Arc<PartitionStore>, String>>,
    /// For a partition that is opened later.
    names: RwLock<Option<Arc<dyn NameIndex>>>,
}

impl Store {
    /// Opens all partitions, making `log.json` on the first start and comparing it ever after.
    ///
    /// A partition that cannot be opened is no error here: see [`unavailable`](Self::unavailable).
    pub async fn open(
        storage: Storage,
        identity: LogIdentity,
        options: StoreOptions,
    ) -> Result<Self, StoreError> {
        storage.clear_staging()?;
        let log_id = identity.bind(&storage, options.random).await?;
        Ok(Self::over(storage, (identity, log_id), options, false).await)
    }

    /// Opens a store as it is and writes nothing, also while its owner runs; `None` if there is
    /// none. What the log has beyond the manifests is not seen.
    pub async fn open_read_only(
        storage: Storage,
        options: StoreOptions,
    ) -> Result<Option<Self>, StoreError> {
        match LogIdentity::read(&storage).await? {
            Some(found) => Ok(Some(Self::over(storage, found, options, true).await)),
            None => Ok(None),
        }
    }

    async fn over(
        storage: Storage,
        (identity, log_id): (LogIdentity, LogId),
        options: StoreOptions,
        read_only: bool,
    ) -> Self {
        let shared = Surroundings {
            storage,
            log_id,
            read_only,
            boundary: options.boundary,
            random: options.random,
            now: options.now,
            grace: options.grace,
            compaction: Arc::new(options.compaction),
            recent_bytes: options.recent_bytes / identity.partitions.max(1) as usize,
        };
        let open = |partition| {
            let shared = shared.clone();
            async move { (partition, Slot::open(shared, partition).await) }
        };
        let opening = futures::stream::iter(0..identity.partitions).map(open);
        let slots = opening.buffer_unordered(OPENED_AT_ONCE).collect::<Vec<_>>().await;
        let slots = slots.into_iter().collect();
        Self(Arc::new(Inner { identity, shared, slots }))
    }

    /// The log's id, part of every leaf.
    pub fn log_id(&self) -> LogId {
        self.0.shared.log_id
    }

    /// The log it was made from.
    pub fn identity(&self) -> &LogIdentity {
        &self.0.identity
    }

    /// Number of partitions, fixed for the log's life.
    pub fn partition_count(&self) -> u32 {
        self.0.identity.partitions
    }

    /// One partition; `Unavailable` if it could not be opened.
    pub fn partition(&self, partition: Partition) -> Result<Arc<PartitionStore>, StoreError> {
        let opened = self.slot(partition)?.opened.read();
        opened.clone().map_err(|reason| StoreError::Unavailable { partition, reason })
    }

    /// The partitions that are open.
    pub fn partitions(&self) -> impl Iterator<Item = Arc<PartitionStore>> + '_ {
        self.0.slots.values().filter_map(|slot| slot.opened.read().clone().ok())
    }

    /// The partitions that are not, with the reason of each.
    pub fn unavailable(&self) -> Vec<(Partition, String)> {
        let reason = |slot: &Slot| slot.opened.read().as_ref().err().cloned();
        let slots = self.0.slots.iter();
        slots.filter_map(|(&partition, slot)| Some((partition, reason(slot)?))).collect()
    }

    /// Starts a partition again from its manifest, whether it was open or not. One that was open
    /// stays so if this fails; one that was not is `Unavailable` still, and may be tried again.
    pub async fn reopen(&self, partition: Partition) -> Result<(), StoreError> {
        let slot = self.slot(partition)?;
        let opened = slot.opened.read().as_ref().ok().cloned();
        if let Some(opened) = opened {
            return opened.reopen().await;
        }
        match PartitionStore::open(self.0.shared.clone(), partition).await {
            Ok(opened) => {
                if let Some(names) = slot.names.read().clone() {
                    opened.set_names(names);
                }
                *slot.opened.write() = Ok(Arc::new(opened));
                Ok(())
            }
            Err(error) => {
                let reason = reason_of(&error);
                *slot.opened.write() = Err(reason.clone());
                Err(StoreError::Unavailable { partition, reason })
            }
        }
    }

    /// The handle on one workspace's data. The caller has checked that it may be read.
    pub fn workspace(&self, id: &WorkspaceId) -> Result<WorkspaceReader, StoreError> {
        let partition = partition_of(id.as_str().as_bytes(), self.0.identity.partitions);
        Ok(WorkspaceReader::new(id.clone(), self.partition(partition)?))
    }

    /// Figures of every open partition.
    pub fn accounting(&self) -> Vec<Accounting> {
        self.partitions().map(|partition| partition.accounting()).collect()
    }

    /// Quarantined records without a valid workspace key: for an admin of everything.
    pub fn ownerless(
        &self,
        partition: Partition,
        before: Option<u64>,
        limit: usize,
    ) -> Result<RefusedPage, StoreError> {
        refused(&*self.partition(partition)?, None, before, limit)
    }

    /// Lets name searches of a partition use this index from now on, also once it is opened.
    pub fn set_names(
        &self,
        partition: Partition,
        index: Arc<dyn NameIndex>,
    ) -> Result<(), StoreError> {
        let slot = self.slot(partition)?;
        *slot.names.write() = Some(index.clone());
        if let Ok(opened) = slot.opened.read().as_ref() {
            opened.set_names(index);
        }
        Ok(())
    }

    fn slot(&self, partition: Partition) -> Result<&Slot, StoreError> {
        let partitions = self.0.identity.partitions;
        let missing = StoreError::UnknownPartition { partition, partitions };
        self.0.slots.get(&partition).ok_or(missing)
    }
}

impl Slot {
    async fn open(shared: Surroundings, partition: Partition) -> Self {
        let opened = PartitionStore::open(shared, partition).await.map(Arc::new);
        let opened = opened.map_err(|error| {
            let reason = reason_of(&error);
            tracing::error!(partition, reason, "partition unavailable: it could not be opened");
            reason
        });
        Self { opened: RwLock::new(opened), names: RwLock::new(None) }
    }
}

/// An error with its causes on one line.
fn reason_of(error: &StoreError) -> String {
    let mut reason = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        reason.push_str(": ");
        reason.push_str(&deeper.to_string());
        cause = deeper.source();
    }
    reason
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{self, Dice};
    use crate::fold::Decoded;

    fn identity(topic: &str, partitions: u32) -> LogIdentity {
        LogIdentity { topic: topic.into(), partitions, cluster_id: None, topic_id: None }
    }

    fn options() -> StoreOptions {
        StoreOptions::new(fixture::random, Arc::new(|| Instant::from_micros(0).unwrap()))
    }

    async fn open(storage: &Storage) -> Store {
        Store::open(storage.clone(), identity("t", 8), options()).await.unwrap()
    }

    /// Folds and seals events of three workspaces, each in the partition of its own.
    async fn fill(store: &Store) -> Vec<Partition> {
        let mut dice = Dice::new(1);
        let mut partitions = Vec::new();
        for id in 1..60 {
            let event = fixture::event(&mut dice, id);
            let mut record = fixture::record(&event, u64::try_from(id).unwrap());
            let partition = partition_of(event.workspace_id.as_str().as_bytes(), 8);
            record.position.partition = partition;
            let decoded = Decoded::new(record, &store.log_id(), 8);
            store.partition(partition).unwrap().fold(vec![decoded]).unwrap();
            partitions.push(partition);
        }
        partitions.sort_unstable();
        partitions.dedup();
        for &partition in &partitions {
            let store = store.partition(partition).unwrap();
            let job = store.freeze().unwrap();
            store.commit(&mut job.build(&store).unwrap()).await.unwrap();
        }
        partitions
    }

    #[tokio::test]
    async fn another_log_or_partition_count_is_refused() {
        let storage = Storage::memory();
        open(&storage).await;
        let changed = Store::open(storage.clone(), identity("t", 2), options()).await.err();
        let expected = "PartitionsChanged: the log had 8 partitions, now it has 2";
        assert_eq!(changed.unwrap().to_string(), expected);
        let foreign = Store::open(storage, identity("u", 8), options()).await.err().unwrap();
        assert!(matches!(foreign, StoreError::ForeignLog { what: "topic", .. }), "{foreign}");
    }

    #[tokio::test]
    async fn a_partition_that_cannot_be_opened_is_unavailable_by_itself() {
        let directory = tempfile::tempdir().unwrap();
        let storage = Storage::local(directory.path()).unwrap();
        let store = open(&storage).await;
        let before = store.accounting();
        let partitions = fill(&store).await;
        assert!(partitions.len() > 1, "{partitions:?}");
        assert_ne!(store.accounting(), before);
        let whole = store.accounting();
        let lost = partitions[0];
        let path = storage.list(&format!("partitions/{lost}/segments")).await.unwrap().remove(0);
        let file = directory.path().join(&path);
        let aside = directory.path().join("aside");
        std::fs::rename(&file, &aside).unwrap();

        let store = open(&storage).await;
        let unavailable = store.unavailable();
        assert_eq!(unavailable.len(), 1);
        assert_eq!(unavailable[0].0, lost);
        assert!(unavailable[0].1.contains(&path), "{unavailable:?}");
        assert_eq!(store.partitions().count(), 7);
        let error = store.partition(lost).err().unwrap();
        assert!(matches!(&error, StoreError::Unavailable { partition, .. } if *partition == lost));
        assert!(error.is_retryable() && error.to_string().contains(&path), "{error}");
        for number in 0..3 {
            let id = fixture::workspace(number);
            let is_lost = partition_of(id.as_str().as_bytes(), 8) == lost;
            match store.workspace(&id) {
                Ok(reader) => assert!(!is_lost && reader.last_seq() > 0, "{number}"),
                Err(error) => assert!(is_lost && error.to_string().contains(&path), "{error}"),
            }
        }
        let error = store.reopen(lost).await.unwrap_err();
        assert!(matches!(&error, StoreError::Unavailable { partition, .. } if *partition == lost));

        std::fs::rename(&aside, &file).unwrap();
        store.reopen(lost).await.unwrap();
        assert_eq!(store.unavailable(), []);
        assert_eq!(store.accounting(), whole);
    }

    #[tokio::test]
    async fn a_partition_that_does_not_exist_is_no_unavailable_one() {
        let store = open(&Storage::memory()).await;
        let error = store.partition(8).err().unwrap();
        assert!(matches!(error, StoreError::UnknownPartition { partition: 8, partitions: 8 }));
        assert_eq!(store.partition_count(), 8);
    }
}
