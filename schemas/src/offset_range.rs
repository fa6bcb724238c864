//! A half-open range of covered offsets.

use crate::Offset;

/// Offsets `start ..  end` that have been covered. Its length is no row count: offsets have holes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OffsetRange {
    /// First covered offset.
    pub start: Offset,
    /// First offset not covered.
    pub end: Offset,
}

impl OffsetRange {
    /// The range, unless it would run backwards.
    pub fn new(start: Offset, end: Offset) -> Option<Self> {
        (start <= end).then_some(Self { start, end })
    }

    /// Whether nothing is covered.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Whether the offset is covered.
    pub fn contains(&self, offset: Offset) -> bool {
        (self.start..self.end).contains(&offset)
    }
}
