//! Where a group's blocks lie and which rows they hold, in two bytes a row.
//!
//! `lags length u32 | lags | checksums u32 each | ends`: a block's first row lags behind eight
//! times its number by what the blocks before it have less than eight rows each. Ends are counted
//! from the group's first block. Both are [`Frames`].

use std::ops::Range;

use crate::packed::Frames;

/// No block has more rows: part of the format.
const MOST_ROWS: u32 = 8;
const CHECKSUM_BYTES: usize = 4;

/// Collects the blocks of a group.
#[derive(Debug, Default)]
pub(super) struct BlockTableWriter {
    lags: Vec<i64>,
    ends: Vec<i64>,
    checksums: Vec<u8>,
    rows: u32,
    bytes: u64,
}

impl BlockTableWriter {
    /// The next block of so many rows.
    pub(super) fn push(&mut self, rows: u32, packed: &[u8]) {
        let regular = self.lags.len() as u64 * u64::from(MOST_ROWS);
        self.lags.push((regular - u64::from(self.rows)).cast_signed());
        self.rows += rows;
        self.bytes += packed.len() as u64;
        self.ends.push(self.bytes.cast_signed());
        self.checksums.extend_from_slice(&crc32c::crc32c(packed).to_le_bytes());
    }

    /// Bytes of all blocks.
    pub(super) fn blocks_length(&self) -> u64 {
        self.bytes
    }

    /// The bytes of the table; the next group starts anew.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let table = std::mem::take(self);
        let mut lags = Vec::new();
        Frames::write(&table.lags, &mut lags);
        let length = u32::try_from(lags.len()).expect("a group has fewer than 2^29 blocks");
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend_from_slice(&lags);
        bytes.extend_from_slice(&table.checksums);
        Frames::write(&table.ends, &mut bytes);
        bytes
    }
}

/// One block, its bytes counted from the group's first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) bytes: Range<u64>,
    pub(super) crc: u32,
    pub(super) rows: Range<u32>,
}

/// A view of a group's table.
#[derive(Debug, Clone, Copy)]
pub(super) struct BlockTable<'a> {
    lags: Frames<'a>,
    ends: Frames<'a>,
    checksums: &'a [u8],
    rows: u32,
}

impl<'a> BlockTable<'a> {
    /// The view of exactly these bytes, for a group of so many rows; `None` if they contradict.
    pub(super) fn open(bytes: &'a [u8], rows: u32) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (lags, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let lags = Frames::open(lags)?;
        let checksums = (lags.len() as usize).checked_mul(CHECKSUM_BYTES)?;
        let (checksums, ends) = rest.split_at_checked(checksums)?;
        let table = Self { lags, ends: Frames::open(ends)?, checksums, rows };
        (table.ends.len() == lags.len()).then_some(table)
    }

    /// How many blocks there are.
    pub(super) fn len(&self) -> u32 {
        self.lags.len()
    }

    /// The block that holds this row.
    pub(super) fn find(&self, row: u32) -> Option<Block> {
        let last = self.len().checked_sub(1)?;
        // Blocks have as many rows as each other, unless some were cut short for their size.
        let guess = u64::from(row) * u64::from(self.len()) / u64::from(self.rows.max(1));
        let guess = u32::try_from(guess).map_or(last, |guess| guess.min(last));
        let (mut first, mut end, mut step) = (guess, guess + 1, 1);
        while first > 0 && self.first_row(first) > row {
            (first, end, step) = (first.saturating_sub(step), first, step * 2);
        }
        while end <= last && self.first_row(end) <= row {
            (first, end, step) = (end, (end + step).min(last + 1), step * 2);
        }
        while end - first > 1 {
            let middle = first + (end - first) / 2;
            if self.first_row(middle) <= row { first = middle } else { end = middle }
        }
        self.get(first).filter(|block| block.rows.contains(&row))
    }

    /// A block by its number.
    pub(super) fn get(&self, block: u32) -> Option<Block> {
        let at = block as usize * CHECKSUM_BYTES;
        let crc = self.checksums.get(at..)?.first_chunk::<CHECKSUM_BYTES>()?;
        let end = |block: u32| u64::try_from(self.ends.get(block)).ok();
        let start = block.checked_sub(1).map_or(Some(0), end)?;
        Some(Block {
            bytes: start..end(block)?,
            crc: u32::from_le_bytes(*crc),
            rows: self.first_row(block)..self.first_row(block + 1),
        })
    }

    /// The first row of a block; the number of rows for what comes after the last.
    fn first_row(&self, block: u32) -> u32 {
        if block >= self.len() {
            return self.rows;
        }
        let regular = i64::from(block) * i64::from(MOST_ROWS);
        let row = u32::try_from(regular.wrapping_sub(self.lags.get(block)));
        row.unwrap_or(self.rows).min(self.rows)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A table of blocks of so many rows, each with one byte more than the one before.
    fn table(blocks: &[u32]) -> Vec<u8> {
        let mut writer = BlockTableWriter::default();
        for (length, rows) in (1..).zip(blocks) {
            writer.push(*rows, &vec![0; length]);
        }
        writer.take()
    }

    #[test]
    fn an_empty_table_has_no_row() {
        let bytes = table(&[]);
        assert_eq!(BlockTable::open(&bytes, 0).unwrap().find(0), None);
    }

    proptest! {
        /// Blocks of eight rows, as they were once, of four, or cut short anywhere.
        #[test]
        fn every_row_is_found_in_its_block(
            runs in prop::collection::vec((1u32..=MOST_ROWS, 1usize..200), 1..12),
        ) {
            let blocks: Vec<u32> =
                runs.iter().flat_map(|(rows, count)| vec![*rows; *count]).collect();
            let rows = blocks.iter().sum();
            let bytes = table(&blocks);
            let table = BlockTable::open(&bytes, rows).unwrap();
            let mut row = 0;
            for (number, in_block) in (0..).zip(&blocks) {
                for row in row..row + in_block {
                    prop_assert_eq!(table.find(row), table.get(number));
                }
                row += in_block;
            }
            prop_assert_eq!(table.find(rows), None);
        }
    }
}
