//! A group's columns and lists, read in place.
//!
//! The views of the columns are made once; lists are opened when they are asked for. Damaged bytes
//! do not come here: sections are verified before.

use std::ops::Range;
use std::sync::OnceLock;

use super::further_rows::FurtherRows;
use crate::catalog::OrderKey;
use crate::packed::{Bits, Frames, List, Lists};
use crate::rows::{Column, Dimension, Further, Rows};

/// Entries of the side list that are unpacked together.
const FURTHER_LEN: usize = FURTHER_ENTRIES as usize;
const FURTHER_ENTRIES: u32 = 256;

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
    further: &'a OnceLock<FurtherRows>,
}

impl<'a> SegmentRows<'a> {
    /// The view of a group of so many rows; `None` if the bytes contradict themselves or that.
    /// `further` is kept with the segment: filled at first need.
    pub(super) fn open(
        (columns, lists): (&'a [u8], &'a [u8]),
        rows: u32,
        further: &'a OnceLock<FurtherRows>,
    ) -> Option<Self> {
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
            further,
        })
    }

    /// The lists of a dimension; `None` if no row has a key of it.
    pub(crate) fn all_lists(&self, dimension: Dimension) -> Option<Lists<'a>> {
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
    fn further_index(&self) -> &'a FurtherRows {
        self.further.get_or_init(|| FurtherRows::new(&self.further_rows, self.times.len()))
    }

    /// The first entry of the side list whose row is not before this one.
    fn further_from(&self, row: u32) -> u32 {
        let Range { mut start, mut end } = self.further_index().near(row);
        while start < end {
            let middle = start + (end - start) / 2;
            let is_before = self.further_rows.get(middle) < u64::from(row);
            if is_before { start = middle + 1 } else { end = middle }
        }
        start
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
        if !self.further_index().has(row) {
            return Further::Plain(&[]);
        }
        let start = self.further_from(row);
        let mut end = start;
        while end < self.further_rows.len() && self.further_rows.get(end) == u64::from(row) {
            end += 1;
        }
        Further::Packed { types: self.further_types, names: self.further_names, start, end }
    }

    fn each_further(&self, range: Range<u32>, mut each: impl FnMut(u32, u32, u32)) {
        let [mut rows, mut types, mut names] = [[0; FURTHER_LEN]; 3];
        let index = self.further_index();
        let end = index.near(range.end.saturating_sub(1)).end;
        let mut start = index.near(range.start).start;
        while start < end {
            let len = ((end - start) as usize).min(FURTHER_LEN);
            self.further_rows.unpack(start, &mut rows[..len]);
            self.further_types.unpack(start, &mut types[..len]);
            self.further_names.unpack(start, &mut names[..len]);
            for at in 0..len {
                if range.contains(&rows[at]) {
                    each(rows[at], types[at], names[at]);
                }
            }
            start = start.saturating_add(FURTHER_ENTRIES);
        }
    }

    fn has_further(&self) -> bool {
        self.further_rows.len() > 0
    }

    fn has_lists(&self) -> bool {
        true
    }

    fn list(&self, dimension: Dimension, code: u32) -> Option<List<'_>> {
        self.all_lists(dimension)?.get(code)
    }

    fn lists(
        &self,
        dimension: Dimension,
        codes: impl Iterator<Item = u32>,
    ) -> impl Iterator<Item = List<'_>> {
        // Opened once for all of them.
        let lists = self.all_lists(dimension);
        codes.filter_map(move |code| lists.as_ref()?.get(code))
    }

    fn list_lengths(&self, dimension: Dimension) -> Vec<(u32, u32)> {
        let Some(lists) = self.all_lists(dimension) else { return Vec::new() };
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
