//! The verifier: whether records, proofs, tree heads and exports are what they claim, from public
//! keys and files alone.
//!
//! Guarantees: no network, no clock, no async, no unsafe code; reads files and writes nothing; the
//! first thing that is wrong is named by its position. The bytes are drawn in `docs/EVIDENCE.md`.
//! Signing is here too, since it is the other half of the same format; secrets are the caller's.
//! Deliberately not here: how a store keeps its rows (`store` gives the records).
#![forbid(unsafe_code)]

mod bundle;
mod chain;
mod checkpoint;
mod digests;
mod entry;
mod error;
mod http_manifest;
mod note;
mod proof;
mod sparse;
mod tlog_proof;
mod tree;

pub use bundle::{
    Annotations, BundleContinuation, BundleFile, BundleManifest, BundleReport, BundleSchema, FILES,
    HeldRecord, RecordFrame, verify_bundle,
};
pub use chain::{Chain, is_workspace_key};
pub use checkpoint::{Checkpoint, origin};
pub(crate) use digests::digests;
pub use entry::{
    Entry, EntryFields, Leaf, RecordDigests, RecordFacts, digest_of_headers, digest_or_zero,
    digests_or_zero, headers_bytes, unhex,
};
pub use error::VerifyError;
pub use http_manifest::sign_http_manifest;
pub use note::{Note, SignerKey, VerifierKey, sign_note};
pub use proof::{Subtrees, consistency, inclusion, verify_consistency, verify_inclusion};
pub use sparse::{prove_leaves, root_of_leaves};
pub use tlog_proof::TlogProof;
pub use tree::{Hash, Tree, TreeHead, complete_root, node, nodes};
