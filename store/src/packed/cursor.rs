//! A walk over a posting list, one decoded block at a time.

use std::ops::Range;

use super::blocks::BLOCK_LEN;
use super::list::List;

/// Which way a list is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// By ascending rows.
    Forward,
    /// By descending rows.
    Backward,
}

/// Where a walk over some rows of a list has come to.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    list: List<'a>,
    direction: Direction,
    /// Rows that the walk may still give.
    range: Range<u32>,
    block: u32,
    /// Which of the block's rows are ahead; none once the walk has ended.
    ahead: Range<usize>,
    rows: [u32; BLOCK_LEN],
}

impl<'a> Cursor<'a> {
    #[inline]
    pub(super) fn new(list: List<'a>, range: Range<u32>, direction: Direction) -> Self {
        let mut cursor =
            Self { list, direction, range, block: 0, ahead: 0..0, rows: [0; BLOCK_LEN] };
        cursor.find(0..list.block_count());
        cursor
    }

    /// The row that the walk has come to; `None` once it has ended.
    #[inline]
    pub(crate) fn peek(&self) -> Option<u32> {
        let index = match self.direction {
            Direction::Forward => self.ahead.start,
            Direction::Backward => self.ahead.end.wrapping_sub(1),
        };
        if self.ahead.is_empty() { None } else { self.rows.get(index).copied() }
    }

    /// Goes on by one row.
    #[inline]
    pub(crate) fn advance(&mut self) {
        if self.ahead.is_empty() {
            return;
        }
        match self.direction {
            Direction::Forward => self.ahead.start += 1,
            Direction::Backward => self.ahead.end -= 1,
        }
        if self.ahead.is_empty() {
            self.step();
        }
    }

    /// Goes on to the first row at or beyond this one, never back; blocks between are skipped.
    #[inline]
    pub(crate) fn seek(&mut self, row: u32) {
        let Some(current) = self.peek() else { return };
        match self.direction {
            Direction::Forward if row > current => {
                self.range.start = row;
                if self.rows[self.ahead.end - 1] >= row {
                    let ahead = &self.rows[self.ahead.clone()];
                    self.ahead.start += ahead.partition_point(|candidate| *candidate < row);
                } else {
                    self.find(self.near_blocks(row));
                }
            }
            Direction::Backward if row < current => {
                self.range.end = row + 1;
                if self.rows[self.ahead.start] <= row {
                    let ahead = &self.rows[self.ahead.clone()];
                    self.ahead.end =
                        self.ahead.start + ahead.partition_point(|candidate| *candidate <= row);
                } else {
                    self.find(self.near_blocks(row));
                }
            }
            _ => {}
        }
    }

    /// Sets bit `row − window.start` for each row ahead that is in the window, and goes on to the
    /// first row beyond it. Rows that the bitmap has no bit for are left out.
    ///
    /// Windows that follow each other in the walk's direction find all rows between them.
    pub(crate) fn fill(&mut self, window: Range<u32>, bitmap: &mut [u64]) {
        if window.is_empty() {
            return;
        }
        self.seek(match self.direction {
            Direction::Forward => window.start,
            Direction::Backward => window.end - 1,
        });
        while !self.ahead.is_empty() {
            let inside = self.take_inside(&window);
            if inside.is_empty() {
                return;
            }
            for row in &self.rows[inside] {
                let bit = row.wrapping_sub(window.start);
                if let Some(word) = bitmap.get_mut(bit as usize / 64) {
                    *word |= 1 << (bit % 64);
                }
            }
            if self.ahead.is_empty() {
                self.step();
            }
        }
    }

    /// Passes the block's rows that are ahead and in the window, and says which they were.
    fn take_inside(&mut self, window: &Range<u32>) -> Range<usize> {
        let Range { start, end } = self.ahead.clone();
        let ahead = &self.rows[start..end];
        match self.direction {
            Direction::Forward if self.rows[end - 1] < window.end => self.ahead.start = end,
            Direction::Forward => {
                self.ahead.start += ahead.partition_point(|row| *row < window.end);
            }
            Direction::Backward if self.rows[start] >= window.start => self.ahead.end = start,
            Direction::Backward => {
                self.ahead.end = start + ahead.partition_point(|row| *row < window.start);
            }
        }
        match self.direction {
            Direction::Forward => start..self.ahead.start,
            Direction::Backward => self.ahead.end..end,
        }
    }

    /// The blocks of which one has the row at or beyond this one: looked for in steps that double,
    /// because most seeks do not go far.
    fn near_blocks(&self, row: u32) -> Range<u32> {
        let count = self.list.block_count();
        let mut step = 1;
        match self.direction {
            Direction::Forward => {
                let mut from = self.block;
                while from + step < count && self.list.first_of(from + step) <= row {
                    from += step;
                    step *= 2;
                }
                from..count.min(from + step)
            }
            Direction::Backward => {
                let mut to = self.block;
                while step < to && self.list.first_of(to - step) > row {
                    to -= step;
                    step *= 2;
                }
                to.saturating_sub(step)..to
            }
        }
    }

    /// Goes to the first row of the range, which one of these blocks or the next one holds.
    fn find(&mut self, blocks: Range<u32>) {
        if self.range.is_empty() {
            self.ahead = 0..0;
            return;
        }
        let nearest = match self.direction {
            Direction::Forward => self.range.start,
            Direction::Backward => self.range.end - 1,
        };
        self.load(self.list.block_before(nearest, blocks));
        if self.ahead.is_empty() && self.direction == Direction::Forward {
            self.step();
        }
    }

    /// Goes on to the next block, or ends the walk.
    fn step(&mut self) {
        let next = match self.direction {
            Direction::Forward => Some(self.block + 1).filter(|block| {
                *block < self.list.block_count() && self.list.first_of(*block) < self.range.end
            }),
            Direction::Backward => self
                .block
                .checked_sub(1)
                .filter(|_| self.list.first_of(self.block) > self.range.start),
        };
        match next {
            Some(block) => self.load(block),
            None => self.ahead = 0..0,
        }
    }

    /// Decodes a block and takes those of its rows that are in the range.
    fn load(&mut self, block: u32) {
        self.block = block;
        let len = self.list.decode(block, &mut self.rows);
        let rows = &self.rows[..len];
        let start = match rows.first() {
            Some(first) if *first < self.range.start => {
                rows.partition_point(|row| *row < self.range.start)
            }
            _ => 0,
        };
        let end = match rows.last() {
            Some(last) if *last >= self.range.end => {
                rows.partition_point(|row| *row < self.range.end)
            }
            _ => len,
        };
        self.ahead = start..end.max(start);
    }
}
