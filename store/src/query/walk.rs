//! The matching rows of one group in one direction.

use super::batch::{BATCH_LEN, Batch};
use super::checks::Checks;
use super::compiled::Compiled;
use super::driver::Driver;
use super::plan::{Choice, Planned, Wanted, cheapest, plan};
use super::plan_report::{self, GroupPlace, GroupPlan};
use super::search::Search;
use crate::StoreError;
use crate::rows::Rows;

/// Rows of the first batch; each later one has twice as many.
const FIRST_BATCH: usize = 16;

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

/// A walk over one group. What it has passed is final, so that it can be planned anew at any time.
pub(super) struct Walk<'a, R> {
    pub(super) rows: &'a R,
    driver: Driver<'a>,
    checks: Checks<'a>,
    /// What is left to walk.
    wanted: Wanted,
    batch: Batch,
    /// How many rows of the batch were given.
    given: usize,
    next_batch: usize,
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
        let Planned { driver, checks, report } = plan(rows, &mut wanted, compiled, search, choice)?;
        Ok(Self {
            rows,
            driver,
            checks,
            wanted,
            batch: Batch::default(),
            given: 0,
            next_batch: FIRST_BATCH,
            range_len,
            report,
            steps: search.work.steps - steps,
            hits: 0,
        })
    }

    /// Chooses a driver again for what is left: the names have been found meanwhile.
    pub(super) fn plan_anew(
        &mut self,
        compiled: &'a Compiled,
        search: &mut Search<'_>,
    ) -> Result<(), StoreError> {
        if !matches!(self.driver, Driver::Found { .. } | Driver::Nothing) {
            let Planned { driver, checks, report } =
                plan(self.rows, &mut self.wanted, compiled, search, &cheapest)?;
            (self.driver, self.checks, self.report) = (driver, checks, report);
        }
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
            if search.is_resolving_due() {
                return Ok(Next::Resolve);
            }
            if !self.fill(search)? {
                return Ok(Next::End);
            }
        }
    }

    /// The next matching rows, several at a time, in the order of the walk; none at the end. Names
    /// are resolved on the way if need be.
    pub(super) fn next_rows(
        &mut self,
        compiled: &'a Compiled,
        search: &mut Search<'_>,
    ) -> Result<&[u32], StoreError> {
        while self.given == self.batch.len() {
            if search.is_resolving_due() {
                search.resolve()?;
                self.plan_anew(compiled, search)?;
            }
            if !self.fill(search)? {
                break;
            }
        }
        let start = std::mem::replace(&mut self.given, self.batch.len());
        Ok(&self.batch.rows()[start..])
    }

    /// Tests the next candidates; `false` if there are none.
    fn fill(&mut self, search: &mut Search<'_>) -> Result<bool, StoreError> {
        let before = search.work.steps;
        self.batch.clear();
        self.given = 0;
        let Wanted { range, direction, .. } = &mut self.wanted;
        self.driver.next(range, *direction, self.next_batch, &mut self.batch);
        if self.batch.len() == 0 {
            return Ok(false);
        }
        self.next_batch = (self.next_batch * 2).min(BATCH_LEN);
        search.work.step(self.batch.len() as u64)?;
        if !self.checks.is_empty() {
            self.checks.apply(self.rows, &mut self.batch, search)?;
        }
        self.steps += search.work.steps - before;
        self.hits += self.batch.len() as u64;
        Ok(true)
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
