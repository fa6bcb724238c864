//! Taking records up.

use std::sync::Arc;

use super::PartitionStore;
use super::history::{Probe, probe};
use super::sealed::Segments;
use super::state::ComingRecord;
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
    /// for known events before it locks. Takes only a chunk at a time from `decoded`: what is
    /// decoded lazily is still in the processor's caches when it is folded. An error
    /// leaves the records from the failing one on unfolded and everything else as it was: fold
    /// again from `next_offset`.
    pub fn fold(&self, decoded: impl IntoIterator<Item = Decoded>) -> Result<Folded, StoreError> {
        let mut folded = Folded::default();
        self.fold_rows(decoded, |row| folded.add(row))?;
        Ok(folded)
    }

    /// Which of these events the segments have: of folding the part that looks for duplicates
    /// there, with nothing taken up. Records without an event are not there.
    pub fn are_sealed(&self, records: &[Decoded]) -> Vec<bool> {
        let segments = self.state.read().segments.clone();
        let probed = self.probe(&segments, records);
        probed.into_iter().map(|said| said.flatten().is_some()).collect()
    }

    fn probe(&self, segments: &Segments, records: &[Decoded]) -> Vec<Option<Probe>> {
        let catalog = |workspace: &str| self.sealed(workspace).map(|sealed| sealed.catalog);
        probe(segments, records, &self.shared.log_id, catalog)
    }

    /// The same as [`fold`](Self::fold), showing what became of each record.
    pub(super) fn fold_rows(
        &self,
        decoded: impl IntoIterator<Item = Decoded>,
        mut each: impl FnMut(&FoldedRow),
    ) -> Result<(), StoreError> {
        let mut decoded = decoded.into_iter();
        loop {
            let mut chunk = Vec::with_capacity(RECORDS_A_LOCK);
            chunk.extend(decoded.by_ref().take(RECORDS_A_LOCK));
            if chunk.is_empty() {
                break;
            }
            let segments = self.state.read().segments.clone();
            let probed = self.probe(&segments, &chunk);
            let values = Decoded::value_digests(&chunk);
            let mut state = self.state.write();
            let coming = state.look_ahead(&chunk);
            // Rows may have moved into a segment since: then its word counts, under the lock.
            let is_same = Arc::ptr_eq(&state.segments, &segments);
            let known = chunk.into_iter().zip(values).zip(coming.into_iter().zip(probed));
            let records = known.map(|((decoded, value), (coming, probe))| {
                let probe = probe.filter(|_| is_same);
                ComingRecord { decoded, value, coming, probe }
            });
            let outcome = state.fold(records, &mut each);
            drop(state);
            self.arrivals.send_modify(|batches| *batches += 1);
            outcome?;
        }
        Ok(())
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
