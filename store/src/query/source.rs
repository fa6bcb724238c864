//! The kinds of groups a store has: groups of segments and chunks of tails.

use std::ops::Range;

use super::merge::Source;
use super::plan_report::GroupPlace;
use crate::StoreError;
use crate::catalog::OrderKey;
use crate::packed::List;
use crate::partition::{Chunk, SealedGroup};
use crate::rows::{Column, Dimension, Further, Rows};
use crate::segment::SegmentRows;

impl<'a> Source for &'a SealedGroup {
    type Rows = SegmentRows<'a>;

    fn bounds(&self) -> Option<(OrderKey, OrderKey)> {
        let group = self.segment.groups().get(self.group as usize)?;
        (group.visible > 0).then_some((group.oldest, group.newest))
    }

    fn open(&self) -> Result<SegmentRows<'a>, StoreError> {
        self.segment.rows(self.group)
    }

    fn place(&self) -> GroupPlace {
        let range = self.segment.identity().range;
        GroupPlace::Segment { start: range.start, end: range.end }
    }
}

impl<'a> Source for &'a Chunk {
    type Rows = &'a Chunk;

    fn bounds(&self) -> Option<(OrderKey, OrderKey)> {
        let last = self.len().checked_sub(1)?;
        Some((self.key(0), self.key(last)))
    }

    fn open(&self) -> Result<&'a Chunk, StoreError> {
        Ok(self)
    }

    fn place(&self) -> GroupPlace {
        GroupPlace::Frozen
    }
}

impl<R: Rows> Rows for &R {
    #[inline]
    fn len(&self) -> u32 {
        (**self).len()
    }

    #[inline]
    fn key(&self, row: u32) -> OrderKey {
        (**self).key(row)
    }

    #[inline]
    fn lower_bound(&self, key: OrderKey) -> u32 {
        (**self).lower_bound(key)
    }

    #[inline]
    fn code(&self, column: Column, row: u32) -> u32 {
        (**self).code(column, row)
    }

    #[inline]
    fn codes(&self, column: Column, start: u32, codes: &mut [u32]) {
        (**self).codes(column, start, codes);
    }

    #[inline]
    fn further(&self, row: u32) -> Further<'_> {
        (**self).further(row)
    }

    #[inline]
    fn each_further(&self, range: Range<u32>, each: impl FnMut(u32, u32, u32)) {
        (**self).each_further(range, each);
    }

    #[inline]
    fn has_further(&self) -> bool {
        (**self).has_further()
    }

    #[inline]
    fn has_lists(&self) -> bool {
        (**self).has_lists()
    }

    #[inline]
    fn list(&self, dimension: Dimension, code: u32) -> Option<List<'_>> {
        (**self).list(dimension, code)
    }

    fn lists(
        &self,
        dimension: Dimension,
        codes: impl Iterator<Item = u32>,
    ) -> impl Iterator<Item = List<'_>> {
        (**self).lists(dimension, codes)
    }

    fn list_lengths(&self, dimension: Dimension) -> Vec<(u32, u32)> {
        (**self).list_lengths(dimension)
    }

    #[inline]
    fn last_seq(&self) -> u64 {
        (**self).last_seq()
    }

    fn seq_ranges(&self, first: u64, last: u64) -> Vec<Range<u32>> {
        (**self).seq_ranges(first, last)
    }
}
