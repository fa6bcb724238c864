//! How many rows match, in the same snapshot as the page.

/// Whether and how far to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CountMode {
    /// Not at all.
    #[default]
    None,
    /// Exactly up to 10,000, then "at least".
    Bounded,
    /// Exactly, whatever it takes.
    Exact,
}

impl CountMode {
    /// Up to where the bounded count is exact.
    pub const BOUND: u32 = 10_000;

    /// How many rows to pull at most; one beyond the bound tells "exactly" from "at least".
    pub(super) fn limit(self) -> Option<usize> {
        match self {
            Self::None => None,
            Self::Bounded => usize::try_from(Self::BOUND).ok().map(|bound| bound + 1),
            Self::Exact => Some(usize::MAX),
        }
    }
}

/// A count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// The number.
    pub value: u64,
    /// Whether it is the whole number, or a lower bound.
    pub exact: bool,
}

impl Total {
    pub(super) fn new(found: u64, mode: CountMode) -> Self {
        let bound = u64::from(CountMode::BOUND);
        let over = mode == CountMode::Bounded && found > bound;
        Self { value: if over { bound } else { found }, exact: !over }
    }
}
