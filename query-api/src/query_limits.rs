//! How much one query may do.

use std::time::{Duration, Instant};

use annals_store::Budget;

/// Bounds of each query; one that reaches them is answered with `timeout`, never with less.
#[derive(Debug, Clone, Copy)]
pub struct QueryLimits {
    /// Rows tested, list entries walked, names verified.
    pub steps: u64,
    /// How long it may run. What it waits for before it runs does not count.
    pub duration: Duration,
}

impl QueryLimits {
    /// The budget of a query that begins now.
    pub(crate) fn begin(self) -> Budget {
        // A time that no clock reaches is no bound.
        Budget { max_steps: self.steps, deadline: Instant::now().checked_add(self.duration) }
    }
}
