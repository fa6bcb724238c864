//! Records on their way to the log, in order, tried until the log has them.
//!
//! A record keeps its event's id however often it is tried: should it have landed after all, the
//! fold knows it for a duplicate.

use std::collections::VecDeque;
use std::time::Duration;

use annals_broker::{BrokerError, Producer};
use annals_schemas::{Event, NewRecord, new_record};

use crate::metrics;

/// Records that wait at most.
pub(super) const MAX_WAITING: usize = 10_000;
/// Records of one workspace that wait at most: there is always room for its neighbours'.
pub(super) const MAX_WAITING_EACH: usize = MAX_WAITING / 2;
/// Records given to the log at once.
const BATCH: usize = 500;
/// How long the log may take.
const APPEND_TIMEOUT: Duration = Duration::from_secs(15);
/// The pause after the first failure; each one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What waits, and how the last try ended.
#[derive(Default)]
pub(super) struct Outbox {
    waiting: VecDeque<NewRecord>,
    failures: u32,
    lost: u64,
}

/// How one record fared.
pub(super) enum Fate {
    Written,
    /// It will not be taken, however often it is tried.
    Refused,
    Waits,
}

impl Outbox {
    /// Whether there was room.
    pub(super) fn push(&mut self, event: &Event) -> bool {
        let record = new_record(event, None);
        let of_workspace = |other: &&NewRecord| other.key == record.key;
        // Counted only when there is enough that it matters.
        let is_full = self.waiting.len() >= MAX_WAITING
            || self.waiting.len() >= MAX_WAITING_EACH
                && self.waiting.iter().filter(of_workspace).count() >= MAX_WAITING_EACH;
        if is_full {
            return false;
        }
        self.waiting.push_back(record);
        metrics::access_records_waiting(self.waiting.len());
        true
    }

    /// Notes a record that will never be written.
    pub(super) fn lose(&mut self) {
        self.lost += 1;
        metrics::access_records_lost(1);
    }

    /// How many those were.
    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether the log did not take what it was last given.
    pub(super) fn is_stuck(&self) -> bool {
        self.failures > 0
    }

    /// The records to be given to the log; they stay here until it has them.
    pub(super) fn next_batch(&self) -> Vec<NewRecord> {
        self.waiting.iter().take(BATCH).cloned().collect()
    }

    /// Takes out what the log has; how long to wait if it did not take all.
    pub(super) fn settle(&mut self, fates: &[Fate]) -> Option<Duration> {
        let tried: Vec<NewRecord> = self.waiting.drain(..fates.len()).collect();
        let mut written = 0;
        for (record, fate) in tried.into_iter().zip(fates).rev() {
            match fate {
                Fate::Waits => self.waiting.push_front(record),
                Fate::Written => written += 1,
                Fate::Refused => self.lose(),
            }
        }
        metrics::access_records_written(written);
        metrics::access_records_waiting(self.waiting.len());
        if !fates.iter().any(|fate| matches!(fate, Fate::Waits)) {
            self.failures = 0;
            return None;
        }
        self.failures = self.failures.saturating_add(1);
        let doubled = FIRST_PAUSE.saturating_mul(1 << (self.failures - 1).min(10));
        Some(doubled.min(LONGEST_PAUSE))
    }
}

/// Gives records to the log; one fate each.
pub(super) async fn append(producer: &dyn Producer, records: &[NewRecord]) -> Vec<Fate> {
    let append = producer.append_all(records.to_vec());
    let Ok(outcomes) = tokio::time::timeout(APPEND_TIMEOUT, append).await else {
        tracing::warn!("the log took no access records in time; they wait");
        return records.iter().map(|_| Fate::Waits).collect();
    };
    if let Some(error) = outcomes.iter().find_map(|outcome| outcome.as_ref().err()) {
        tracing::warn!(%error, "the log did not take every access record");
    }
    let fate = |outcome| match outcome {
        Ok(_) => Fate::Written,
        Err(BrokerError::TooLarge { .. }) => Fate::Refused,
        Err(_) => Fate::Waits,
    };
    outcomes.into_iter().map(fate).collect()
}
