//! The store: the fold, segments, the manifest chain, and how they are read.
//!
//! Data flows one way: record → [`Decoded`] → fold → tail → segment → manifest, and out through
//! [`WorkspaceReader`]. Guarantees are named by their invariants (INV-1 … INV-11) where they are
//! asserted. Deliberately not here: the log (`broker`), time and randomness (parameters), HTTP.

mod catalog;
mod error;
mod evidence;
#[cfg(test)]
mod fixture;
mod fold;
mod log_identity;
mod manifest;
mod names;
mod packed;
mod partition;
mod query;
mod segment;
mod storage;
mod store;

pub use catalog::OrderKey;
pub use error::StoreError;
pub use evidence::{Entry, Leaf, Tree, TreeHead};
pub use fold::{Clock, Counts, Decoded, FOLD_VERSION};
pub use log_identity::LogIdentity;
pub use names::{NameIndex, NameIndexError, NameMatch, PinnedNames, fold_name};
pub use partition::{
    Accounting, BuiltSegment, CompleteThrough, Folded, LastFolded, PartitionStore, SealJob,
};
pub use query::{
    ActorNow, CountMode, Direction, Filter, NameFilter, NameScope, Page, PageRequest, RefusedPage,
    RefusedRow, ResourceNow, Row, Total, WorkspaceReader,
};
#[cfg(feature = "faults")]
pub use storage::{conformance, faults};
pub use storage::{
    Boundary, BoundaryHook, CacheOptions, Created, S3Options, StagedFile, Storage, StorageOptions,
};
pub use store::{Store, StoreOptions};
