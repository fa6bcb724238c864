//! One posting list: ascending rows, none twice.

use std::ops::Range;

use super::bit_writer::BitWriter;
use super::bits::{low, read, width_of};
use super::blocks::{BLOCK_LEN, BLOCK_ROWS, Blocks};
use super::cursor::{Cursor, Direction};

/// A view of ascending rows: full blocks and a tail, or only a tail of up to 127 rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct List<'a> {
    pub(super) data: &'a [u8],
    pub(super) len: u32,
    /// Stored for lists with full blocks only.
    pub(super) last: Option<u32>,
    pub(super) blocks: Blocks,
    pub(super) tail: Deltas,
}

impl<'a> List<'a> {
    /// A list of fewer than 128 rows.
    #[inline]
    pub(super) fn short(data: &'a [u8], len: u32, rows: Deltas) -> Self {
        Self { data, len, last: None, blocks: Blocks::default(), tail: rows }
    }

    /// How many rows there are: at least one.
    #[inline]
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// The first row.
    #[inline]
    pub(crate) fn first(&self) -> u32 {
        self.first_of(0)
    }

    /// The last row; without decoding if there are at least 128, or just one.
    #[inline]
    pub(crate) fn last(&self) -> u32 {
        self.last.unwrap_or_else(|| self.tail.last(self.data, self.tail_len()))
    }

    /// How many rows are before this one.
    pub(crate) fn rank(&self, row: u32) -> u32 {
        if row <= self.first() {
            return 0;
        }
        if self.last.is_some_and(|last| row > last) {
            return self.len;
        }
        let block = self.block_before(row, 0..self.block_count());
        let mut rows = [0; BLOCK_LEN];
        let len = self.decode(block, &mut rows);
        let within = rows[..len].partition_point(|candidate| *candidate < row);
        (block * BLOCK_ROWS + low(within as u64)).min(self.len)
    }

    /// How many rows are in the range.
    pub(crate) fn count_in(&self, range: Range<u32>) -> u32 {
        self.rank(range.end).saturating_sub(self.rank(range.start))
    }

    /// A walk over the rows in the range.
    #[inline]
    pub(crate) fn cursor(&self, range: Range<u32>, direction: Direction) -> Cursor<'a> {
        Cursor::new(*self, range, direction)
    }

    /// How many blocks there are, the tail counted.
    #[inline]
    pub(super) fn block_count(&self) -> u32 {
        self.len.div_ceil(BLOCK_ROWS)
    }

    /// The first row of a block.
    #[inline]
    pub(super) fn first_of(&self, block: u32) -> u32 {
        if block < self.blocks.count {
            self.blocks.first(self.data, block)
        } else {
            self.tail.first
        }
    }

    /// The last block of the range that begins at or before this row; its first block if none does.
    pub(super) fn block_before(&self, row: u32, blocks: Range<u32>) -> u32 {
        let (mut from, mut to) = (blocks.start, blocks.end);
        while to.saturating_sub(from) > 1 {
            let middle = from + (to - from) / 2;
            if self.first_of(middle) <= row { from = middle } else { to = middle }
        }
        from
    }

    /// Decodes a block and says how many rows it has: none if the bytes cannot be one.
    #[inline]
    pub(super) fn decode(&self, block: u32, rows: &mut [u32; BLOCK_LEN]) -> usize {
        if block < self.blocks.count {
            return self.blocks.decode(self.data, block, rows).map_or(0, |()| BLOCK_LEN);
        }
        let len = self.tail_len();
        self.tail.decode(self.data, &mut rows[..len]);
        len
    }

    #[inline]
    fn tail_len(&self) -> usize {
        self.len as usize % BLOCK_LEN
    }
}

/// Fewer than 128 ascending rows: the first, and after it the deltas less one in equal width.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deltas {
    pub(super) first: u32,
    /// Where the deltas start.
    pub(super) bit: usize,
    pub(super) width: u32,
}

impl Deltas {
    /// The width that the deltas of these rows need.
    pub(super) fn width(rows: &[u32]) -> u32 {
        let deltas = rows.array_windows().map(|[before, after]| after - before - 1);
        width_of(deltas.max().unwrap_or(0).into())
    }

    /// Appends the deltas of these rows; the first row is kept elsewhere.
    pub(super) fn write(rows: &[u32], width: u32, out: &mut BitWriter) {
        for [before, after] in rows.array_windows() {
            out.push((after - before - 1).into(), width);
        }
    }

    #[inline]
    fn decode(&self, data: &[u8], rows: &mut [u32]) {
        let mut row = self.first;
        let mut bit = self.bit;
        for (index, slot) in rows.iter_mut().enumerate() {
            if index > 0 {
                row = row.wrapping_add(low(read(data, bit, self.width))).wrapping_add(1);
                bit += self.width as usize;
            }
            *slot = row;
        }
    }

    #[inline]
    fn last(&self, data: &[u8], len: usize) -> u32 {
        (1..len).fold(self.first, |row, index| {
            let bit = self.bit + (index - 1) * self.width as usize;
            row.wrapping_add(low(read(data, bit, self.width))).wrapping_add(1)
        })
    }
}
