//! How many rows match, in the same snapshot as the page.

use super::budget::Budget;
use super::filter::Filter;
use super::mask::Mask;
use super::pin::PinRequest;
use super::search::Search;
use super::visit::{Visitor, Whole};
use super::workspace::WorkspaceReader;
use crate::StoreError;
use crate::rows::Rows;

/// Whether and how far to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CountMode {
    /// Not at all.
    #[default]
    None,
    /// Exactly up to 10,000, then "at least".
    Bounded,
    /// Exactly, whatever it takes.
    Exact,
}

impl CountMode {
    /// Up to where the bounded count is exact.
    pub const BOUND: u32 = 10_000;
}

/// A count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// The number.
    pub value: u64,
    /// Whether it is the whole number, or a lower bound.
    pub exact: bool,
}

impl Total {
    /// Of an empty workspace.
    pub(super) const NONE: Self = Self { value: 0, exact: true };

    fn new(found: u64, mode: CountMode) -> Self {
        let bound = u64::from(CountMode::BOUND);
        let over = mode == CountMode::Bounded && found > bound;
        Self { value: if over { bound } else { found }, exact: !over }
    }
}

impl WorkspaceReader {
    /// How many rows of a snapshot match (the newest if absent), within a limit on steps.
    ///
    /// Without a mode, nothing is counted.
    pub fn count(
        &self,
        filter: &Filter,
        snapshot: Option<u64>,
        mode: CountMode,
        budget: Budget,
    ) -> Result<Option<Total>, StoreError> {
        if mode == CountMode::None {
            return Ok(None);
        }
        let enough = match mode {
            // One beyond the bound tells "exactly" from "at least".
            CountMode::Bounded => u64::from(CountMode::BOUND) + 1,
            _ => u64::MAX,
        };
        let mut counter = Counter { found: 0, enough };
        let (workspace, restriction) = (self.id.as_str(), self.restriction());
        let pin = PinRequest { workspace, filter, restriction, snapshot, budget };
        self.visit(pin, &mut counter)?;
        Ok(Some(Total::new(counter.found, mode)))
    }
}

struct Counter {
    found: u64,
    enough: u64,
}

impl Visitor for Counter {
    fn part(&self) -> Option<Self> {
        Some(Self { found: 0, enough: u64::MAX })
    }

    fn take_off(&mut self, part: &Self) {
        self.found = self.found.saturating_sub(part.found);
    }

    fn rows<R: Rows>(
        &mut self,
        _rows: &R,
        matching: &[u32],
        _search: &mut Search<'_>,
    ) -> Result<(), StoreError> {
        self.found += matching.len() as u64;
        Ok(())
    }

    fn mask<R: Rows>(
        &mut self,
        _rows: &R,
        mask: &Mask,
        _search: &mut Search<'_>,
    ) -> Result<(), StoreError> {
        self.found += u64::from(mask.count());
        Ok(())
    }

    fn counted(&self) -> Option<Vec<u64>> {
        // A count that ends early is none of all rows.
        (self.enough == u64::MAX).then(Vec::new)
    }

    fn into_counts(self) -> Vec<Vec<u32>> {
        vec![vec![u32::try_from(self.found).expect("a group has fewer than 2^32 rows")]]
    }

    fn add_counts(&mut self, counts: &[Vec<u32>]) {
        self.found += counts.iter().flatten().copied().map(u64::from).sum::<u64>();
    }

    /// From lengths of lists, or from ranks where only some of the rows are within the range.
    fn whole<R: Rows>(
        &mut self,
        rows: &R,
        whole: &Whole<'_>,
        search: &mut Search<'_>,
    ) -> Result<bool, StoreError> {
        self.found += match whole {
            Whole::Range(range) => u64::from(range.end - range.start),
            Whole::Lists { range, dimension, codes } => {
                search.work.step(codes.len() as u64)?;
                let lists = rows.lists(*dimension, codes.iter());
                let is_all = range.start == 0 && range.end == rows.len();
                let count = |list: crate::packed::List<'_>| match is_all {
                    true => list.len(),
                    false => list.count_in(range.clone()),
                };
                lists.map(|list| u64::from(count(list))).sum()
            }
        };
        Ok(true)
    }

    fn is_done(&self) -> bool {
        self.found >= self.enough
    }
}
