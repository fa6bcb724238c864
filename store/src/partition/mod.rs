//! One partition of the store: the fold's state, the live tail, the segments, their commit and
//! their compaction.
//!
//! States of a record: *live* (in the tail), *frozen* (in a tail being sealed), *sealed* (in a
//! segment a manifest names). Readers see all three at once, each record exactly once (INV-4).

mod build;
mod chunk;
mod committed;
mod compaction;
mod events;
mod folding;
mod frozen;
mod history;
mod install;
mod names;
mod observed;
mod offsets;
mod open;
mod publishing;
mod read_ahead;
mod reading;
mod recent;
mod retire;
mod row_forms;
mod ruling;
mod seal;
mod sealed;
mod state;
mod tail;
#[cfg(test)]
mod tests;
mod tiers;
mod verbatim;

use std::sync::Arc;
use std::time::Duration;

use annals_schemas::{Instant, LogId, Offset, Partition};
use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;

pub(crate) use chunk::{Chunk, TailRow};
pub use committed::Committed;
pub use compaction::{CompactJob, CompactedSegment, Compaction};
pub use folding::Folded;
pub use observed::CompleteThrough;
pub use open::LastFolded;
use publishing::Publishing;
pub(crate) use reading::{Place, WorkspaceLive};
pub use retire::Removed;
pub use seal::{BuiltSegment, SealJob};
pub(crate) use sealed::{SealedGroup, WorkspaceSealed};
use state::State;
pub use tiers::CompactionOptions;
pub use verbatim::{SealedPlace, SealedRecord, SealedSegment, Verdict};

use crate::evidence::TreeHead;
use crate::fold::Counts;
use crate::names::NameIndex;
use crate::rulings::PartitionSchemas;
use crate::storage::{BoundaryHook, Storage};

/// What every partition of a store shares.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) storage: Storage,
    pub(crate) log_id: LogId,
    /// Nothing may be removed: the owner may be another process.
    pub(crate) read_only: bool,
    pub(crate) boundary: BoundaryHook,
    pub(crate) random: fn() -> [u8; 16],
    pub(crate) now: Arc<dyn Fn() -> Instant + Send + Sync>,
    pub(crate) grace: Duration,
    pub(crate) compaction: Arc<CompactionOptions>,
    /// Memory of deltas kept after their seal, for each partition.
    pub(crate) recent_bytes: usize,
}

/// One partition. One writer folds, seals and compacts; any number of readers.
pub struct PartitionStore {
    pub(crate) partition: Partition,
    pub(crate) shared: Surroundings,
    state: RwLock<State>,
    /// Held while a manifest is published, or files are removed.
    publishing: tokio::sync::Mutex<Publishing>,
    observed: Mutex<Option<CompleteThrough>>,
    names: RwLock<Option<Arc<dyn NameIndex>>>,
    /// What is known of a registry's schemas; replaced as a whole.
    schemas: RwLock<Arc<PartitionSchemas>>,
    /// Grows with every batch that was folded; nothing else is told.
    arrivals: watch::Sender<u64>,
}

/// A partition's figures at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounting {
    /// The partition.
    pub partition: Partition,
    /// The identity's terms.
    pub counts: Counts,
    /// Next offset to fold.
    pub next: Offset,
    /// Next offset a manifest has committed.
    pub committed: Offset,
    /// Tree over everything folded.
    pub tree: TreeHead,
}

impl PartitionStore {
    /// Its number.
    pub fn number(&self) -> Partition {
        self.partition
    }

    /// The log's id, part of every leaf.
    pub fn log_id(&self) -> LogId {
        self.shared.log_id
    }

    /// Next offset to fold; `None` before the first record.
    pub fn next_offset(&self) -> Option<Offset> {
        self.state.read().next_offset()
    }

    /// Changes after each batch of records that was folded and is visible.
    pub fn arrivals(&self) -> watch::Receiver<u64> {
        self.arrivals.subscribe()
    }

    /// Record bytes in memory: live tail and frozen tail.
    pub fn tail_bytes(&self) -> usize {
        let state = self.state.read();
        state.tail.bytes() + state.frozen.as_ref().map_or(0, |frozen| frozen.bytes)
    }

    /// Whether a frozen tail waits to be committed.
    pub fn is_sealing(&self) -> bool {
        self.state.read().frozen.is_some()
    }

    /// Record bytes in the live tail alone: what the next seal would take.
    pub fn live_bytes(&self) -> usize {
        self.state.read().tail.bytes()
    }

    /// Number of live segments.
    pub fn live_segments(&self) -> usize {
        self.state.read().segments.len()
    }

    /// Counts, offsets and tree head.
    pub fn accounting(&self) -> Accounting {
        let state = self.state.read();
        Accounting {
            partition: self.partition,
            counts: state.projection.counts,
            next: state.next_offset().unwrap_or(0),
            committed: state.committed,
            tree: state.projection.growth.tree().head(),
        }
    }
}
