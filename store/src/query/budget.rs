//! How much one query may do, and until when.

use std::time::Instant;

/// Bounds of one query. The one it reaches first ends it with an error, never with less rows.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Steps it may take: rows tested, list entries walked, names verified. A count beside a page
    /// has as many for itself.
    pub max_steps: u64,
    /// When it is given up; looked at every few thousand steps. `None` for never.
    pub deadline: Option<Instant>,
}

impl Budget {
    /// As much as it takes.
    pub const UNLIMITED: Self = Self::steps(u64::MAX);

    /// So many steps, however long they take.
    pub const fn steps(max_steps: u64) -> Self {
        Self { max_steps, deadline: None }
    }
}
