//! The chain of manifests: the list of live segments, and the only commit point.
//!
//! Guarantees: manifests are created with put-if-absent only and never altered (INV-1); each names
//! the SHA-256 of the one before. Publishing manifest n+1 commits everything it says at once.

mod chain;
mod document;

pub(crate) use chain::{Chain, Published};
pub(crate) use document::{LastRecordState, Manifest, SegmentRef, TreeState};
