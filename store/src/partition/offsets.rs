//! Records of a segment by their offsets, though rows lie in the order of pages: found in each
//! group by halving, since a workspace's seqs ascend as its offsets do, and refused rows lie by
//! offset.

use std::ops::Range;

use annals_schemas::{Offset, OffsetRange};

use super::verbatim::{SealedRecord, SealedSegment};
use crate::StoreError;
use crate::rows::Rows as _;
use crate::segment::{BlockCache, SegmentReader, SegmentRows};

impl SealedSegment {
    /// Shows the records with offsets in a range, in the order in which they lie. Of everything
    /// else some blocks are unpacked: twice the logarithm of its rows for each group.
    pub fn each_record_in(
        &self,
        offsets: OffsetRange,
        mut each: impl FnMut(SealedRecord),
    ) -> Result<(), StoreError> {
        let mut cache = BlockCache::default();
        for group in 0..u32::try_from(self.reader.groups().len()).unwrap_or(u32::MAX) {
            let mut search = Search::new(&self.reader, group)?;
            if !search.may_have(&offsets) {
                continue;
            }
            let layer = self.reader.layer_of(group);
            let records = layer.records(self.catalogs[group as usize].view());
            for row in search.rows_in(&offsets)? {
                each(records.record(row, &mut cache)?.into());
            }
        }
        Ok(())
    }
}

/// One group, searched by offset.
struct Search<'a> {
    reader: &'a SegmentReader,
    group: u32,
    rows: SegmentRows<'a>,
    visible: u32,
    all: u32,
    /// Seqs of the visible rows: they follow each other.
    seqs: Range<u64>,
    cache: BlockCache,
}

impl<'a> Search<'a> {
    fn new(reader: &'a SegmentReader, group: u32) -> Result<Self, StoreError> {
        let found = &reader.groups()[group as usize];
        let (visible, all, last) = (found.visible, found.rows(), found.end.last_seq);
        let seqs = (last + 1).saturating_sub(u64::from(visible))..last + 1;
        let rows = reader.rows(group)?;
        Ok(Self { reader, group, rows, visible, all, seqs, cache: BlockCache::default() })
    }

    /// Whether there can be such a record. Those of nobody have no last offset of a key.
    fn may_have(&self, offsets: &OffsetRange) -> bool {
        let last = self.reader.groups()[self.group as usize].end.last_offset;
        last.is_none_or(|last| last >= offsets.start)
    }

    /// Rows with these offsets, ascending.
    fn rows_in(&mut self, offsets: &OffsetRange) -> Result<Vec<u32>, StoreError> {
        let first = self.seq_from(offsets.start)?;
        let end = self.seq_from(offsets.end)?;
        let mut found = Vec::new();
        if first < end {
            let ranges = self.rows.seq_ranges(first, end - 1);
            let is_wanted = |row: &u32| (first..end).contains(&self.rows.key(*row).seq);
            found.extend(ranges.into_iter().flatten().filter(is_wanted));
        }
        let refused = self.refused_from(offsets.start)?..self.refused_from(offsets.end)?;
        found.extend(refused);
        Ok(found)
    }

    /// The first seq whose record has this offset or a greater one.
    fn seq_from(&mut self, offset: Offset) -> Result<u64, StoreError> {
        let Range { mut start, mut end } = self.seqs;
        while start < end {
            let middle = start + (end - start) / 2;
            let row = self.row_of(middle)?;
            if self.offset(row)? < offset { start = middle + 1 } else { end = middle }
        }
        Ok(start)
    }

    fn row_of(&self, seq: u64) -> Result<u32, StoreError> {
        let ranges = self.rows.seq_ranges(seq, seq);
        let mut rows = ranges.into_iter().flatten();
        let row = rows.find(|row| self.rows.key(*row).seq == seq);
        row.ok_or_else(|| {
            let detail = format!("group {} has no row with seq {seq}", self.group);
            StoreError::corrupt(self.reader.path(), 0, detail)
        })
    }

    /// The first refused row whose record has this offset or a greater one.
    fn refused_from(&mut self, offset: Offset) -> Result<u32, StoreError> {
        let (mut start, mut end) = (self.visible, self.all);
        while start < end {
            let middle = start + (end - start) / 2;
            if self.offset(middle)? < offset { start = middle + 1 } else { end = middle }
        }
        Ok(start)
    }

    fn offset(&mut self, row: u32) -> Result<Offset, StoreError> {
        Ok(self.reader.row(self.group, row, &mut self.cache)?.offset)
    }
}
