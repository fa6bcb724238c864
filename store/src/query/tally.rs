//! How many of the matching rows have each value of some dimensions.

use std::ops::Range;

use super::batch::{BATCH_LEN, BATCH_ROWS};
use super::facet_request::FacetBy;
use super::mask::{MASK_LEN, Mask, Places};
use super::search::Search;
use super::visit::{Visitor, Whole};
use crate::StoreError;
use crate::rows::{Column, Dimension, Rows};

/// What one rank in a list costs, in rows of a column read.
const ROWS_PER_RANK: u64 = 200;

/// Room for that many codes is made with the first one: most dimensions have fewer.
const FEW_CODES: usize = 4_096;

/// Counts of several dimensions, taken in one walk.
pub(super) struct Tallies(pub(super) Vec<Tally>);

/// Counts of one dimension, by code.
pub(super) struct Tally {
    pub(super) by: FacetBy,
    pub(super) counts: Vec<u64>,
}

impl Tally {
    pub(super) fn new(by: FacetBy) -> Self {
        Self { by, counts: Vec::new() }
    }

    pub(super) fn column(&self) -> Column {
        match self.by {
            FacetBy::Actor => Column::Actor,
            FacetBy::ResourceType => Column::Type,
            FacetBy::Action => Column::Action,
            FacetBy::Kind => Column::Kind,
            FacetBy::Outcome => Column::Outcome,
        }
    }

    /// What the column has for code 0.
    pub(super) fn base(&self) -> u32 {
        u32::from(self.by == FacetBy::ResourceType)
    }

    fn dimension(&self) -> Dimension {
        match self.by {
            FacetBy::Actor => Dimension::Actor,
            FacetBy::ResourceType => Dimension::Type,
            FacetBy::Action => Dimension::Action,
            FacetBy::Kind => Dimension::Kind,
            FacetBy::Outcome => Dimension::Outcome,
        }
    }

    #[inline]
    pub(super) fn add(&mut self, code: u32, count: u64) {
        let code = code as usize;
        if code >= self.counts.len() {
            self.counts.resize((code + 1).next_multiple_of(FEW_CODES), 0);
        }
        self.counts[code] += count;
    }

    /// Counts the codes of some rows, in a dimension of which each row has one.
    fn add_codes(&mut self, codes: &[u32]) {
        let Some(greatest) = codes.iter().max() else { return };
        if *greatest as usize >= self.counts.len() {
            self.counts.resize(*greatest as usize + 1, 0);
        }
        for code in codes {
            self.counts[*code as usize] += 1;
        }
    }

    /// All rows of a range: by lists where they are shorter than the range is long.
    fn add_range<R: Rows>(&mut self, rows: &R, range: &Range<u32>) {
        let dimension = self.dimension();
        if rows.has_lists() {
            let lengths = rows.list_lengths(dimension);
            if range.start == 0 && range.end == rows.len() {
                lengths.iter().for_each(|(code, len)| self.add(*code, u64::from(*len)));
                return;
            }
            let ranks = lengths.len() as u64 * ROWS_PER_RANK;
            // Only the lists know all types of a row.
            let only_lists = self.by == FacetBy::ResourceType && rows.has_further();
            if only_lists || ranks < u64::from(range.end - range.start) {
                // Each of them has a list.
                let codes = lengths.iter().map(|(code, _)| *code);
                for (code, list) in codes.clone().zip(rows.lists(dimension, codes)) {
                    self.add(code, u64::from(list.count_in(range.clone())));
                }
                return;
            }
        }
        let (mut start, mut codes) = (range.start, [0; BATCH_LEN]);
        while start < range.end {
            let len = (range.end - start).min(BATCH_ROWS);
            let codes = &mut codes[..len as usize];
            rows.codes(self.column(), start, codes);
            match self.by {
                FacetBy::ResourceType => {
                    (start..).zip(codes.iter()).for_each(|(row, code)| {
                        self.add_types(rows, row, *code, &mut |_, _| true);
                    });
                }
                _ => self.add_codes(codes),
            }
            start += len;
        }
    }

    /// The types of one row's resources that count, each once. `first` is the first one's, plus
    /// one.
    fn add_types<R: Rows>(
        &mut self,
        rows: &R,
        row: u32,
        first: u32,
        counts: &mut impl FnMut(u32, u32) -> bool,
    ) {
        let Some(first) = first.checked_sub(1) else { return };
        let name = || rows.code(Column::Name, row).wrapping_sub(1);
        let has_first = counts(first, name());
        if has_first {
            self.add(first, 1);
        }
        if !rows.has_further() {
            return;
        }
        let further = rows.further(row);
        for (index, (code, name)) in further.iter().enumerate() {
            let mut counted = false;
            let mut before = further.iter().take(index);
            counted |= has_first && code == first;
            // Few resources have few before them: no set is kept.
            counted |= before.any(|(other, name)| other == code && counts(other, name));
            if !counted && counts(code, name) {
                self.add(code, 1);
            }
        }
    }

