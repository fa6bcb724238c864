//! Where each partition is read from, and whether the log is still the one that was projected.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use annals_broker::{Consumer, Log};
use annals_schemas::{Partition, Position, Record};
use annals_service::with_causes;
use annals_store::{LastFolded, Store, StoreError};

use crate::ProjectorError;
use crate::status::{PartitionStatus, Status};

/// First rest after a failure; doubles up to the last.
const REST: Duration = Duration::from_millis(200);
const REST_MAX: Duration = Duration::from_secs(10);

/// The partitions being read, those that are not and why, and the records still to be recognised.
/// Lives as long as the projector: a partition once halted stays halted.
pub(crate) struct Assignment {
    status: Status,
    /// The first record delivered of these must be the last one folded.
    to_confirm: BTreeMap<Partition, LastFolded>,
    /// Stopped for good.
    halted: BTreeSet<Partition>,
    /// Lost a race between writers; nothing goes on before the manifest has been read again.
    to_reopen: BTreeSet<Partition>,
    /// Failed for now: not read before this moment, and how long the next rest is.
    resting: BTreeMap<Partition, (Instant, Duration)>,
    /// Of those, the ones that wait for a schema.
    waiting: BTreeSet<Partition>,
}

impl Assignment {
    pub(crate) fn new(status: Status) -> Self {
        Self {
            status,
            to_confirm: BTreeMap::new(),
            halted: BTreeSet::new(),
            to_reopen: BTreeSet::new(),
            resting: BTreeMap::new(),
            waiting: BTreeSet::new(),
        }
    }

    /// Assigns every partition that is neither halted nor resting at its own next offset, or at the
    /// last folded record where that is still in the log: it comes first and has to match its leaf.
    pub(crate) async fn assign(
        &mut self,
        log: &dyn Log,
        store: &Store,
        consumer: &mut dyn Consumer,
    ) -> Result<(), ProjectorError> {
        self.to_confirm.clear();
        let mut from = Vec::new();
        for partition in 0..log.description().partitions {
            if self.halted.contains(&partition) || self.is_resting(partition) {
                continue;
            }
            match self.start_of(partition, log, store).await {
                Ok(position) => {
                    self.status.set(partition, PartitionStatus::CatchingUp);
                    from.push(position);
                }
                Err(ProjectorError::Store(error)) => self.failed(partition, &error),
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
        let unavailable = store.partition(partition).is_err();
        if unavailable || self.to_reopen.contains(&partition) {
            store.reopen(partition).await?;
            crate::metrics::reopened();
            self.to_reopen.remove(&partition);
        }
        let held = store.partition(partition)?;
        let start = log.log_start(partition).await?;
        let Some(next) = held.next_offset() else {
            return Ok(Position { partition, offset: start });
        };
        let end = log.high_watermark(partition).await?;
        if next < start || next > end {
            return Err(StoreError::OffsetGap { partition, checkpoint: next, start, end }.into());
        }
        match held.last_folded() {
            Some(last) if last.offset() >= start => {
                self.to_confirm.insert(partition, last);
                Ok(Position { partition, offset: last.offset() })
            }
            Some(last) => {
                let offset = last.offset();
                tracing::info!(partition, offset, "the last folded record has expired");
                Ok(Position { partition, offset: next })
            }
            None => Ok(Position { partition, offset: next }),
        }
    }

    /// Whether this record is to be folded: not if it is the one that was to be recognised.
    pub(crate) fn admit(&mut self, record: &Record, store: &Store) -> Result<bool, StoreError> {
        let partition = record.position.partition;
        match self.to_confirm.remove(&partition) {
            None => Ok(true),
            Some(last) => store.partition(partition)?.confirm(&last, record).map(|()| false),
        }
    }

    /// Notes that a partition folded: its next rest is a short one again.
    pub(crate) fn worked(&mut self, partition: Partition) {
        self.resting.remove(&partition);
        if self.waiting.remove(&partition) {
            crate::metrics::waiting_for_schema(self.waiting.len());
        }
    }

    /// Decides what a failure means: rest and try again, read the manifest anew, or stop for good.
    pub(crate) fn failed(&mut self, partition: Partition, error: &StoreError) {
        let reason = with_causes(error);
        if !error.is_retryable() {
            tracing::error!(partition, reason, "partition halted: an operator has to decide");
            self.halted.insert(partition);
            self.status.set(partition, PartitionStatus::Halted { reason });
            return;
        }
        if matches!(error, StoreError::Superseded { .. }) {
            self.to_reopen.insert(partition);
        }
        if matches!(error, StoreError::SchemaUnresolved { .. }) {
            self.waiting.insert(partition);
            crate::metrics::waiting_for_schema(self.waiting.len());
        }
        let rest = self.resting.get(&partition).map_or(REST, |(_, rest)| *rest);
        tracing::warn!(partition, reason, ?rest, "partition rests, then goes on");
        self.resting.insert(partition, (Instant::now() + rest, (rest * 2).min(REST_MAX)));
        self.status.set(partition, PartitionStatus::Retrying { reason });
    }

    fn is_resting(&self, partition: Partition) -> bool {
        self.resting.get(&partition).is_some_and(|(until, _)| Instant::now() < *until)
    }

    /// Whether a rest has ended since the last assignment.
    pub(crate) fn is_due(&self, consumer: &dyn Consumer) -> bool {
        self.resting.iter().any(|(&partition, (until, _))| {
            Instant::now() >= *until && consumer.position(partition).is_none()
        })
    }
}
