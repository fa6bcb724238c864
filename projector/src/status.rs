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
pub struct Status(Arc<Mutex<Conditions>>);

#[derive(Debug, Default)]
struct Conditions {
    folding: BTreeMap<Partition, PartitionStatus>,
    /// Why a frozen tail could not be committed so far; rows are right, but memory fills.
    sealing: BTreeMap<Partition, String>,
}

impl Status {
    /// All partitions in order. One that folds but cannot seal is retrying.
    pub fn all(&self) -> BTreeMap<Partition, PartitionStatus> {
        let conditions = self.0.lock();
        let mut all = conditions.folding.clone();
        for (partition, reason) in &conditions.sealing {
            let halted = matches!(all.get(partition), Some(PartitionStatus::Halted { .. }));
            if !halted {
                let reason = reason.clone();
                all.insert(*partition, PartitionStatus::Retrying { reason });
            }
        }
        all
    }

    pub(crate) fn set(&self, partition: Partition, status: PartitionStatus) {
        self.0.lock().folding.insert(partition, status);
    }

    /// Notes why a seal does not come through, or that it has.
    pub(crate) fn set_sealing(&self, partition: Partition, failed: Option<String>) {
        let sealing = &mut self.0.lock().sealing;
        match failed {
            Some(reason) => sealing.insert(partition, reason),
            None => sealing.remove(&partition),
        };
    }

    /// Every partition that has not halted waits for the next attempt.
    pub(crate) fn all_retrying(&self, reason: &str) {
        for status in self.0.lock().folding.values_mut() {
            if !matches!(status, PartitionStatus::Halted { .. }) {
                *status = PartitionStatus::Retrying { reason: reason.to_owned() };
            }
        }
    }

    pub(crate) fn is_live(&self, partition: Partition) -> bool {
        matches!(self.0.lock().folding.get(&partition), Some(PartitionStatus::Live))
    }
}
