//! Where a group's blocks lie and which rows they hold, in less than a byte a row.
//!
//! `lags length u32 | lags | checksums u32 each | ends`: a block's first row lags behind eight
//! times its number by as much as blocks before it were closed early for their size, mostly by
//! nothing. Ends are counted from the group's first block. Both are [`Frames`].

use std::ops::Range;

use crate::packed::Frames;

/// A block is closed at this many rows: part of the format.
pub(super) const ROWS_PER_BLOCK: u32 = 8;
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
        let regular = self.lags.len() as u64 * u64::from(ROWS_PER_BLOCK);
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
        // No block holds more than eight, so it is this one, unless earlier ones were cut short.
        let mut first = (row / ROWS_PER_BLOCK).min(self.len().checked_sub(1)?);
        let mut end = self.len();
        if self.first_row(first + 1) > row {
            end = first + 1;
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
        let regular = i64::from(block) * i64::from(ROWS_PER_BLOCK);
        let row = u32::try_from(regular.wrapping_sub(self.lags.get(block)));
        row.unwrap_or(self.rows).min(self.rows)
    }
}
