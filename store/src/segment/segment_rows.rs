//! A group's columns and lists, read in place.
//!
//! The views of the columns are made once; lists are opened when they are asked for. Damaged bytes
//! do not come here: sections are verified before.

use std::ops::Range;

use crate::catalog::OrderKey;
use crate::packed::{Bits, Frames, List, Lists};
use crate::rows::{Column, Dimension, Further, Rows};

/// A group's visible rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SegmentRows<'a> {
    times: Frames<'a>,
    seqs: Frames<'a>,
    codes: [Bits<'a>; 7],
    further_rows: Bits<'a>,
    further_types: Bits<'a>,
    further_names: Bits<'a>,
    last_seq: u64,
    lists: &'a [u8],
}

impl<'a> SegmentRows<'a> {
    /// The view of a group of so many rows; `None` if the bytes contradict themselves or that.
    pub(super) fn open(columns: &'a [u8], lists: &'a [u8], rows: u32) -> Option<Self> {
        let (last_seq, mut rest) = columns.split_first_chunk::<8>()?;
        let mut next = || {
            let (bits, after) = Bits::open_prefix(rest)?;
            rest = after;
            Some(bits)
        };
        let codes = [next()?, next()?, next()?, next()?, next()?, next()?, next()?];
        let [further_rows, further_types, further_names] = [next()?, next()?, next()?];
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (times, seqs) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let [times, seqs] = [Frames::open(times)?, Frames::open(seqs)?];
        let is_sound = times.len() == rows
            && seqs.len() == rows
            && codes.iter().all(|column| column.len() == rows)
            && further_types.len() == further_rows.len()
            && further_names.len() == further_rows.len();
        is_sound.then_some(Self {
            times,
            seqs,
            codes,
            further_rows,
            further_types,
            further_names,
            last_seq: u64::from_le_bytes(*last_seq),
            lists,
        })
    }

    /// The lists of a dimension; `None` if no row has a key of it.
    pub(crate) fn lists(&self, dimension: Dimension) -> Option<Lists<'a>> {
        let mut rest = self.lists;
        for _ in 0..dimension as usize {
            rest = split_part(rest)?.1;
        }
        Lists::open(split_part(rest)?.0)
    }

    /// Whether the lists section has its parts and nothing else.
    pub(super) fn has_whole_lists(&self) -> bool {
        let mut rest = self.lists;
        for _ in super::columns::DIMENSIONS {
            let Some((part, after)) = split_part(rest) else { return false };
            if !part.is_empty() && Lists::open(part).is_none() {
                return false;
            }
            rest = after;
        }
        rest.is_empty()
    }

    #[inline]
    fn time(&self, row: u32) -> i64 {
        self.times.get(row)
    }

    #[inline]
    fn seq(&self, row: u32) -> u64 {
        self.seqs.get(row).cast_unsigned()
    }
}

impl Rows for SegmentRows<'_> {
    #[inline]
    fn len(&self) -> u32 {
        self.times.len()
    }

    #[inline]
    fn key(&self, row: u32) -> OrderKey {
        OrderKey { effective_at: self.time(row), seq: self.seq(row) }
    }

    fn lower_bound(&self, key: OrderKey) -> u32 {
        let first = self.times.partition_point_sorted(|time| time < key.effective_at);
        let is_below = |row| self.key(row) < key;
        if first == self.len() || !is_below(first) {
            return first;
        }
        let mut first = first + 1;
        let mut end = self.times.partition_point_sorted(|time| time <= key.effective_at);
        while first < end {
            let middle = first + (end - first) / 2;
            if is_below(middle) { first = middle + 1 } else { end = middle }
        }
        first
    }

    #[inline]
    fn code(&self, column: Column, row: u32) -> u32 {
        u32::try_from(self.codes[column as usize].get(row)).unwrap_or(u32::MAX)
    }

    fn codes(&self, column: Column, start: u32, codes: &mut [u32]) {
        self.codes[column as usize].unpack(start, codes);
    }

    fn further(&self, row: u32) -> Further<'_> {
        let at = |index| self.further_rows.get(index);
        let (mut start, mut end) = (0, self.further_rows.len());
        while start < end {
            let middle = start + (end - start) / 2;
            if at(middle) < u64::from(row) { start = middle + 1 } else { end = middle }
        }
        while end < self.further_rows.len() && at(end) == u64::from(row) {
            end += 1;
        }
        Further::Packed { types: self.further_types, names: self.further_names, start, end }
    }

    fn has_further(&self) -> bool {
        self.further_rows.len() > 0
    }

    fn has_lists(&self) -> bool {
        true
    }

    fn list(&self, dimension: Dimension, code: u32) -> Option<List<'_>> {
        self.lists(dimension)?.get(code)
    }

    fn list_lengths(&self, dimension: Dimension) -> Vec<(u32, u32)> {
        let Some(lists) = self.lists(dimension) else { return Vec::new() };
        lists.iter().map(|(key, list)| (key, list.len())).collect()
    }

    fn last_seq(&self) -> u64 {
        self.last_seq
    }

    fn seq_ranges(&self, first: u64, last: u64) -> Vec<Range<u32>> {
        let signed = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
        self.seqs.ranges_between(signed(first), signed(last))
    }
}

/// A part after its length.
#[inline]
fn split_part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}
