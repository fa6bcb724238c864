//! What pages are ordered by.

use serde::{Deserialize, Serialize};

/// What pages are ordered by: effective_at in microseconds, then seq. Total within a workspace.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct OrderKey {
    /// Microseconds since 1970.
    pub effective_at: i64,
    /// The workspace's dense sequence number.
    pub seq: u64,
}
