//! How complete answers are: the moment the tail was last seen to reach the log's end.

use annals_schemas::{Instant, Offset};

use super::PartitionStore;

/// Everything the log had acknowledged before `at` is folded (INV-10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompleteThrough {
    /// Read from the clock *before* the high watermark was asked for.
    pub at: Instant,
    /// Next offset to fold then.
    pub next: Offset,
}

impl PartitionStore {
    /// Notes that at `at` the high watermark was not beyond what is folded now. The latest note
    /// counts even if its clock was set back: a moment still to come would claim too much.
    pub fn observe(&self, at: Instant, next: Offset) {
        *self.observed.lock() = Some(CompleteThrough { at, next });
    }

    pub(super) fn forget_observed(&self) {
        *self.observed.lock() = None;
    }

    /// The newest such moment; `None` until the tail has first reached the log's end.
    pub fn complete_through(&self) -> Option<CompleteThrough> {
        *self.observed.lock()
    }
}
