//! Situations of the embedded log, one file each.

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::conformance;

mod conformant;

/// A log on this directory with a clock that stands still.
fn open(directory: &Path, options: LocalOptions) -> LocalLog {
    LocalLog::open(directory, options, Arc::new(|| 1_000)).unwrap()
}
