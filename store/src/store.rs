//! A store: one log's partitions under one storage root.

use std::collections::BTreeMap;
use std::sync::Arc;

use annals_schemas::{LogId, Partition, WorkspaceId, partition_of};
use moka::sync::Cache;

use crate::StoreError;
use crate::log_identity::LogIdentity;
use crate::partition::{Accounting, PartitionStore, Surroundings};
use crate::query::{RefusedPage, WorkspaceReader, refused};
use crate::storage::{BoundaryHook, Storage};

/// How a store is opened.
pub struct StoreOptions {
    /// Bound of the column cache in bytes.
    pub cache_bytes: u64,
    /// Called at each commit boundary.
    pub boundary: BoundaryHook,
    /// Sixteen unpredictable bytes: log id, try ids.
    pub random: fn() -> [u8; 16],
}

/// An open store. Cheap to share.
#[derive(Clone)]
pub struct Store {
    identity: LogIdentity,
    log_id: LogId,
    partitions: Arc<BTreeMap<Partition, Arc<PartitionStore>>>,
}

impl Store {
    /// Opens all partitions, making `log.json` on the first start and comparing it ever after.
    pub async fn open(
        storage: Storage,
        identity: LogIdentity,
        options: StoreOptions,
    ) -> Result<Self, StoreError> {
        storage.clear_staging()?;
        let log_id = identity.bind(&storage, options.random).await?;
        let cache = Cache::builder()
            .max_capacity(options.cache_bytes)
            .weigher(|_, columns: &Arc<crate::segment::Columns>| {
                u32::try_from(columns.size_bytes()).unwrap_or(u32::MAX)
            })
            .build();
        let shared = Surroundings {
            storage,
            log_id,
            cache,
            boundary: options.boundary,
            random: options.random,
            serial: Arc::default(),
        };
        let mut partitions = BTreeMap::new();
        for partition in 0..identity.partitions {
            let opened = PartitionStore::open(shared.clone(), partition).await?;
            partitions.insert(partition, Arc::new(opened));
        }
        Ok(Self { identity, log_id, partitions: Arc::new(partitions) })
    }

    /// The log's id, part of every leaf.
    pub fn log_id(&self) -> LogId {
        self.log_id
    }

    /// Number of partitions, fixed for the log's life.
    pub fn partition_count(&self) -> u32 {
        self.identity.partitions
    }

    /// One partition.
    pub fn partition(&self, partition: Partition) -> Result<&Arc<PartitionStore>, StoreError> {
        let partitions = self.identity.partitions;
        let missing = StoreError::UnknownPartition { partition, partitions };
        self.partitions.get(&partition).ok_or(missing)
    }

    /// All partitions.
    pub fn partitions(&self) -> impl Iterator<Item = &Arc<PartitionStore>> {
        self.partitions.values()
    }

    /// The handle on one workspace's data. The caller has checked that it may be read.
    pub fn workspace(&self, id: &WorkspaceId) -> WorkspaceReader {
        let partition = partition_of(id.as_str().as_bytes(), self.identity.partitions);
        let store = self.partitions.get(&partition).expect("partition_of stays below the count");
        WorkspaceReader::new(id.clone(), store.clone())
    }

    /// Figures of every partition.
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
        refused(self.partition(partition)?, None, before, limit)
    }
}
