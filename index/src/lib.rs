//! Tantivy over distinct resource names: fed by the projection, derived, disposable.
//!
//! One [`PartitionIndex`] per partition holds one document for each (workspace, name code) with the
//! 1-, 2- and 3-grams of the folded name. It answers two questions of the planner: how many names
//! can match at most, and which ones might; and it ranks what a person is typing.
//!
//! Guarantees: no name that matches is missing from the candidates of the codes it covers; what it
//! covers of a workspace is exactly the codes `0..n`, as of the last commit; a directory that is
//! damaged, of another origin or in another format is started again, empty. Deliberately not here:
//! the names' texts (the caller verifies every candidate) and any truth about progress.

mod directory;
mod error;
mod feed;
#[cfg(test)]
mod fixture;
mod grams;
mod intersection;
mod ordinal;
mod partition_index;
mod pinned;
mod schema;
mod sealed;
mod segment;
mod snapshot;
mod suggest;
mod typo;
mod writer;

pub use error::IndexError;
pub use feed::{FeedReport, NameSource, feed};
pub use partition_index::PartitionIndex;
pub use pinned::PinnedPartitionNames;
pub use sealed::SealedNames;
