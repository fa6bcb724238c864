//! What a query has done, and how much it may do.

use crate::StoreError;

/// Counts steps against a limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work {
    pub(crate) steps: u64,
    pub(crate) limit: u64,
}

impl Work {
    pub(crate) fn new(limit: u64) -> Self {
        Self { steps: 0, limit }
    }

    /// Counts steps: a row tested, a list entry walked, a name verified.
    #[inline]
    pub(crate) fn step(&mut self, steps: u64) -> Result<(), StoreError> {
        self.steps += steps;
        if self.steps > self.limit {
            return Err(StoreError::OverBudget { rows: self.steps, limit: self.limit });
        }
        Ok(())
    }
}
