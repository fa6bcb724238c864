//! One workspace's visible rows in page order, whether sealed or in memory: what the planner walks.

use std::ops::Range;

use crate::catalog::OrderKey;
use crate::packed::List;

/// A column of codes. Optional values and `Type`/`Name` of a row without resources are stored as
/// code + 1 with 0 for none; `Actor`, `Action`, `Kind`, `Outcome` as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Column {
    Actor,
    /// Code + 1; 0 for none.
    OnBehalfOf,
    Action,
    /// `Kind::code`.
    Kind,
    /// `Outcome::code`.
    Outcome,
    /// Type code + 1 of the first resource; 0 for none.
    Type,
    /// Name code + 1 of the first resource; 0 for none.
    Name,
}

/// What lists are kept by. Keys are plain codes, without the + 1 of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Dimension {
    Actor,
    OnBehalfOf,
    Action,
    Kind,
    Outcome,
    /// Types of all resources of a row.
    Type,
    /// All resources of a row.
    Resource,
}

/// Rows numbered from 0, oldest key first. Reading a row below `len` must not fail or panic.
pub(crate) trait Rows {
    /// Number of rows.
    fn len(&self) -> u32;
    /// Page-order key. Strictly ascending with the row.
    fn key(&self, row: u32) -> OrderKey;
    /// First row whose key is not below this one; `len` if there is none.
    fn lower_bound(&self, key: OrderKey) -> u32;
    /// One code.
    fn code(&self, column: Column, row: u32) -> u32;
    /// Codes of consecutive rows from `start` on, as many as the slice holds (all below `len`).
    fn codes(&self, column: Column, start: u32, codes: &mut [u32]);
    /// Resources of a row after the first. Mostly empty.
    fn further(&self, row: u32) -> Further<'_>;
    /// Adds the name codes of all resources of a row, in the event's order.
    fn add_names(&self, row: u32, names: &mut impl Extend<u32>) {
        names.extend(self.code(Column::Name, row).checked_sub(1));
        if self.has_further() {
            names.extend(self.further(row).iter().map(|(_, name)| name));
        }
    }
    /// Calls `each(row, type code, name code)` for every resource after the first of the rows of a
    /// range, by row and then in the event's order.
    fn each_further(&self, range: Range<u32>, each: impl FnMut(u32, u32, u32));
    /// Whether any row has further resources.
    fn has_further(&self) -> bool;
    /// Whether lists are kept at all. Without them rows are walked by slices.
    fn has_lists(&self) -> bool;
    /// The rows with this code, ascending; `None` if there is none or no lists are kept.
    fn list(&self, dimension: Dimension, code: u32) -> Option<List<'_>>;
    /// The same of many codes, in their order; those that no row has are left out.
    fn lists(
        &self,
        dimension: Dimension,
        codes: impl Iterator<Item = u32>,
    ) -> impl Iterator<Item = List<'_>> {
        codes.filter_map(move |code| self.list(dimension, code))
    }
    /// All codes of a dimension with the number of rows of each, ascending; empty without lists.
    fn list_lengths(&self, dimension: Dimension) -> Vec<(u32, u32)>;
    /// The greatest seq among the rows; 0 if there are none.
    fn last_seq(&self) -> u64;
    /// Ranges of rows outside of which no row has a seq between these two; ascending.
    fn seq_ranges(&self, first: u64, last: u64) -> Vec<Range<u32>> {
        let may_have_some = first <= last && first <= self.last_seq();
        may_have_some.then(|| 0..self.len()).into_iter().collect()
    }
}

/// Resources of a row after the first.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Further<'a> {
    /// In memory: (type code, name code).
    Plain(&'a [(u32, u32)]),
    /// Packed: entries `start..end` of two columns of the side list.
    Packed { types: crate::packed::Bits<'a>, names: crate::packed::Bits<'a>, start: u32, end: u32 },
}

impl Further<'_> {
    /// How many.
    pub(crate) fn len(&self) -> u32 {
        match self {
            Self::Plain(items) => u32::try_from(items.len()).unwrap_or(u32::MAX),
            Self::Packed { start, end, .. } => end - start,
        }
    }

    /// (type code, name code) of one, by its place.
    #[inline]
    pub(crate) fn get(&self, index: u32) -> (u32, u32) {
        let narrow = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        match self {
            Self::Plain(items) => items[index as usize],
            Self::Packed { types, names, start, .. } => {
                (narrow(types.get(start + index)), narrow(names.get(start + index)))
            }
        }
    }

    /// (type code, name code) of each.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (0..self.len()).map(|index| self.get(index))
    }
}
