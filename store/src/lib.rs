//! The store: the fold, segments, the manifest chain, and how they are read.
//!
//! Data flows one way: record → [`Decoded`] → fold → tail → segment → manifest, and out through
//! [`WorkspaceReader`]. Guarantees are named by their invariants (INV-1 … INV-11) where they are
//! asserted. Deliberately not here: the log (`broker`), time and randomness (parameters), HTTP.

mod catalog;
mod codes;
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
mod recent;
mod rows;
mod rulings;
mod segment;
mod storage;
mod store;
mod touch;

pub use catalog::OrderKey;
pub use error::StoreError;
pub use evidence::{Entry, Leaf, MarkedEntry, TreeHead};
pub use fold::{Clock, Counts, Decoded, FOLD_VERSION};
pub use log_identity::LogIdentity;
pub use names::{NameIndex, NameIndexError, NameMatch, PinnedNames, fold_name};
pub use partition::{
    Accounting, BuiltSegment, Committed, CompactJob, CompactedSegment, Compaction,
    CompactionOptions, CompleteThrough, Folded, LastFolded, PartitionStore, Removed, SealJob,
    SealedPlace, SealedRecord, SealedSegment, Verdict,
};
pub use query::{
    ActorNow, ActorSuggestion, Bucket, Budget, CountMode, Direction, Driver, Facet, FacetBy,
    FacetRequest, FacetTerm, FacetValue, Facets, FeedPage, FeedRequest, Filter, GroupPlace,
    GroupPlan, Histogram, HistogramBy, HistogramRequest, ListDimension, NameFilter, NamePlan,
    NameScope, NameSuggestion, NameTreatment, Page, PageRequest, Plan, RefusedPage, RefusedRow,
    ResourceActor, ResourceFilter, ResourceKey, ResourceName, ResourceNow, ResourcePage,
    ResourceRequest, ResourceRow, Restriction, Row, RowView, Total, WalkPart, WorkspaceReader,
};
pub use rulings::{MAX_SCHEMAS, PartitionSchemas, ResolvedSchema, schema_path};
pub use storage::{
    AzureOptions, Boundary, BoundaryHook, CacheOptions, Created, GcsOptions, S3Options, StagedFile,
    Storage, StorageOptions,
};
#[cfg(feature = "faults")]
pub use storage::{conformance, faults};
pub use store::{Store, StoreOptions};
