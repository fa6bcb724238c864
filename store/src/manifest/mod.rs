//! The chain of manifests: the list of live segments, and the only commit point.
//!
//! Guarantees: manifests are created with put-if-absent only and never altered (INV-1); each names
//! the SHA-256 of the one before and, in its last member, of itself, so any changed byte is
//! noticed. Publishing manifest n+1 commits everything it says at once. Old ones are removed after
//! a grace period, except every 1,024th.

mod chain;
mod document;
mod history;
mod moment;
mod prune;
mod segment_ref;
#[cfg(test)]
mod tests;
mod tree_state;

pub(crate) use chain::{Chain, Published};
pub(crate) use document::{LastRecordState, Manifest};
pub(crate) use segment_ref::{Retired, SegmentRef};
pub(crate) use tree_state::TreeState;

/// The format this program writes, and the only one it reads. Format 0 had no checksum.
pub(crate) const FORMAT: u32 = 1;
