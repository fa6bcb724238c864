//! One partition of the store: the fold's state, the live tail, the segments, and their commit.
//!
//! States of a record: *live* (in the tail), *frozen* (in a tail being sealed), *sealed* (in a
//! segment a manifest names). Readers see all three at once, each record exactly once (INV-4).

mod history;
mod observed;
mod open;
mod seal;
mod state;
mod tail;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use annals_schemas::{LogId, Offset, OffsetRange, Partition};
use parking_lot::{Mutex, RwLock};

pub use observed::CompleteThrough;
pub use open::LastFolded;
pub use seal::{BuiltSegment, SealJob};
pub(crate) use state::State;
pub(crate) use tail::Frozen;

use crate::StoreError;
use crate::evidence::TreeHead;
use crate::fold::{Counts, Decoded, FoldedRow};
use crate::manifest::Chain;
use crate::segment::{ColumnCache, SegmentReader};
use crate::storage::{BoundaryHook, ObjectFile, Storage};

/// What every partition of a store shares.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) storage: Storage,
    pub(crate) log_id: LogId,
    pub(crate) cache: ColumnCache,
    pub(crate) boundary: BoundaryHook,
    pub(crate) random: fn() -> [u8; 16],
    pub(crate) serial: Arc<std::sync::atomic::AtomicU64>,
}

impl Surroundings {
    fn open_segment(
        &self,
        file: ObjectFile,
        partition: Partition,
        range: OffsetRange,
    ) -> Result<SegmentReader, StoreError> {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        SegmentReader::open(file, self.log_id, partition, range, (serial, self.cache.clone()))
    }
}

/// One partition. One writer folds and seals; any number of readers pin.
pub struct PartitionStore {
    pub(crate) partition: Partition,
    pub(crate) shared: Surroundings,
    pub(crate) state: RwLock<State>,
    chain: Mutex<Chain>,
    observed: Mutex<Option<CompleteThrough>>,
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
    /// Folds records that follow each other, and shows them to readers.
    ///
    /// Locks per small chunk, so that readers never wait for a whole batch. An error leaves the
    /// records from the failing one on unfolded and everything else as it was: fold again from
    /// `next_offset`.
    pub fn fold(&self, decoded: Vec<Decoded>) -> Result<Folded, StoreError> {
        const CHUNK: usize = 64;
        let mut folded = Folded::default();
        let mut records = decoded.into_iter().peekable();
        while records.peek().is_some() {
            let mut state = self.state.write();
            for decoded in records.by_ref().take(CHUNK) {
                let row = state.fold(decoded)?;
                folded.add(&row);
            }
        }
        Ok(folded)
    }

    /// Its number.
    pub fn number(&self) -> Partition {
        self.partition
    }

    /// Next offset to fold; `None` before the first record.
    pub fn next_offset(&self) -> Option<Offset> {
        self.state.read().next_offset()
    }

    /// Record bytes in memory: live tail and frozen tail.
    pub fn tail_bytes(&self) -> usize {
        let state = self.state.read();
        state.tail.bytes() + state.frozen.as_ref().map_or(0, |frozen| frozen.tail.bytes())
    }

    /// Whether a frozen tail waits to be committed.
    pub fn is_sealing(&self) -> bool {
        self.state.read().frozen.is_some()
    }

    /// Record bytes in the live tail alone: what the next seal would take.
    pub fn live_bytes(&self) -> usize {
        self.state.read().tail.bytes()
    }

    /// Counts, offsets and tree head.
    pub fn accounting(&self) -> Accounting {
        let committed = self.chain.lock().head().map_or(0, |manifest| manifest.end);
        let state = self.state.read();
        Accounting {
            partition: self.partition,
            counts: state.projection.counts,
            next: state.next_offset().unwrap_or(0),
            committed,
            tree: state.projection.tree.head(),
        }
    }
}

/// What a batch came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Folded {
    /// The identity's terms, of this batch.
    pub counts: Counts,
}

impl Folded {
    fn add(&mut self, row: &FoldedRow) {
        match row.status {
            crate::fold::Status::Visible(_) => self.counts.visible += 1,
            crate::fold::Status::Duplicate => self.counts.duplicate += 1,
            crate::fold::Status::Quarantined(_) => self.counts.quarantined += 1,
        }
    }
}

#[cfg(test)]
mod tests;
