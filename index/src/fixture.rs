//! What several test modules need: an index to open, and names as people write them.

use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;

use crate::PartitionIndex;

/// A directory in memory where there is such a thing: a commit waits for the disk a dozen times.
pub(crate) fn directory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Opens an index of the origin all tests have.
pub(crate) fn open(directory: &Path) -> PartitionIndex {
    PartitionIndex::open(directory, "log 7, partition 0").unwrap()
}

/// Few letters of many scripts and lengths in bytes, so that names share grams.
pub(crate) fn name() -> impl Strategy<Value = String> {
    "([a-ceéж東京😀-]{1,5}( [a-ceéж東京😀-]{1,5}){0,3})?"
}
