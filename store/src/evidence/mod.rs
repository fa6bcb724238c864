//! What makes a record provable: its entry, its leaf, and the partition's Merkle tree.
//!
//! Guarantees: a pure function of the log's records; the same on every machine, for ever
//! (`docs/EVIDENCE.md` draws the bytes, `schemas/vectors/entries.json` pins them). The formats
//! are the verifier's (`verify`), so that what is checked is what was written.
//! Deliberately not here: keys, and who signs when.

mod heads;
mod segment_entries;

pub(crate) use annals_schemas::hex;
pub use annals_verify::{Entry, Leaf, TreeHead};
pub(crate) use annals_verify::{
    RecordDigests, RecordFacts, Tree, digest_of_headers, digest_or_zero, digests_or_zero, unhex,
};
pub use segment_entries::MarkedEntry;

#[cfg(test)]
mod vectors;
