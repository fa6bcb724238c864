//! Reads and verifies every byte of a segment.
//!
//! Guarantees that whatever byte was changed since the segment was opened, it is found; beyond
//! checksums, that directory, columns, lists, rows, ids and the lengths of layers agree with each
//! other. Deliberately not here: footer and directory, which opening verifies, and what else is
//! inside a layer.

use super::blocks::BlockCache;
use super::group::Group;
use super::layer::BorrowedLayer;
use super::reader::{Part, SegmentReader};
use super::segment_rows::SegmentRows;
use super::stored_row::{StoredRow, StoredStatus};
use crate::StoreError;
use crate::catalog::{OrderKey, layer_lengths};
use crate::rows::Rows;

/// What was verified need not stay in memory.
const ROWS_A_RELEASE: u32 = 1 << 17;

/// A row that was verified. Those of a group come in their order.
pub(crate) struct VerifiedRow<'a> {
    pub(crate) group: u32,
    pub(crate) row: u32,
    pub(crate) stored: StoredRow<'a>,
}

impl SegmentReader {
    /// Reads and verifies every byte: the same checks as reading, all of them.
    pub(crate) fn verify(&self) -> Result<(), StoreError> {
        self.verify_rows(|_| Ok(()))
    }

    /// The same, with each row given away where it was unpacked. Nothing is proven of it before
    /// this has come to its end.
    pub(crate) fn verify_rows(
        &self,
        mut each: impl FnMut(VerifiedRow<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.verify_part(Part::Dictionary)?;
        self.dictionary()?;
        let mut cache = BlockCache::default();
        for (number, group) in (0..).zip(self.groups()) {
            for part in [Part::Columns, Part::Lists, Part::BlockTable, Part::Layer] {
                self.verify_part(part(number))?;
            }
            self.verify_lengths(number)?;
            let rows = self.rows(number)?;
            let damaged = |detail| self.damaged(Part::Columns(number), detail);
            verify_columns(group, &rows).map_err(damaged)?;
            self.verify_blocks(number, &rows, &mut cache, &mut each)?;
            self.release(number);
        }
        self.verify_ids()
    }

    /// The lengths that the directory repeats of a layer, so that opening reads none.
    fn verify_lengths(&self, number: u32) -> Result<(), StoreError> {
        let Some(named) = self.group_at(number).lengths else { return Ok(()) };
        let found = layer_lengths(&BorrowedLayer { segment: self, group: number })?;
        if found == named {
            return Ok(());
        }
        let detail = format!("its layer is {found:?}, the directory says {named:?}");
        Err(self.damaged(Part::Layer(number), &detail))
    }

    fn verify_blocks(
        &self,
        number: u32,
        rows: &SegmentRows<'_>,
        cache: &mut BlockCache,
        each: &mut impl FnMut(VerifiedRow<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let group = self.group_at(number);
        let damaged = |detail: &str| self.damaged(Part::BlockTable(number), detail);
        let table = self.block_table(number)?;
        let (mut next_row, mut next_byte) = (0, 0);
        let mut tally = (0, 0, 0);
        for block in 0..table.len() {
            let block = table.get(block).ok_or_else(|| damaged("a block is missing"))?;
            if block.rows.start != next_row || block.bytes.start != next_byte {
                return Err(damaged("the blocks do not follow each other"));
            }
            (next_row, next_byte) = (block.rows.end, block.bytes.end);
            self.load(number, &block, cache)?;
            let stored = cache.rows();
            let stored =
                stored.ok_or_else(|| damaged("a block has other rows than its table says"))?;
            if block.rows.start / ROWS_A_RELEASE < block.rows.end / ROWS_A_RELEASE {
                self.release(number);
            }
            for (row, bytes) in block.rows.zip(stored) {
                let stored = StoredRow::read(bytes);
                let stored =
                    stored.ok_or_else(|| self.damaged_row(number, row, "does not decode"))?;
                match stored.status {
                    StoredStatus::Visible { seq } if row < group.visible => {
                        if rows.key(row).seq != seq {
                            return Err(damaged("a row has another seq than its column"));
                        }
                        tally.0 += 1;
                    }
                    StoredStatus::Compact if row < group.visible => tally.0 += 1,
                    StoredStatus::Visible { .. } | StoredStatus::Compact => {
                        return Err(damaged("a visible row is late"));
                    }
                    StoredStatus::Duplicate => tally.1 += 1,
                    StoredStatus::Quarantined { .. } => tally.2 += 1,
                }
                each(VerifiedRow { group: number, row, stored })?;
            }
        }
        if next_row != group.rows() || next_byte != group.blocks_length {
            return Err(damaged("the blocks are not as many as the group has"));
        }
        if tally != (group.visible, group.duplicate, group.quarantined) {
            return Err(damaged("the rows do not add up to the directory's counts"));
        }
        Ok(())
    }

    /// Each visible row has exactly one entry.
    fn verify_ids(&self) -> Result<(), StoreError> {
        self.verify_part(Part::Ids)?;
        let ids = self.ids()?;
        let mut seen = vec![false; ids.len() as usize];
        let is_first = |(_, row): (u64, u32)| {
            seen.get_mut(row as usize).is_some_and(|seen| !std::mem::replace(seen, true))
        };
        // As many entries as rows, none for a row twice: each row has one.
        match ids.iter().all(is_first) {
            true => Ok(()),
            false => Err(self.damaged(Part::Ids, "the ids do not name each row once")),
        }
    }
}

fn verify_columns(group: &Group, rows: &SegmentRows<'_>) -> Result<(), &'static str> {
    if !rows.has_whole_lists() {
        return Err("the lists do not have their lengths");
    }
    let key = |row: Option<u32>| row.map(|row| rows.key(row)).unwrap_or_default();
    let last = rows.len().checked_sub(1);
    if (key(last.map(|_| 0)), key(last)) != (group.oldest, group.newest) {
        return Err("the first or last key is not the directory's");
    }
    let keys = || (0..rows.len()).map(|row| rows.key(row));
    if !keys().is_sorted_by(|a: &OrderKey, b| a < b) {
        return Err("the rows are not in page order");
    }
    if keys().map(|key| key.seq).max().unwrap_or(0) != rows.last_seq() {
        return Err("the greatest seq is not the one stored");
    }
    Ok(())
}
