//! The accounting identity's three terms.

use serde::{Deserialize, Serialize};

/// How many records came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows people see.
    pub visible: u64,
    /// Records equal to an earlier visible one.
    pub duplicate: u64,
    /// Records refused, with a reason.
    pub quarantined: u64,
}

impl Counts {
    /// Adds another stretch's counts.
    pub(crate) fn add(&mut self, other: Self) {
        self.visible += other.visible;
        self.duplicate += other.duplicate;
        self.quarantined += other.quarantined;
    }

    /// All records: the identity itself.
    pub fn records(&self) -> u64 {
        self.visible + self.duplicate + self.quarantined
    }
}