    /// The types of one row's resources that are asked for.
    pub(super) fn add_types_of<R: Rows>(
        &mut self,
        rows: &R,
        row: u32,
        first: u32,
        search: &mut Search<'_>,
    ) -> Result<(), StoreError> {
        let mut outcome = Ok(());
        self.add_types(rows, row, first, &mut |resource_type, name| {
            search.admits_resource(resource_type, name).unwrap_or_else(|error| {
                outcome = Err(error);
                false
            })
        });
        outcome
    }
}

impl Visitor for Tallies {
    fn part(&self) -> Option<Self> {
        Some(Self(self.0.iter().map(|tally| Tally::new(tally.by)).collect()))
    }

    fn take_off(&mut self, part: &Self) {
        for (tally, taken) in self.0.iter_mut().zip(&part.0) {
            for (count, taken) in tally.counts.iter_mut().zip(&taken.counts) {
                *count = count.saturating_sub(*taken);
            }
        }
    }

    fn rows<R: Rows>(
        &mut self,
        rows: &R,
        matching: &[u32],
        search: &mut Search<'_>,
    ) -> Result<(), StoreError> {
        let mut buffer = [0; BATCH_LEN];
        for tally in &mut self.0 {
            let codes = read(rows, tally.column(), matching, &mut buffer);
            if tally.by != FacetBy::ResourceType {
                tally.add_codes(codes);
                continue;
            }
            for (row, code) in matching.iter().zip(codes.iter()) {
                tally.add_types_of(rows, *row, *code, search)?;
            }
        }
        Ok(())
    }

    fn mask<R: Rows>(
        &mut self,
        rows: &R,
        mask: &Mask,
        search: &mut Search<'_>,
    ) -> Result<(), StoreError> {
        let mut places: Places = [0; MASK_LEN + 8];
        let places = mask.places(&mut places);
        for tally in &mut self.0 {
            match tally.by {
                FacetBy::ResourceType => tally.add_types_of_mask(rows, mask, places, search)?,
                _ => tally.add_places(rows, mask, places),
            }
        }
        Ok(())
    }

    fn counted(&self) -> Option<Vec<u64>> {
        Some(self.0.iter().map(|tally| tally.dimension() as u64).collect())
    }

    fn into_counts(self) -> Vec<Vec<u32>> {
        let narrow = |count| u32::try_from(count).expect("a group has fewer than 2^32 rows");
        let counts = |mut tally: Tally| {
            let last = tally.counts.iter().rposition(|count| *count > 0);
            tally.counts.truncate(last.map_or(0, |last| last + 1));
            tally.counts.into_iter().map(narrow).collect()
        };
        self.0.into_iter().map(counts).collect()
    }

    fn add_counts(&mut self, counts: &[Vec<u32>]) {
        for (tally, counts) in self.0.iter_mut().zip(counts) {
            tally.counts.resize(tally.counts.len().max(counts.len()), 0);
            let sums = tally.counts.iter_mut().zip(counts);
            sums.for_each(|(sum, count)| *sum += u64::from(*count));
        }
    }

    fn whole<R: Rows>(
        &mut self,
        rows: &R,
        whole: &Whole<'_>,
        search: &mut Search<'_>,
    ) -> Result<bool, StoreError> {
        let Whole::Range(range) = whole else { return Ok(false) };
        // A row read in a run is a small part of a step.
        search.work.step(u64::from(range.end - range.start) / 16 + 1)?;
        self.0.iter_mut().for_each(|tally| tally.add_range(rows, range));
        Ok(true)
    }
}

/// Codes of ascending rows: in one stretch where they lie close together.
pub(super) fn read<'b, R: Rows>(
    rows: &R,
    column: Column,
    matching: &[u32],
    buffer: &'b mut [u32; BATCH_LEN],
) -> &'b mut [u32] {
    let (Some(first), Some(last)) = (matching.first(), matching.last()) else {
        return &mut buffer[..0];
    };
    let stretch = (last - first) as usize + 1;
    if stretch <= BATCH_LEN && stretch <= matching.len() * 3 {
        rows.codes(column, *first, &mut buffer[..stretch]);
        // Rows ascend, so a code is never moved over one that is still to be read.
        for (index, row) in matching.iter().enumerate() {
            buffer[index] = buffer[(row - first) as usize];
        }
    } else {
        for (slot, row) in buffer.iter_mut().zip(matching) {
            *slot = rows.code(column, *row);
        }
    }
    &mut buffer[..matching.len()]
}
