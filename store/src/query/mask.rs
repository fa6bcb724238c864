//! Candidates of a window of rows as bits: a condition is tested on a whole column of them.

use std::ops::Range;

use super::batch::Batch;
use super::page_request::Direction;
use super::values::Values;
use crate::rows::{Column, Rows};

/// Rows of the longest window.
pub(super) const MASK_ROWS: u32 = 1024;
/// The same as a length.
pub(super) const MASK_LEN: usize = MASK_ROWS as usize;
const WORDS: usize = MASK_LEN / 64;
/// The place of each word's first row.
const FIRSTS: [u32; WORDS] =
    [0, 64, 128, 192, 256, 320, 384, 448, 512, 576, 640, 704, 768, 832, 896, 960];
/// Room for the places of a mask: eight are written at once.
pub(super) type Places = [u16; MASK_LEN + 8];
/// A column is read in one run if at least one row in so many is still a candidate.
const DENSE: u32 = 8;
/// Further resources are looked up row by row if fewer than one row in so many is a candidate.
const SPARSE: u32 = 16;

/// Rows of a window that are candidates.
#[derive(Debug, Clone)]
pub(super) struct Mask {
    window: Range<u32>,
    /// Bit 0 stands for the window's first row.
    words: [u64; WORDS],
    /// Of those, the rows whose first resource is one that is asked for, once names were tested.
    first: Option<[u64; WORDS]>,
}

impl Default for Mask {
    fn default() -> Self {
        Self { window: 0..0, words: [0; WORDS], first: None }
    }
}

impl Mask {
    /// Makes all rows of a window of at most [`MASK_ROWS`] candidates.
    pub(super) fn fill(&mut self, window: Range<u32>) {
        let mut left = (window.end - window.start).min(MASK_ROWS);
        self.first = None;
        self.window = window;
        for word in &mut self.words {
            let bits = left.min(u64::BITS);
            *word = u64::MAX.checked_shr(u64::BITS - bits).unwrap_or(0);
            left -= bits;
        }
    }

    /// Makes those rows of a window candidates that have a bit set.
    pub(super) fn copy(&mut self, window: Range<u32>, bits: &[u64]) {
        self.fill(window);
        let bits = bits.iter().copied().chain(std::iter::repeat(0));
        self.words.iter_mut().zip(bits).for_each(|(word, bits)| *word &= bits);
    }

    /// Leaves no candidate.
    pub(super) fn clear(&mut self) {
        self.words = [0; WORDS];
    }

    /// The rows among which candidates are.
    pub(super) fn window(&self) -> Range<u32> {
        self.window.clone()
    }

    /// How many candidates there are.
    #[inline]
    pub(super) fn count(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Whether columns are better read in one run than row by row.
    #[inline]
    pub(super) fn is_dense(&self) -> bool {
        self.count() * DENSE >= self.window.end - self.window.start
    }

    /// Whether a row of the window is a candidate.
    #[inline]
    pub(super) fn has(&self, row: u32) -> bool {
        let at = row.wrapping_sub(self.window.start);
        self.words.get(at as usize / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    /// Whether names were tested here, so that it is known which candidates match by their first.
    pub(super) fn knows_first(&self) -> bool {
        self.first.is_some()
    }

    /// Whether a candidate's first resource is asked for, as far as names go.
    #[inline]
    pub(super) fn has_first(&self, row: u32) -> bool {
        let at = row.wrapping_sub(self.window.start);
        let words = self.first.as_ref().unwrap_or(&self.words);
        words.get(at as usize / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    /// Places in the window of the candidates, ascending.
    pub(super) fn places<'b>(&self, buffer: &'b mut Places) -> &'b [u16] {
        places(&self.words, buffer)
    }

    /// The candidates whose first resource is not asked for, as far as names go.
    pub(super) fn without_first(&self) -> Self {
        let mut mask = self.clone();
        let first = self.first.as_ref().unwrap_or(&self.words);
        mask.words.iter_mut().zip(first).for_each(|(word, first)| *word &= !first);
        mask
    }

    /// Calls `each` with every candidate.
    #[inline]
    pub(super) fn each(&self, mut each: impl FnMut(u32)) {
        for (word, first) in self.words.iter().zip((self.window.start..=u32::MAX).step_by(64)) {
            let mut left = *word;
            while left != 0 {
                each(first + left.trailing_zeros());
                left &= left - 1;
            }
        }
    }

    /// Reads a column of the whole window.
    pub(super) fn codes<'b, R: Rows>(
        &self,
        rows: &R,
        column: Column,
        buffer: &'b mut [u32; MASK_LEN],
    ) -> &'b [u32] {
        let codes = &mut buffer[..self.window.len().min(MASK_LEN)];
        rows.codes(column, self.window.start, codes);
        codes
    }

    /// Whether further resources are better looked up row by row than for the whole window.
    #[inline]
    pub(super) fn is_sparse(&self) -> bool {
        self.count() * SPARSE < self.window.end - self.window.start
    }

    /// Keeps the candidates that fit.
    #[inline]
    pub(super) fn keep(&mut self, mut fits: impl FnMut(u32) -> bool) {
        let mut first = self.window.start;
        for word in &mut self.words {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                if !fits(first + bit) {
                    *word &= !(1 << bit);
                }
            }
            first = first.saturating_add(64);
        }
    }

