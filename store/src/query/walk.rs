//! The matching rows of one group in one direction.

use super::batch::{BATCH_LEN, Batch};
use super::checks::Checks;
use super::compiled::Compiled;
use super::driver::Driver;
use super::mask::{MASK_ROWS, Mask};
use super::plan::{Choice, Planned, Wanted, cheapest, no_slice, plan};
use super::plan_report::{self, GroupPlace, GroupPlan};
use super::search::Search;
use crate::StoreError;
use crate::rows::Rows;

/// Rows of the first batch; each later one has twice as many.
const FIRST_BATCH: usize = 16;
/// Rows of the first mask; each later one has twice as many.
const FIRST_MASK: u32 = 64;

/// What a walk comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// A matching row.
    Row(u32),
    /// There are no more.
    End,
    /// Names have to be found before it goes on; then it is to be planned anew.
    Resolve,
}

/// Some matching rows, as they are found.
pub(super) enum Matching<'m> {
    /// None: that was the end.
    End,
    /// Of a window, a bit each.
    Mask(&'m Mask),
    /// One by one, in the order of the walk.
    Rows(&'m [u32]),
}

/// A walk over one group. What it has passed is final, so that it can be planned anew at any time.
pub(super) struct Walk<'a, R> {
    pub(super) rows: &'a R,
    compiled: &'a Compiled,
    driver: Driver<'a>,
    checks: Checks<'a>,
    /// What is left to walk.
    wanted: Wanted,
    /// Hits by mask that are not in a batch yet; with names that are to be judged, candidates.
    mask: Mask,
    is_to_judge: bool,
    /// The mask was given as a whole.
    is_given: bool,
    next_mask: u32,
    batch: Batch,
    /// How many rows of the batch were given.
    given: usize,
    next_batch: usize,
    /// Steps after which another driver would have been done.
    reconsider_after: u64,
    range_len: u32,
    report: plan_report::Driver,
    steps: u64,
    hits: u64,
}

impl<'a, R: Rows> Walk<'a, R> {
    pub(super) fn new(
        rows: &'a R,
        wanted: Wanted,
        compiled: &'a Compiled,
        search: &mut Search<'_>,
    ) -> Result<Self, StoreError> {
        Self::choosing(rows, wanted, (compiled, &cheapest), search)
    }

    /// With another choice of driver than the cheapest.
    pub(super) fn choosing(
        rows: &'a R,
        mut wanted: Wanted,
        (compiled, choice): (&'a Compiled, Choice<'_>),
        search: &mut Search<'_>,
    ) -> Result<Self, StoreError> {
        let range_len = wanted.range.end.saturating_sub(wanted.range.start);
        let steps = search.work.steps;
        let planned = plan(rows, &mut wanted, compiled, search, choice)?;
        let Planned { driver, checks, report, reconsider_after } = planned;
        Ok(Self {
            rows,
            compiled,
            driver,
            checks,
            wanted,
            mask: Mask::default(),
            is_to_judge: false,
            is_given: false,
            next_mask: FIRST_MASK,
            batch: Batch::default(),
            given: 0,
            next_batch: FIRST_BATCH,
            reconsider_after,
            range_len,
            report,
            steps: search.work.steps - steps,
            hits: 0,
        })
    }

    /// Chooses a driver again for what is left: the names have been found meanwhile.
    pub(super) fn plan_anew(&mut self, search: &mut Search<'_>) -> Result<(), StoreError> {
        if !matches!(self.driver, Driver::Found { .. } | Driver::Nothing) {
            self.choose(&cheapest, search)?;
        }
        Ok(())
    }

    fn choose(&mut self, choice: Choice<'_>, search: &mut Search<'_>) -> Result<(), StoreError> {
        let before = search.work.steps;
        let planned = plan(self.rows, &mut self.wanted, self.compiled, search, choice)?;
        let Planned { driver, checks, report, reconsider_after } = planned;
        (self.driver, self.checks, self.report) = (driver, checks, report);
        self.steps += search.work.steps - before;
        self.reconsider_after = self.steps.saturating_add(reconsider_after);
        Ok(())
    }

    /// A slice has cost as much as verifying the names would, or as lists would.
    fn reconsider(&mut self, search: &mut Search<'_>) -> Result<(), StoreError> {
        if self.checks.names && search.verify_nanos().is_some() {
            search.find_names()?;
            return self.choose(&cheapest, search);
        }
        self.choose(&no_slice, search)?;
        self.reconsider_after = u64::MAX;
        Ok(())
    }

