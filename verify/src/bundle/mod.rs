//! An export directory: rows, and everything that shows that they are what the log holds.
//!
//! Guarantees, with the signer's public key: every row is a record's of the signed tree; the
//! records of the workspace follow each other without one missing between the first and the last;
//! no byte of any file is another than was written. `docs/EVIDENCE.md` draws the files.

mod annotations;
mod batch;
mod continuation;
mod files;
mod manifest;
mod records;
mod row;
mod verify;
mod written;

pub use annotations::Annotations;
pub use continuation::BundleContinuation;
pub use manifest::{BundleFile, BundleManifest, BundleSchema, FILES};
pub use records::{HeldRecord, RecordFrame};
pub use verify::{BundleReport, verify_bundle};
