//! What walks cost, in nanoseconds as measured; only their relations matter.

use super::name_resolution::VERIFY_NANOS;

/// Looking a list up and opening it.
const OPEN_NANOS: f64 = 70.0;
/// An entry of a list.
const ENTRY_NANOS: f64 = 1.2;
/// One of several lists, looked at once a row.
const HEAD_NANOS: f64 = 1.5;
/// A row of a window, whatever is tested.
const ROW_NANOS: f64 = 0.2;
/// A column of a row that is read with its neighbours.
const COLUMN_NANOS: f64 = 0.9;
/// The same of names, which further resources have too.
const NAME_COLUMN_NANOS: f64 = 1.5;
/// One code of one row, or its name.
const CODE_NANOS: f64 = 8.0;
/// A name that is judged when it is met: about half have been met before.
const JUDGE_NANOS: f64 = 75.0;
/// A column is read as a whole where at least this part of the rows are candidates.
const DENSE_SHARE: f64 = 0.125;

/// How close together the rows are whose conditions are tested.
#[derive(Debug, Clone, Copy)]
pub(super) enum Candidates {
    /// All rows of a range.
    All,
    /// This part of them, by windows.
    Dense(f64),
    /// Few.
    Sparse,
}

/// How a condition on names is tested.
#[derive(Debug, Clone, Copy)]
pub(super) struct NameTests {
    /// The part of the rows that bear a name that was found or may match; all without a set.
    pub(super) share: f64,
    /// Whether there is such a set.
    pub(super) by_set: bool,
    /// Whether the names of those rows are judged then.
    pub(super) are_judged: bool,
}

/// Costs of a slice and of the offers.
pub(super) struct Costs {
    pub(super) slice: f64,
    pub(super) offers: Vec<f64>,
}

impl Candidates {
    /// What it costs a candidate to be tested by conditions of these shares, the most selective
    /// first, and then by its names.
    pub(super) fn tests(self, shares: impl Iterator<Item = f64>, names: Option<NameTests>) -> f64 {
        let part = match self {
            Self::All => 1.0,
            Self::Dense(part) => part.min(1.0),
            Self::Sparse => 0.0,
        };
        let mut nanos = if part > 0.0 { ROW_NANOS / part } else { 0.0 };
        let mut left = 1.0;
        let column = |left: f64, dense: f64| match part * left >= DENSE_SHARE {
            true => dense / part,
            false => left * CODE_NANOS,
        };
        for share in shares {
            nanos += column(left, COLUMN_NANOS);
            left *= share;
        }
        let Some(NameTests { share, by_set, are_judged }) = names else { return nanos };
        if by_set {
            nanos += column(left, NAME_COLUMN_NANOS);
            left *= share;
        }
        nanos + if are_judged { left * JUDGE_NANOS } else { 0.0 }
    }
}

impl Costs {
    /// What verifying so many candidates costs, and looking up so many lists of resources then.
    pub(super) fn verifying(candidates: usize, listed: f64) -> f64 {
        candidates as f64 * VERIFY_NANOS as f64 + listed * OPEN_NANOS
    }

    /// What so many lists cost with so many entries together, each of which is tested.
    pub(super) fn lists(
        (lists, are_open, heads): (usize, bool, usize),
        (entries, candidates): (f64, Candidates),
        tests: f64,
    ) -> f64 {
        let opening = if are_open { OPEN_NANOS / 2.0 } else { OPEN_NANOS };
        let heads = match candidates {
            Candidates::Sparse => lists.min(heads) as f64 * HEAD_NANOS,
            _ => 0.0,
        };
        lists as f64 * opening + entries * (ENTRY_NANOS + heads + tests)
    }
}