    /// The next matching row.
    #[inline]
    pub(super) fn next(&mut self, search: &mut Search<'_>) -> Result<Next, StoreError> {
        loop {
            if let Some(row) = self.batch.rows().get(self.given) {
                self.given += 1;
                return Ok(Next::Row(*row));
            }
            if search.is_resolving_due() && self.mask.is_empty() {
                return Ok(Next::Resolve);
            }
            if !self.fill(search)? {
                return Ok(Next::End);
            }
        }
    }

    /// The next matching rows, several at a time. Names are resolved on the way if need be.
    pub(super) fn next_matching(
        &mut self,
        search: &mut Search<'_>,
    ) -> Result<Matching<'_>, StoreError> {
        if std::mem::take(&mut self.is_given) {
            self.mask.clear();
        }
        loop {
            if search.is_resolving_due() && self.mask.is_empty() {
                search.resolve()?;
                self.plan_anew(search)?;
            }
            if self.mask.is_empty() && self.driver.is_masked() && self.checks.is_by_mask(search) {
                self.next_mask = MASK_ROWS;
                if !self.fill_mask(search)? {
                    return Ok(Matching::End);
                }
                if !self.mask.is_empty() {
                    self.hits += u64::from(self.mask.count());
                    self.is_given = true;
                    return Ok(Matching::Mask(&self.mask));
                }
                continue;
            }
            if !self.fill(search)? {
                return Ok(Matching::End);
            }
            self.given = self.batch.len();
            if self.given > 0 {
                return Ok(Matching::Rows(self.batch.rows()));
            }
        }
    }

    /// Tests the next candidates and puts those that match in the batch; `false` if there are none.
    fn fill(&mut self, search: &mut Search<'_>) -> Result<bool, StoreError> {
        self.batch.clear();
        self.given = 0;
        if self.mask.is_empty() && self.driver.is_masked() {
            // Without a hit another driver may have been chosen.
            return self.fill_mask(search);
        }
        let before = search.work.steps;
        let asked = (self.wanted.direction, self.next_batch);
        self.next_batch = (self.next_batch * 2).min(BATCH_LEN);
        if !self.mask.is_empty() {
            self.mask.take(asked, &mut self.batch);
            if self.is_to_judge {
                self.checks.judge(self.rows, &mut self.batch, search)?;
            }
        } else {
            self.driver.next(&mut self.wanted.range, asked, &mut self.batch);
            if self.batch.len() == 0 {
                return Ok(false);
            }
            search.work.step(self.batch.len() as u64)?;
            if !self.checks.is_empty() {
                self.checks.apply(self.rows, &mut self.batch, search)?;
            }
        }
        self.steps += search.work.steps - before;
        self.hits += self.batch.len() as u64;
        Ok(true)
    }

    /// Tests windows of candidates until one has a hit, or until another driver is the better one;
    /// `false` if there are none.
    fn fill_mask(&mut self, search: &mut Search<'_>) -> Result<bool, StoreError> {
        let is_slice = matches!(self.driver, Driver::Slice);
        loop {
            if is_slice && self.steps > self.reconsider_after {
                self.reconsider(search)?;
                return Ok(true);
            }
            let Wanted { range, direction, .. } = &mut self.wanted;
            if !self.driver.next_mask(range, (*direction, self.next_mask), &mut self.mask) {
                return Ok(false);
            }
            self.next_mask = (self.next_mask * 2).min(MASK_ROWS);
            let rows = if is_slice { self.mask.window().len() as u64 } else { 0 };
            let steps = rows.max(self.mask.count().into());
            self.steps += steps;
            search.work.step(steps)?;
            self.is_to_judge = !self.checks.is_by_mask(search);
            self.checks.apply_to_mask(self.rows, &mut self.mask, search);
            if !self.mask.is_empty() {
                return Ok(true);
            }
        }
    }

    pub(super) fn report(&self, place: GroupPlace) -> GroupPlan {
        GroupPlan {
            place,
            rows: self.range_len,
            driver: self.report,
            steps: self.steps,
            hits: self.hits - (self.batch.len() - self.given) as u64,
        }
    }
}
