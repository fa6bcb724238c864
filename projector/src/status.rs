//! How each partition is doing, for readiness and for people.

use std::collections::BTreeMap;
use std::sync::Arc;

use annals_schemas::Partition;
use parking_lot::Mutex;

/// One partition's condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartitionStatus {
    /// Folding; has not reached the log's end since it started.
    CatchingUp,
    /// Folding; has reached the log's end.
    Live,
    /// Waiting before the next attempt after a failure.
    Retrying {
        /// What failed.
        reason: String,
    },
    /// Stopped for good until an operator decides.
    Halted {
        /// Why going on would lose or alter something.
        reason: String,
    },
}

/// Conditions of all partitions, shared with whoever answers `/readyz`.
#[derive(Debug, Clone, Default)]
pub struct Status(Arc<Mutex<BTreeMap<Partition, PartitionStatus>>>);

impl Status {
    /// All partitions in order.
    pub fn all(&self) -> BTreeMap<Partition, PartitionStatus> {
        self.0.lock().clone()
    }

    pub(crate) fn set(&self, partition: Partition, status: PartitionStatus) {
        self.0.lock().insert(partition, status);
    }

    /// Every partition that has not halted waits for the next attempt.
    pub(crate) fn all_retrying(&self, reason: &str) {
        for status in self.0.lock().values_mut() {
            if !matches!(status, PartitionStatus::Halted { .. }) {
                *status = PartitionStatus::Retrying { reason: reason.to_owned() };
            }
        }
    }

    pub(crate) fn is_live(&self, partition: Partition) -> bool {
        matches!(self.0.lock().get(&partition), Some(PartitionStatus::Live))
    }
}
