//! What the values of a column are tested against: codes, or the names that a search is after.

use crate::catalog::NameSet;
use crate::packed::CodeSet;

/// What the values of a column are tested against.
#[derive(Debug, Clone, Copy)]
pub(super) enum Values<'a> {
    Codes(&'a CodeSet),
    Names(&'a NameSet),
}

impl Values<'_> {
    /// Whether a value of the column is one that is asked for.
    #[inline]
    pub(super) fn contains(&self, value: u32) -> bool {
        match self {
            Self::Codes(codes) => codes.contains(value),
            Self::Names(names) => names.has_value(value),
        }
    }
}
