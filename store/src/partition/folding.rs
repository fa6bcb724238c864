//! Taking records up.

use std::sync::Arc;

use super::PartitionStore;
use super::history::probe;
use crate::StoreError;
use crate::fold::{Counts, Decoded, FoldedRow, Status};

/// Records folded under one lock.
const RECORDS_A_LOCK: usize = 64;

/// What a batch came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Folded {
    /// The identity's terms, of this batch.
    pub counts: Counts,
}

impl PartitionStore {
    /// Folds records that follow each other, and shows them to readers.
    ///
    /// Locks per small chunk, so that readers never wait for a whole batch, and asks the segments
    /// for known events before it locks. An error leaves the records from the failing one on
    /// unfolded and everything else as it was: fold again from `next_offset`.
    pub fn fold(&self, decoded: Vec<Decoded>) -> Result<Folded, StoreError> {
        let mut folded = Folded::default();
        let origin = (self.partition, self.shared.log_id);
        let mut records = decoded.into_iter().peekable();
        while records.peek().is_some() {
            let segments = self.state.read().segments.clone();
            let chunk = records.by_ref().take(RECORDS_A_LOCK);
            let probed: Vec<_> =
                chunk.map(|decoded| (probe(&segments, &decoded, origin), decoded)).collect();
            let mut state = self.state.write();
            for (probe, decoded) in probed {
                // Rows may have moved into a segment since: then its word counts, under the lock.
                let is_same = Arc::ptr_eq(&state.segments, &segments);
                let row = state.fold(decoded, probe.filter(|_| is_same))?;
                folded.add(&row);
            }
            drop(state);
            self.arrivals.send_modify(|batches| *batches += 1);
        }
        Ok(folded)
    }
}

impl Folded {
    fn add(&mut self, row: &FoldedRow) {
        match row.status {
            Status::Visible(_) => self.counts.visible += 1,
            Status::Duplicate => self.counts.duplicate += 1,
            Status::Quarantined(_) => self.counts.quarantined += 1,
        }
    }
}
