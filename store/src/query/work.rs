//! What a query has done, and how much it may do.

use std::time::Instant;

use super::budget::Budget;
use crate::StoreError;

/// Steps between two looks at the clock: some tens of microseconds of plain rows, a few
/// milliseconds of names, and nothing that a step would feel.
const STEPS_PER_LOOK: u64 = 4_096;

/// Counts steps against a budget.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work {
    pub(crate) steps: u64,
    budget: Budget,
    /// Beyond so many steps the budget is looked at.
    next_look: u64,
}

impl Work {
    /// Its first step looks at the clock, so that a deadline that has passed ends it at once.
    pub(crate) fn new(budget: Budget) -> Self {
        Self { steps: 0, budget, next_look: 0 }
    }

    #[cfg(test)]
    pub(super) fn bound(&mut self, max_steps: u64) {
        *self = Self { steps: self.steps, ..Self::new(Budget::steps(max_steps)) };
    }

    /// Counts steps: a row tested, a list entry walked, a name verified.
    #[inline]
    pub(crate) fn step(&mut self, steps: u64) -> Result<(), StoreError> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > self.next_look { self.look() } else { Ok(()) }
    }

    #[cold]
    fn look(&mut self) -> Result<(), StoreError> {
        let Budget { max_steps, deadline } = self.budget;
        if self.steps > max_steps {
            return Err(StoreError::OverBudget { rows: self.steps, limit: max_steps });
        }
        self.next_look = match deadline {
            Some(deadline) if Instant::now() >= deadline => {
                return Err(StoreError::OverTime { rows: self.steps });
            }
            Some(_) => self.steps.saturating_add(STEPS_PER_LOOK).min(max_steps),
            None => max_steps,
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn until(deadline: Instant) -> Work {
        Work::new(Budget { max_steps: 10 * STEPS_PER_LOOK, deadline: Some(deadline) })
    }

    #[test]
    fn a_deadline_that_has_passed_ends_the_first_step() {
        let outcome = until(Instant::now()).step(1);
        assert!(matches!(outcome, Err(StoreError::OverTime { rows: 1 })), "{outcome:?}");
    }

    #[test]
    fn a_deadline_that_passes_meanwhile_is_seen_within_one_stretch() {
        let mut work = until(Instant::now() + Duration::from_secs(3600));
        work.step(1).unwrap();
        work.budget.deadline = Some(Instant::now());
        work.step(STEPS_PER_LOOK).unwrap();
        let outcome = work.step(1);
        assert!(matches!(outcome, Err(StoreError::OverTime { .. })), "{outcome:?}");
    }

    #[test]
    fn steps_end_it_to_the_step_with_and_without_a_deadline() {
        let limit = 3 * STEPS_PER_LOOK / 2;
        for deadline in [None, Some(Instant::now() + Duration::from_secs(3600))] {
            let mut work = Work::new(Budget { max_steps: limit, deadline });
            (0..limit).for_each(|_| work.step(1).unwrap());
            let outcome = work.step(1);
            let is_over =
                matches!(outcome, Err(StoreError::OverBudget { rows, .. }) if rows == limit + 1);
            assert!(is_over, "{outcome:?}");
        }
    }
}
