//! What can go wrong with a store, by what the caller can do about it.

use annals_schemas::{Offset, Partition, SchemaId};

/// A store's failure.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The storage backend failed; the state in memory is still right for readers.
    #[error("{operation} {path} failed")]
    Storage {
        /// What was tried.
        operation: &'static str,
        /// On which object.
        path: String,
        /// The backend's answer.
        #[source]
        source: object_store::Error,
    },
    /// A file could not be read.
    #[error("reading {path} failed")]
    Read {
        /// The file.
        path: String,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// A file could not be written, synced or given its name.
    #[error("writing {path} failed")]
    Write {
        /// The file.
        path: String,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// A storage URL names nothing that this build can open.
    #[error("storage {url}: {detail}")]
    StorageUrl {
        /// The URL, without what may be secret in it.
        url: String,
        /// Why it cannot be opened.
        detail: String,
    },
    /// Somebody else keeps objects in this directory.
    #[error("cache {directory} is in use already: each process needs one of its own")]
    CacheInUse {
        /// The directory.
        directory: String,
    },
    /// Bytes are not what was written.
    #[error("{path} is damaged at byte {at}: {detail}")]
    Corrupt {
        /// The file.
        path: String,
        /// Where in it.
        at: u64,
        /// What was found.
        detail: String,
    },
    /// The file was written by a newer Annals.
    #[error("{path} has format {found}, this program reads up to {known}")]
    NewerFormat {
        /// The file.
        path: String,
        /// Its format.
        found: u32,
        /// The newest known here.
        known: u32,
    },
    /// The handle is confined to a part of the workspace, and the answer cannot be.
    #[error("the answer cannot be confined to what this handle may see")]
    Restricted,
    /// The store belongs to another log.
    #[error(
        "log.json says {what} {stored}, the log says {found}: this store belongs to another log"
    )]
    ForeignLog {
        /// Which identity differs.
        what: &'static str,
        /// What the store remembers.
        stored: String,
        /// What the log says now.
        found: String,
    },
    /// The partition count changed: every key would move.
    #[error("PartitionsChanged: the log had {stored} partitions, now it has {found}")]
    PartitionsChanged {
        /// Count in `log.json`.
        stored: u32,
        /// Count now.
        found: u32,
    },
    /// Another writer published the next manifest; reload and refold.
    #[error("partition {partition}: manifest {number} was published by another writer")]
    Superseded {
        /// The partition.
        partition: Partition,
        /// The manifest's number.
        number: u64,
    },
    /// The log no longer holds what comes next, or never held what was projected.
    #[error(
        "OffsetGap: partition {partition} stands at {checkpoint}, the log holds {start}..{end}"
    )]
    OffsetGap {
        /// The partition.
        partition: Partition,
        /// Next offset to project.
        checkpoint: Offset,
        /// The log's first offset.
        start: Offset,
        /// The log's high watermark.
        end: Offset,
    },
    /// The last committed record is another one in the log now.
    #[error("LogRewritten: partition {partition}, offset {offset} no longer matches its leaf")]
    LogRewritten {
        /// The partition.
        partition: Partition,
        /// The offset.
        offset: Offset,
    },
    /// A record names a schema of a registry that is not resolved yet: the partition waits.
    #[error("partition {partition} waits at offset {offset}: schema {id} is not resolved")]
    SchemaUnresolved {
        /// The partition.
        partition: Partition,
        /// The record's offset.
        offset: Offset,
        /// The schema's id.
        id: SchemaId,
        /// Why the registry has not said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No such partition in this log.
    #[error("partition {partition} does not exist, the log has {partitions}")]
    UnknownPartition {
        /// What was asked for.
        partition: Partition,
        /// How many there are.
        partitions: u32,
    },
    /// The snapshot a reader goes on with is not folded again yet: it comes back by itself.
    #[error("sequence number {asked} is not reached yet, folded is {reached}")]
    NotCaughtUp {
        /// Last sequence number of the snapshot.
        asked: u64,
        /// Last one there is.
        reached: u64,
    },
    /// The partition could not be opened; the others are served.
    #[error("partition {partition} is unavailable: {reason}")]
    Unavailable {
        /// The partition.
        partition: Partition,
        /// Why opening it failed the last time.
        reason: String,
    },
    /// A query came to its deadline.
    #[error("the query was out of time after {rows} rows")]
    OverTime {
        /// Rows touched.
        rows: u64,
    },
    /// A query touched more rows than it may.
    #[error("the query touched {rows} rows, the limit is {limit}")]
    OverBudget {
        /// Rows touched.
        rows: u64,
        /// The limit.
        limit: u64,
    },
}

impl StoreError {
    /// Whether reopening the partition from its manifest, later, may succeed by itself.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Storage { .. }
                | Self::Read { .. }
                | Self::Write { .. }
                | Self::Superseded { .. }
                | Self::Unavailable { .. }
                | Self::NotCaughtUp { .. }
                | Self::SchemaUnresolved { .. }
        )
    }

    pub(crate) fn corrupt(path: &str, at: u64, detail: impl Into<String>) -> Self {
        Self::Corrupt { path: path.to_owned(), at, detail: detail.into() }
    }
}
