//! Which rows of a group have further resources, and where the side list has them.
//!
//! Made when a query first asks, kept with the open segment: one bit a row and four bytes for each
//! 512 rows. Nineteen of twenty rows have none, and are answered by their bit alone.

use std::ops::Range;

use crate::packed::Bits;

/// Rows of a stretch whose place in the side list is kept.
const STRETCH_ROWS: u32 = 512;
const WORD_ROWS: u32 = 64;

/// The rows of one group that the side list names.
#[derive(Debug)]
pub(super) struct FurtherRows {
    /// A bit for each row, lowest first.
    words: Box<[u64]>,
    /// The first entry of each stretch, and how many entries there are.
    starts: Box<[u32]>,
}

impl FurtherRows {
    /// Of a side list over so many rows.
    pub(super) fn new(side_list: &Bits<'_>, rows: u32) -> Self {
        let mut words = vec![0_u64; rows.div_ceil(WORD_ROWS) as usize];
        let mut starts = Vec::with_capacity(rows.div_ceil(STRETCH_ROWS) as usize + 1);
        let (mut entries, mut start) = ([0; 128], 0);
        loop {
            let len = side_list.unpack(start, &mut entries);
            // Damaged bytes may name rows that are none.
            let rows = (start..).zip(&entries[..len]).filter(|(_, row)| **row < rows);
            for (entry, row) in rows {
                while starts.len() as u64 * u64::from(STRETCH_ROWS) <= u64::from(*row) {
                    starts.push(entry);
                }
                words[(row / WORD_ROWS) as usize] |= 1 << (row % WORD_ROWS);
            }
            if len < entries.len() {
                break;
            }
            start += 128;
        }
        starts.resize(starts.len().max(rows.div_ceil(STRETCH_ROWS) as usize) + 1, side_list.len());
        Self { words: words.into(), starts: starts.into() }
    }

    /// Whether a row has further resources.
    #[inline]
    pub(super) fn has(&self, row: u32) -> bool {
        let word = self.words.get((row / WORD_ROWS) as usize);
        word.is_some_and(|word| word >> (row % WORD_ROWS) & 1 == 1)
    }

    /// Entries among which those of a row are, and the first one after it.
    #[inline]
    pub(super) fn near(&self, row: u32) -> Range<u32> {
        let stretch = (row / STRETCH_ROWS) as usize;
        let start = |at: usize| self.starts.get(at).or(self.starts.last()).copied().unwrap_or(0);
        start(stretch)..start(stretch + 1)
    }
}