    /// Keeps the candidates whose code in a column is one that is asked for.
    pub(super) fn keep_column<R: Rows>(&mut self, rows: &R, column: Column, values: Values<'_>) {
        if !self.is_dense() {
            return self.keep(|row| values.contains(rows.code(column, row)));
        }
        let mut buffer = [0; MASK_LEN];
        let codes = self.codes(rows, column, &mut buffer);
        match values {
            Values::Codes(set) => set.keep(codes, &mut self.words),
            Values::Names(set) => set.keep(codes, &mut self.words),
        }
    }

    /// Keeps the candidates of which one resource fits: the first by a column, the others by type
    /// and name.
    pub(super) fn keep_resource<R: Rows>(
        &mut self,
        rows: &R,
        (column, values): (Column, Values<'_>),
        further: impl Fn(u32, u32) -> bool,
    ) {
        let (before, is_sparse) = (self.words, self.is_sparse());
        self.keep_column(rows, column, values);
        if column == Column::Name {
            self.first = Some(self.words);
        }
        if !rows.has_further() {
            return;
        }
        if is_sparse {
            let mut rest = Self { window: self.window(), words: before, first: None };
            rest.words.iter_mut().zip(&self.words).for_each(|(rest, word)| *rest &= !word);
            rest.keep(|row| rows.further(row).iter().any(|(code, name)| further(code, name)));
            self.words.iter_mut().zip(rest.words).for_each(|(word, rest)| *word |= rest);
            return;
        }
        let (start, words) = (self.window.start, &mut self.words);
        rows.each_further(self.window.clone(), |row, resource_type, name| {
            // No branch: which resources fit cannot be foretold.
            let at = row.wrapping_sub(start);
            let index = at as usize / 64 % WORDS;
            words[index] |= before[index] & u64::from(further(resource_type, name)) << (at % 64);
        });
    }

    /// Takes about so many candidates into a batch, in a direction.
    pub(super) fn take(&mut self, (direction, wanted): (Direction, usize), batch: &mut Batch) {
        for step in 0..WORDS {
            let index = match direction {
                Direction::Older => WORDS - 1 - step,
                Direction::Newer => step,
            };
            let first = self.window.start.saturating_add(FIRSTS[index]);
            let word = &mut self.words[index];
            while *word != 0 && batch.len() < wanted {
                let bit = match direction {
                    Direction::Older => word.ilog2(),
                    Direction::Newer => word.trailing_zeros(),
                };
                *word &= !(1 << bit);
                batch.push(first + bit);
            }
        }
    }
}

/// The places of the bits of each byte, in order; the rest is nothing.
static PLACES_OF_BYTE: [[u16; 8]; 256] = places_of_bytes();

const fn places_of_bytes() -> [[u16; 8]; 256] {
    let mut table = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut bit, mut len) = (0, 0);
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                table[byte][len] = bit;
                len += 1;
            }
            bit += 1;
        }
        byte += 1;
    }
    table
}

/// A byte of bits at a time, without a branch: how many there are cannot be foretold.
fn places<'b>(words: &[u64; WORDS], buffer: &'b mut Places) -> &'b [u16] {
    let mut len = 0;
    let bytes = words.iter().flat_map(|word| word.to_le_bytes());
    for (byte, first) in bytes.zip((0_u16..).step_by(8)) {
        let eight = PLACES_OF_BYTE[byte as usize].map(|place| place + first);
        if let Some(slots) = buffer.get_mut(len..len + 8) {
            slots.copy_from_slice(&eight);
        }
        len += byte.count_ones() as usize;
    }
    &buffer[..len.min(MASK_LEN)]
}
