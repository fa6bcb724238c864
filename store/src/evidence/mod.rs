//! What makes a record provable: its entry, its leaf, and the partition's Merkle tree.
//!
//! Guarantees: a pure function of the log's records; the same on every machine, for ever
//! (`docs/EVIDENCE.md` draws the bytes, `schemas/vectors/entries.json` pins them).
//! Deliberately not here: signing, tiles and proofs.

mod entry;
mod tree;
#[cfg(test)]
mod vectors;

pub(crate) use annals_schemas::hex;
pub use entry::{Entry, Leaf};
pub(crate) use entry::{RecordDigests, RecordFacts, digest_of_headers, digest_or_zero, unhex};
pub use tree::{Tree, TreeHead};
