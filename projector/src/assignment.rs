//! Where each partition is read from, and whether the log is still the one that was projected.

use std::collections::BTreeMap;

use annals_broker::{Consumer, Log};
use annals_schemas::{Partition, Position, Record};
use annals_store::{LastCommitted, Store, StoreError};

use crate::ProjectorError;
use crate::status::{PartitionStatus, Status};

/// The partitions being read, and the records still to be recognised.
#[derive(Default)]
pub(crate) struct Assignment {
    /// The first record delivered of these must be the last one committed.
    to_confirm: BTreeMap<Partition, LastCommitted>,
    halted: BTreeMap<Partition, String>,
}

impl Assignment {
    /// Assigns every partition that is not halted at its own next offset, or at the last committed
    /// record where that is still in the log: it comes first and has to match its leaf.
    pub(crate) async fn assign(
        &mut self,
        log: &dyn Log,
        store: &Store,
        consumer: &mut dyn Consumer,
        status: &Status,
    ) -> Result<(), ProjectorError> {
        self.to_confirm.clear();
        let mut from = Vec::new();
        for partition in 0..log.description().partitions {
            if self.halted.contains_key(&partition) {
                continue;
            }
            match self.start_of(partition, log, store).await {
                Ok(position) => {
                    status.set(partition, PartitionStatus::CatchingUp);
                    from.push(position);
                }
                Err(ProjectorError::Store(error)) if !error.is_retryable() => {
                    self.halt(partition, &error, status);
                }
                Err(error) => return Err(error),
            }
        }
        consumer.assign(&from)?;
        Ok(())
    }

    async fn start_of(
        &mut self,
        partition: Partition,
        log: &dyn Log,
        store: &Store,
    ) -> Result<Position, ProjectorError> {
        let held = store.partition(partition)?;
        let start = log.log_start(partition).await?;
        let Some(next) = held.next_offset() else {
            return Ok(Position { partition, offset: start });
        };
        let end = log.high_watermark(partition).await?;
        if next < start || next > end {
            return Err(StoreError::OffsetGap { partition, checkpoint: next, start, end }.into());
        }
        let last = held.last_committed().filter(|last| last.offset() + 1 == next);
        match last {
            Some(last) if last.offset() >= start => {
                self.to_confirm.insert(partition, last);
                Ok(Position { partition, offset: last.offset() })
            }
            Some(last) => {
                let offset = last.offset();
                tracing::info!(partition, offset, "the last committed record has expired");
                Ok(Position { partition, offset: next })
            }
            None => Ok(Position { partition, offset: next }),
        }
    }

    /// Whether this record is to be folded: not if it is the one that was to be recognised.
    pub(crate) fn admit(&mut self, record: &Record, store: &Store) -> Result<bool, StoreError> {
        let partition = record.position.partition;
        if self.halted.contains_key(&partition) {
            return Ok(false);
        }
        match self.to_confirm.remove(&partition) {
            None => Ok(true),
            Some(last) => store.partition(partition)?.confirm(&last, record).map(|()| false),
        }
    }

    /// Stops a partition for good.
    pub(crate) fn halt(&mut self, partition: Partition, error: &StoreError, status: &Status) {
        let reason = error.to_string();
        tracing::error!(partition, reason, "partition halted: an operator has to decide");
        status.set(partition, PartitionStatus::Halted { reason: reason.clone() });
        self.halted.insert(partition, reason);
    }
}
