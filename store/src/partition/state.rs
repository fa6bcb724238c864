//! What readers and the writer share under one lock.

use std::hint::black_box;
use std::sync::Arc;

use annals_schemas::Offset;

use super::frozen::Frozen;
use super::history::{History, Probe};
use super::recent::RecentDeltas;
use super::sealed::{SealedGroup, Segments};
use super::tail::Tail;
use crate::StoreError;
use crate::fold::{Coming, Decoded, FoldedRow, Projection};

/// A record that is folded next, and what is known of it already.
pub(super) struct ComingRecord {
    pub(super) decoded: Decoded,
    /// Digest of its value.
    pub(super) value: [u8; 32],
    /// What [`State::look_ahead`] said.
    pub(super) coming: Coming,
    /// What the segments of the state were found to say of it.
    pub(super) probe: Option<Probe>,
}

/// Projection, tails and segments of one partition.
#[derive(Debug)]
pub(super) struct State {
    pub(super) projection: Projection,
    pub(super) segments: Segments,
    /// Groups of the live segments by workspace code, oldest range first. A workspace that is only
    /// in tails may be missing at the end.
    pub(super) groups: Vec<Arc<[SealedGroup]>>,
    /// Being sealed.
    pub(super) frozen: Option<Arc<Frozen>>,
    pub(super) tail: Tail,
    /// Deltas kept after their seal.
    pub(super) recent: RecentDeltas,
    /// Grows whenever rows move: with a freeze, an install, a compaction, a new start.
    pub(super) version: u64,
    /// Grows whenever the state is read anew from the manifest.
    pub(super) epoch: u64,
    /// Whether a first offset is known: set by recovery or by the first record.
    pub(super) started: bool,
    /// First offset that no manifest has committed.
    pub(super) committed: Offset,
}

impl State {
    /// Before the first record.
    pub(super) fn empty(projection: Projection) -> Self {
        Self {
            projection,
            segments: Segments::default(),
            groups: Vec::new(),
            frozen: None,
            tail: Tail::starting_at(0),
            recent: RecentDeltas::default(),
            version: 0,
            epoch: 0,
            started: false,
            committed: 0,
        }
    }

    pub(super) fn next_offset(&self) -> Option<Offset> {
        self.started.then(|| self.tail.range().end)
    }

    /// Groups of the live segments of a workspace.
    pub(super) fn groups_of(&self, code: u32) -> Arc<[SealedGroup]> {
        self.groups.get(code as usize).cloned().unwrap_or_default()
    }

    /// Looks at records that are about to be folded, without anything in between.
    pub(super) fn look_ahead(&mut self, records: &[Decoded]) -> Vec<Coming> {
        let hashes = records.iter().filter_map(|decoded| decoded.id_hash());
        let tails = [Some(self.tail.events()), self.frozen.as_deref().map(Frozen::events)];
        for events in tails.into_iter().flatten() {
            black_box(hashes.clone().filter(|hash| events.touch(*hash)).count());
        }
        self.projection.look_ahead(records)
    }

    /// Folds the next records, and shows each row. An error leaves the records from the failing one
    /// on unfolded, and rows, counts and tree as the others made them.
    pub(super) fn fold(
        &mut self,
        records: impl IntoIterator<Item = ComingRecord>,
        mut each: impl FnMut(&FoldedRow),
    ) -> Result<(), StoreError> {
        let outcome = records.into_iter().try_for_each(|record| {
            let row = self.fold_one(record)?;
            each(&row);
            Ok(())
        });
        self.projection.growth.catch_up();
        outcome
    }

    fn fold_one(&mut self, record: ComingRecord) -> Result<Arc<FoldedRow>, StoreError> {
        let ComingRecord { decoded, value, coming, probe } = record;
        if !self.started {
            self.tail = Tail::starting_at(decoded.record.position.offset);
            self.started = true;
        }
        let history = History {
            segments: &self.segments,
            frozen: self.frozen.as_deref(),
            tail: &self.tail,
            log_id: self.projection.log_id(),
            probe,
        };
        let (row, owner) = self.projection.fold((decoded, value), coming, &history)?;
        let row = Arc::new(row);
        self.tail.push(row.clone(), owner);
        Ok(row)
    }
}
