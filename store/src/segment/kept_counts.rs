//! Counts of a segment's rows that were asked for before: the rows never change, and so neither do
//! their counts.
//!
//! Kept with the open segment and gone with it.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::recent::Recent;

/// Bytes of keys and counts that are kept for one segment.
const KEPT_BYTES_MAX: usize = 2 << 20;

/// Counts by code, of several dimensions.
type Counts = Arc<[Vec<u32>]>;

/// Counts by what was asked.
#[derive(Debug)]
pub(crate) struct KeptCounts(Mutex<Recent<Box<[u64]>, Counts>>);

impl Default for KeptCounts {
    fn default() -> Self {
        Self(Mutex::new(Recent::new(KEPT_BYTES_MAX)))
    }
}

impl KeptCounts {
    /// The counts kept under this key.
    pub(crate) fn get(&self, key: &[u64]) -> Option<Counts> {
        self.0.lock().get(key)
    }

    /// Keeps counts.
    pub(crate) fn put(&self, key: Vec<u64>, counts: &Counts) {
        let codes = counts.iter().map(Vec::len).sum::<usize>();
        let bytes = size_of_val(key.as_slice()) + codes * size_of::<u32>();
        self.0.lock().put(key.into(), counts.clone(), bytes);
    }
}
