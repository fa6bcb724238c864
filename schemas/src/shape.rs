//! Bounds on an event's structure: how many of what, how deep.

use crate::Limits;
use crate::violation::Fault;

/// Most changes of one event (fold version 1).
pub(crate) const MAX_CHANGES: usize = 1_000;

/// Levels that `metadata` may have, so that the event's JSON as a whole keeps within the limit.
pub(crate) fn metadata_depth(limits: &Limits) -> usize {
    limits.depth.saturating_sub(1)
}

/// Levels that a change's `before` and `after` may have: they stand below event, array and change.
pub(crate) fn change_value_depth(limits: &Limits) -> usize {
    limits.depth.saturating_sub(3)
}

/// Whether there are too many of something.
pub(crate) fn check_count(count: usize, max: usize, what: &str) -> Result<(), Fault> {
    if count <= max {
        return Ok(());
    }
    Err(Fault::over(format!("has {count} {what}, the limit is {max}")))
}
