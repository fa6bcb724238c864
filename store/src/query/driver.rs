//! Where candidates come from: consecutive rows, one list, or several lists as one.
//!
//! Several lists are merged by comparing their heads while they are few; more are put together in a
//! bitmap, a window of rows at a time, each window twice as long as the one before. Lists of
//! resources, which may be thousands, are gathered beforehand (see `gather`).

use std::ops::Range;

use super::batch::{BATCH_LEN, Batch};
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
    /// The rows of more lists.
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
    /// Puts the next candidates of `rest` in an empty batch, about `wanted` and at most
    /// [`BATCH_LEN`], and takes what they stand for from `rest`. An empty batch is the end.
    pub(super) fn next(
        &mut self,
        rest: &mut Range<u32>,
        direction: Direction,
        wanted: usize,
        batch: &mut Batch,
    ) {
        match self {
            Self::Nothing => rest.end = rest.start,
            Self::Slice => slice(rest, direction, wanted, batch),
            Self::List(list) => {
                while batch.len() < wanted
                    && let Some(row) = list.peek()
                {
                    batch.push(row);
                    list.advance();
                }
                pass(rest, direction, batch);
            }
            Self::Heads(lists) => {
                while batch.len() < wanted
                    && let Some(row) = take_head(lists, direction)
                {
                    batch.push(row);
                }
                pass(rest, direction, batch);
            }
            Self::Windows(windows) => {
                while batch.len() == 0 && rest.start < rest.end {
                    if windows.window.is_empty() {
                        windows.load(rest, direction);
                    }
                    let Windows { words, base, window, .. } = windows;
                    take_bits(words, *base, window, (direction, wanted), batch);
                    match direction {
                        Direction::Older => rest.end = window.end,
                        Direction::Newer => rest.start = window.start,
                    }
                }
            }
            Self::Found { rows, next } => {
                let end = rows.len().min(*next + wanted);
                rows[*next..end].iter().for_each(|row| batch.push(*row));
                *next = end;
                pass(rest, direction, batch);
            }
            Self::Marked { start, words } => {
                take_bits(words, *start, rest, (direction, wanted), batch);
            }
        }
    }
}

/// Takes about `wanted` consecutive rows, so that reading columns begins at a multiple of eight.
fn slice(rest: &mut Range<u32>, direction: Direction, wanted: usize, batch: &mut Batch) {
    let wanted = u32::try_from(wanted.min(BATCH_LEN - 7)).unwrap_or(1);
    let descending = direction == Direction::Older;
    let window = match direction {
        Direction::Older => {
            let start = rest.end.saturating_sub(wanted) & !7;
            start.max(rest.start)..rest.end
        }
        Direction::Newer => {
            let end = rest.start.saturating_add(wanted).saturating_add(7) & !7;
            rest.start..end.min(rest.end)
        }
    };
    match direction {
        Direction::Older => rest.end = window.start,
        Direction::Newer => rest.start = window.end,
    }
    batch.fill(window, descending);
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

/// Appends rows of a window whose bit is set until the batch holds `wanted`, and takes what was
/// passed from the window. Bit 0 stands for row `base`.
fn take_bits(
    words: &[u64],
    base: u32,
    window: &mut Range<u32>,
    (direction, wanted): (Direction, usize),
    batch: &mut Batch,
) {
    while batch.len() < wanted && window.start < window.end {
        let at = match direction {
            Direction::Older => window.end - 1 - base,
            Direction::Newer => window.start - base,
        };
        let word = words.get((at / 64) as usize).copied().unwrap_or(0);
        let first = base + (at & !63);
        match direction {
            Direction::Older => {
                let ahead = word & (u64::MAX >> (63 - at % 64));
                let Some(bit) = ahead.checked_ilog2() else {
                    window.end = first.max(window.start);
                    continue;
                };
                window.end = (first + bit).max(window.start);
                if first + bit >= window.start {
                    batch.push(first + bit);
                }
            }
            Direction::Newer => {
                let ahead = word & (u64::MAX << (at % 64));
                if ahead == 0 {
                    window.start = first.saturating_add(64).min(window.end);
                    continue;
                }
                let row = first + ahead.trailing_zeros();
                if row < window.end {
                    batch.push(row);
                }
                window.start = (row + 1).min(window.end);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_in_the_order_of_the_walk_and_only_from_the_window() {
        let mut words = vec![0_u64; 4];
        for row in [100_u32, 101, 163, 164, 227, 300, 355] {
            let bit = row - 100;
            words[bit as usize / 64] |= 1 << (bit % 64);
        }
        for direction in [Direction::Older, Direction::Newer] {
            let (mut window, mut batch, mut found) = (101..301, Batch::default(), Vec::new());
            while !window.is_empty() {
                batch.clear();
                take_bits(&words, 100, &mut window, (direction, 2), &mut batch);
                found.extend_from_slice(batch.rows());
            }
            let mut expected = vec![101, 163, 164, 227, 300];
            if direction == Direction::Older {
                expected.reverse();
            }
            assert_eq!(found, expected, "{direction:?}");
        }
    }

    #[test]
    fn a_slice_begins_at_multiples_of_eight_after_the_first() {
        let (mut rest, mut batch) = (3..1_000, Batch::default());
        let mut found = Vec::new();
        while !rest.is_empty() {
            batch.clear();
            slice(&mut rest, Direction::Older, BATCH_LEN, &mut batch);
            assert!(rest.is_empty() || rest.end % 8 == 0, "{rest:?}");
            found.extend_from_slice(batch.rows());
        }
        assert_eq!(found, (3..1_000).rev().collect::<Vec<u32>>());
    }
}
