//! Where candidates come from: consecutive rows, one list, or several lists as one.
//!
//! Consecutive rows, and lists whose entries lie close together, are candidates by masks: a bit a
//! row, window by window. A sparse list and a few sparse ones merged by comparing their heads give
//! row after row. Lists of resources, which may be hundreds, are gathered beforehand (see
//! `gather`).

use std::ops::Range;

use super::batch::Batch;
use super::mask::{MASK_ROWS, Mask};
use super::page_request::Direction;
use crate::packed::Cursor;

/// The first window's rows.
const LEAST_WINDOW: u32 = 512;
/// The longest window's.
const GREATEST_WINDOW: u32 = 1 << 15;

/// A source of candidates in the order of a walk, none twice.
pub(super) enum Driver<'a> {
    /// No row can match.
    Nothing,
    /// Consecutive rows.
    Slice,
    /// The rows of one list.
    List(Box<Cursor<'a>>),
    /// The rows of a few lists.
    Heads(Vec<Cursor<'a>>),
    /// The rows of lists that are many or dense.
    Windows(Windows<'a>),
    /// Hits found beforehand, in the order of the walk, and how many of them were given.
    Found { rows: Vec<u32>, next: usize },
    /// A bit for each row of a range.
    Marked { start: u32, words: Vec<u64> },
}

/// Lists put together window by window.
pub(super) struct Windows<'a> {
    lists: Vec<Cursor<'a>>,
    /// A bit for each row from `base` on.
    words: Vec<u64>,
    base: u32,
    /// What of the window is left.
    window: Range<u32>,
    len: u32,
}

impl<'a> Windows<'a> {
    pub(super) fn new(lists: Vec<Cursor<'a>>) -> Self {
        Self { lists, words: Vec::new(), base: 0, window: 0..0, len: LEAST_WINDOW }
    }

    /// Puts the next window of `rest` together; rows beyond it are left.
    fn load(&mut self, rest: &Range<u32>, direction: Direction) {
        // Windows without any row are not walked through: the nearest head is where one begins.
        let heads = self.lists.iter().filter_map(Cursor::peek);
        self.window = match direction {
            Direction::Older => {
                let end = heads.max().map_or(rest.start, |row| row + 1).min(rest.end);
                end.saturating_sub(self.len).max(rest.start)..end
            }
            Direction::Newer => {
                let start = heads.min().unwrap_or(rest.end).max(rest.start);
                start..start.saturating_add(self.len).min(rest.end)
            }
        };
        self.base = self.window.start;
        self.len = (self.len * 2).min(GREATEST_WINDOW);
        self.words.clear();
        self.words.resize(self.window.len().div_ceil(64), 0);
        for list in &mut self.lists {
            if list.peek().is_some_and(|row| self.window.contains(&row)) {
                list.fill(self.window.clone(), &mut self.words);
            }
        }
    }
}

impl Driver<'_> {
    /// Whether candidates come by masks.
    pub(super) fn is_masked(&self) -> bool {
        matches!(self, Self::Slice | Self::Windows(_) | Self::Marked { .. })
    }

    /// The next candidates of `rest` as a mask, of about `wanted` rows where all are candidates.
    /// Takes what they stand for from `rest`; `false` is the end.
    pub(super) fn next_mask(
        &mut self,
        rest: &mut Range<u32>,
        (direction, wanted): (Direction, u32),
        mask: &mut Mask,
    ) -> bool {
        match self {
            Self::Slice if rest.start < rest.end => {
                mask.fill(slice(rest, direction, wanted));
                true
            }
            Self::Windows(windows) => {
                while rest.start < rest.end {
                    if windows.window.is_empty() {
                        windows.load(rest, direction);
                    }
                    let Windows { words, base, window, .. } = windows;
                    let found = next_bits((*base, words), window, direction, mask);
                    match direction {
                        Direction::Older => rest.end = window.end,
                        Direction::Newer => rest.start = window.start,
                    }
                    if found {
                        return true;
                    }
                }
                false
            }
            Self::Marked { start, words } => next_bits((*start, words), rest, direction, mask),
            _ => {
                rest.end = rest.start;
                false
            }
        }
    }

    /// Puts the next candidates of `rest` in an empty batch, about `wanted`, and takes what they
    /// stand for from `rest`. An empty batch is the end.
    pub(super) fn next(
        &mut self,
        rest: &mut Range<u32>,
        (direction, wanted): (Direction, usize),
        batch: &mut Batch,
    ) {
        match self {
            Self::List(list) => {
                while batch.len() < wanted
                    && let Some(row) = list.peek()
                {
                    batch.push(row);
                    list.advance();
                }
            }
            Self::Heads(lists) => {
                while batch.len() < wanted
                    && let Some(row) = take_head(lists, direction)
                {
                    batch.push(row);
                }
            }
            Self::Found { rows, next } => {
                let end = rows.len().min(*next + wanted);
                rows[*next..end].iter().for_each(|row| batch.push(*row));
                *next = end;
            }
            _ => {}
        }
        pass(rest, direction, batch);
    }
}

