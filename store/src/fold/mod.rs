//! The fold: one deterministic state machine from a partition's records to rows.
//!
//! Guarantees: a pure function of the log prefix, of [`FOLD_VERSION`] and of the partition's
//! rulings, which are durable before what hangs on them is folded. No configuration, no clock. Per
//! partition `records = visible + duplicate + quarantined` (the accounting identity).
//! Deliberately not here: where rows go (`tail`, `segment`) and when they are committed.

mod clock;
mod coming;
mod counts;
mod decoded;
mod growth;
mod projection;
mod record_keeper;
mod row;

pub use clock::Clock;
pub(crate) use clock::{LATE_AFTER_SECONDS, effective};
pub(crate) use coming::Coming;
pub use counts::Counts;
pub use decoded::Decoded;
pub(crate) use growth::{Growth, LastRecord};
pub(crate) use projection::{KnownEvent, Projection, Sighting};
pub(crate) use row::{FoldedRow, Status, VisibleRow};

/// Which rules these are. The manifest records it; a new version never applies backwards.
pub const FOLD_VERSION: u32 = 1;
