//! Records as segments hold them, byte for byte, for those who check or rebuild.
//!
//! Deliberately not here: what readers of one workspace see (`query`).

use std::sync::Arc;

use annals_schemas::{Offset, OffsetRange, Reason, Record};

use super::PartitionStore;
use crate::StoreError;
use crate::catalog::SealedCatalog;
use crate::fold::{Decoded, FoldedRow, Status};
use crate::rows::Rows as _;
use crate::segment::{
    BlockCache, GroupRecords, RowRecord, SegmentReader, StoredRow, StoredStatus, VerifiedRow,
};

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A row people see.
    Visible {
        /// Its number in its workspace.
        seq: u64,
    },
    /// Equal to an earlier visible one.
    Duplicate,
    /// Refused.
    Quarantined(Reason),
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Visible { seq } => write!(f, "visible with seq {seq}"),
            Self::Duplicate => f.write_str("duplicate"),
            Self::Quarantined(reason) => write!(f, "quarantined as {reason}"),
        }
    }
}

/// A record with its place in the chains of offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRecord {
    /// The record as it came from the log.
    pub record: Record,
    /// Offset of the record before it in the partition.
    pub previous: Option<Offset>,
    /// Offset of the record before it with the same valid key.
    pub previous_of_key: Option<Offset>,
}

/// Where a record lies in its segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedPlace {
    /// Its offset in the log.
    pub offset: Offset,
    /// What became of it.
    pub verdict: Verdict,
    group: u32,
    row: u32,
}

/// A live segment. Stays readable however the store goes on.
pub struct SealedSegment {
    pub(super) reader: Arc<SegmentReader>,
    /// Of each group's workspace.
    pub(super) catalogs: Vec<SealedCatalog>,
}

impl PartitionStore {
    /// The live segments, oldest range first.
    pub fn sealed_segments(&self) -> Vec<SealedSegment> {
        let segments = self.state.read().segments.clone();
        let with_catalogs = |reader: &Arc<SegmentReader>| {
            let of = |workspace: &str| self.sealed(workspace).map(|sealed| sealed.catalog);
            let groups = reader.groups().iter();
            let catalogs = groups.map(|group| of(&group.workspace).unwrap_or_default()).collect();
            SealedSegment { reader: reader.clone(), catalogs }
        };
        segments.iter().map(with_catalogs).collect()
    }

    /// Folds records that follow each other, like [`fold`](Self::fold), and says of each what
    /// became of it.
    pub fn fold_verdicts(
        &self,
        decoded: impl IntoIterator<Item = Decoded>,
    ) -> Result<Vec<(Offset, Verdict)>, StoreError> {
        let decoded = decoded.into_iter();
        let mut verdicts = Vec::with_capacity(decoded.size_hint().0);
        let told = |row: &FoldedRow| (row.record.position.offset, Verdict::of(row));
        self.fold_rows(decoded, |row| verdicts.push(told(row)))?;
        Ok(verdicts)
    }
}

impl SealedSegment {
    /// Offsets it covers.
    pub fn range(&self) -> OffsetRange {
        self.reader.identity().range
    }

    /// Its name below the store's root.
    pub fn path(&self) -> &str {
        self.reader.path()
    }

    /// Compares every checksum, and rows, columns, directory and ids with each other.
    pub fn verify(&self) -> Result<(), StoreError> {
        self.reader.verify()
    }

    /// The same, with every record given away as it is unpacked, in the order in which they are
    /// stored. Nothing is proven of them before this has come to its end.
    pub fn verify_each_record(&self, mut each: impl FnMut(SealedRecord)) -> Result<(), StoreError> {
        let numbered = (0..).zip(self.catalogs.iter());
        let layers: Vec<_> = numbered.map(|(group, _)| self.reader.layer_of(group)).collect();
        let records_of =
            |group: u32| layers[group as usize].records(self.catalogs[group as usize].view());
        // Groups come one after the other: what is opened for one is closed before the next.
        let mut at_hand: Option<(u32, GroupRecords<'_>)> = None;
        self.reader.verify_rows(|verified| {
            let VerifiedRow { group, row, stored } = verified;
            let (_, records) = match &mut at_hand {
                Some(known) if known.0 == group => known,
                at_hand => at_hand.insert((group, records_of(group))),
            };
            each(records.record_of(row, &stored)?.into());
            Ok(())
        })
    }

    /// Every record's place, by offset: 40 bytes a record.
    pub fn places(&self) -> Result<Vec<SealedPlace>, StoreError> {
        self.places_in(|_| true)
    }

    fn places_in(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<SealedPlace>, StoreError> {
        let mut places = Vec::new();
        let mut cache = BlockCache::default();
        let groups = (0..).zip(self.reader.groups());
        for (group, named) in groups.filter(|(_, named)| wanted(&named.workspace)) {
            for row in 0..named.rows() {
                let stored = self.reader.row(group, row, &mut cache)?;
                let verdict = self.verdict(&stored, group, row)?;
                places.push(SealedPlace { offset: stored.offset, verdict, group, row });
            }
        }
        places.sort_unstable_by_key(|place| place.offset);
        Ok(places)
    }

    fn verdict(&self, stored: &StoredRow<'_>, group: u32, row: u32) -> Result<Verdict, StoreError> {
        Ok(match &stored.status {
            StoredStatus::Visible { seq } => Verdict::Visible { seq: *seq },
            StoredStatus::Compact => {
                Verdict::Visible { seq: self.reader.rows(group)?.key(row).seq }
            }
            StoredStatus::Duplicate => Verdict::Duplicate,
            StoredStatus::Quarantined { reason, .. } => Verdict::Quarantined(*reason),
        })
    }

    /// Places of the records with a workspace's key, and of those that are nobody's rows, among
    /// which there may be more with that key; by offset.
    pub fn places_of(&self, workspace: &str) -> Result<Vec<SealedPlace>, StoreError> {
        self.places_in(|group| group == workspace || group.is_empty())
    }

    /// Number of records.
    pub fn record_count(&self) -> u64 {
        self.reader.counts().records()
    }

    /// Shows every record, in the order in which they lie.
    pub fn each_record(&self, mut each: impl FnMut(SealedRecord)) -> Result<(), StoreError> {
        let mut cache = BlockCache::default();
        for (group, named) in (0..).zip(self.reader.groups()) {
            let layer = self.reader.layer_of(group);
            let records = layer.records(self.catalogs[group as usize].view());
            for row in 0..named.rows() {
                each(records.record(row, &mut cache)?.into());
            }
        }
        Ok(())
    }

    /// The records of these places, in their order.
    pub fn records(&self, places: &[SealedPlace]) -> Result<Vec<SealedRecord>, StoreError> {
        let mut cache = BlockCache::default();
        let mut records = Vec::with_capacity(places.len());
        for places in places.chunk_by(|place, next| place.group == next.group) {
            let group = places[0].group;
            let layer = self.reader.layer_of(group);
            let of_group = layer.records(self.catalogs[group as usize].view());
            for place in places {
                records.push(of_group.record(place.row, &mut cache)?.into());
            }
        }
        Ok(records)
    }
}

impl From<RowRecord> for SealedRecord {
    fn from(RowRecord { record, previous, previous_of_key }: RowRecord) -> Self {
        Self { record, previous, previous_of_key }
    }
}

impl Verdict {
    fn of(row: &FoldedRow) -> Self {
        match &row.status {
            Status::Visible(row) => Self::Visible { seq: row.key.seq },
            Status::Duplicate => Self::Duplicate,
            Status::Quarantined(refusal) => Self::Quarantined(refusal.reason),
        }
    }
}
