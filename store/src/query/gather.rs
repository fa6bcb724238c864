//! The first hits of many short lists: each list is walked only as far as it can still contribute.
//!
//! Once as many hits are known as are wanted, the worst of them is a bound: a list whose nearest
//! entry lies beyond it is skipped, another one is left as soon as it is passed.

use std::ops::Range;

use super::batch::{BATCH_LEN, Batch};
use super::checks::{Checks, cursor_direction};
use super::page_request::Direction;
use super::search::Search;
use crate::StoreError;
use crate::packed::{CodeSet, List};
use crate::rows::{Dimension, Rows};

/// The first `wanted` hits of a range in a direction, in order.
pub(super) struct Gather {
    pub(super) direction: Direction,
    pub(super) wanted: usize,
    /// Where a hit can still be one of the first.
    pub(super) range: Range<u32>,
}

impl Gather {
    pub(super) fn find<R: Rows>(
        mut self,
        rows: &R,
        (dimension, codes): (Dimension, &CodeSet),
        checks: &Checks<'_>,
        search: &mut Search<'_>,
    ) -> Result<Vec<u32>, StoreError> {
        search.work.step(codes.len() as u64)?;
        // The bound is drawn soon: what got its code late has its rows late.
        match self.direction {
            Direction::Older => {
                let lists = rows.lists(dimension, codes.iter().rev());
                self.of_lists(lists, rows, checks, search)
            }
            Direction::Newer => {
                self.of_lists(rows.lists(dimension, codes.iter()), rows, checks, search)
            }
        }
    }

    fn of_lists<'r, R: Rows>(
        &mut self,
        lists: impl Iterator<Item = List<'r>>,
        rows: &R,
        checks: &Checks<'_>,
        search: &mut Search<'_>,
    ) -> Result<Vec<u32>, StoreError> {
        let room = self.wanted + self.wanted / 2 + 32;
        let (mut hits, mut batch) = (Vec::with_capacity(room + BATCH_LEN), Batch::default());
        for list in lists {
            self.walk(&list, rows, (checks, search), &mut batch, &mut hits)?;
            if hits.len() >= room {
                self.prune(&mut hits);
            }
        }
        self.prune(&mut hits);
        Ok(hits)
    }

    fn walk<R: Rows>(
        &mut self,
        list: &List<'_>,
        rows: &R,
        (checks, search): (&Checks<'_>, &mut Search<'_>),
        batch: &mut Batch,
        hits: &mut Vec<u32>,
    ) -> Result<(), StoreError> {
        if list.first() >= self.range.end || list.last() < self.range.start {
            return Ok(());
        }
        let mut cursor = list.cursor(self.range.clone(), cursor_direction(self.direction));
        let mut most = 16;
        loop {
            batch.clear();
            while batch.len() < most
                && let Some(row) = cursor.peek()
            {
                batch.push(row);
                cursor.advance();
            }
            if batch.len() == 0 {
                return Ok(());
            }
            search.work.step(batch.len() as u64)?;
            checks.apply(rows, batch, search)?;
            hits.extend_from_slice(batch.rows());
            // A list of its own may have more than are wanted; what comes later is no better.
            if hits.len() >= self.wanted + BATCH_LEN {
                self.prune(hits);
                let passed = cursor.peek().is_none_or(|row| !self.range.contains(&row));
                if passed {
                    return Ok(());
                }
            }
            most = (most * 2).min(BATCH_LEN);
        }
    }

    /// Keeps the best hits, each once, and draws the bound.
    fn prune(&mut self, hits: &mut Vec<u32>) {
        match self.direction {
            Direction::Older => hits.sort_unstable_by(|a, b| b.cmp(a)),
            Direction::Newer => hits.sort_unstable(),
        }
        hits.dedup();
        hits.truncate(self.wanted);
        if hits.len() == self.wanted
            && let Some(worst) = hits.last()
        {
            match self.direction {
                Direction::Older => self.range.start = *worst,
                Direction::Newer => self.range.end = worst + 1,
            }
        }
    }
}