/// Takes about `wanted` consecutive rows, so that reading columns begins at a multiple of 64.
fn slice(rest: &mut Range<u32>, direction: Direction, wanted: u32) -> Range<u32> {
    let wanted = wanted.clamp(64, MASK_ROWS) & !63;
    match direction {
        Direction::Older => {
            let window = (rest.end.saturating_sub(wanted).div_ceil(64) * 64).min(rest.end - 1);
            let window = window.max(rest.start)..rest.end;
            rest.end = window.start;
            window
        }
        Direction::Newer => {
            let end = (rest.start.saturating_add(wanted) & !63).max(rest.start + 1);
            let window = rest.start..end.min(rest.end);
            rest.start = window.end;
            window
        }
    }
}

/// Takes the next rows of a window that have bits set as a mask. Bit 0 stands for row `base`.
fn next_bits(
    (base, words): (u32, &[u64]),
    window: &mut Range<u32>,
    direction: Direction,
    mask: &mut Mask,
) -> bool {
    while window.start < window.end {
        // Masks begin at whole words, so that bits need not be moved.
        let part = match direction {
            Direction::Older => {
                let start = base + ((window.end - 1 - base) / MASK_ROWS * MASK_ROWS);
                start..window.end
            }
            Direction::Newer => {
                let start = base + ((window.start - base) / MASK_ROWS * MASK_ROWS);
                start..start.saturating_add(MASK_ROWS).min(window.end)
            }
        };
        let wanted = part.start.max(window.start)..part.end;
        match direction {
            Direction::Older => window.end = wanted.start,
            Direction::Newer => window.start = wanted.end,
        }
        let first = ((part.start - base) / 64) as usize;
        mask.copy(part, words.get(first..).unwrap_or_default());
        if !mask.is_empty() {
            mask.keep(|row| wanted.contains(&row));
        }
        if !mask.is_empty() {
            return true;
        }
    }
    false
}

/// Takes from `rest` what the batch stands for: everything up to its last row, or all if there is
/// none.
fn pass(rest: &mut Range<u32>, direction: Direction, batch: &Batch) {
    match (batch.rows().last(), direction) {
        (None, _) => rest.end = rest.start,
        (Some(last), Direction::Older) => rest.end = *last,
        (Some(last), Direction::Newer) => rest.start = last + 1,
    }
}

/// The next row of several lists, which all of them then have passed.
fn take_head(lists: &mut [Cursor<'_>], direction: Direction) -> Option<u32> {
    let heads = lists.iter().filter_map(Cursor::peek);
    let row = match direction {
        Direction::Older => heads.max(),
        Direction::Newer => heads.min(),
    }?;
    for list in lists {
        if list.peek() == Some(row) {
            list.advance();
        }
    }
    Some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_in_the_order_of_the_walk_and_only_from_the_window() {
        let rows = [100_u32, 101, 163, 164, 227, 2_300, 2_355, 9_000];
        let mut words = vec![0_u64; 160];
        for row in rows {
            let bit = row - 100;
            words[bit as usize / 64] |= 1 << (bit % 64);
        }
        for direction in [Direction::Older, Direction::Newer] {
            let (mut window, mut mask, mut found) = (101..2_301, Mask::default(), Vec::new());
            while next_bits((100, &words), &mut window, direction, &mut mask) {
                while !mask.is_empty() {
                    let mut batch = Batch::default();
                    mask.take((direction, 2), &mut batch);
                    found.extend_from_slice(batch.rows());
                }
            }
            let mut expected = vec![101, 163, 164, 227, 2_300];
            if direction == Direction::Older {
                expected.reverse();
            }
            assert_eq!(found, expected, "{direction:?}");
        }
    }

    #[test]
    fn slices_are_everything_and_begin_at_whole_words_after_the_first() {
        for direction in [Direction::Older, Direction::Newer] {
            for wanted in [1, 64, 100, 1_024, 5_000] {
                let (mut rest, mut found) = (3..5_000, Vec::new());
                while !rest.is_empty() {
                    let window = slice(&mut rest, direction, wanted);
                    assert!(!window.is_empty() && window.len() <= 1_024);
                    found.extend(window);
                    let edge = if direction == Direction::Older { rest.end } else { rest.start };
                    assert!(rest.is_empty() || edge % 64 == 0, "{rest:?}");
                }
                found.sort_unstable();
                assert_eq!(found, (3..5_000).collect::<Vec<u32>>(), "{direction:?} {wanted}");
            }
        }
    }
}
