//! A log in memory, for tests: everything the contract asks for except durability.
//!
//! Beyond the contract it can do on purpose what real logs do by accident: be out of reach, lose
//! its beginning, leave holes in the offsets, and hold records in the wrong partition.
//! Deliberately not here: bounds. It grows with what is appended.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use annals_schemas::{NewRecord, Offset, Partition, Position, Record, TimestampType};
use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::route::partition_of;
use crate::{Appended, BrokerError, Clock, Consumer, Log, LogDescription, Producer};

/// A log that lives as long as its handles. Cloning shares it.
#[derive(Clone)]
pub struct MemoryLog {
    inner: Arc<Inner>,
}

struct Inner {
    description: LogDescription,
    clock: Clock,
    available: AtomicBool,
    partitions: Mutex<Vec<Stored>>,
    changed: watch::Sender<()>,
}

#[derive(Default)]
struct Stored {
    start: Offset,
    next: Offset,
    last_timestamp_ms: i64,
    records: VecDeque<Record>,
}

impl MemoryLog {
    /// An empty log. `partitions` must be at least 1.
    pub fn new(topic: &str, partitions: u32, clock: Clock) -> Self {
        assert!(partitions > 0, "a log has at least one partition");
        let description = LogDescription {
            topic: topic.to_owned(),
            partitions,
            cluster_id: Some("memory".to_owned()),
            topic_id: Some(uuid::Uuid::new_v4().to_string()),
        };
        let stored = (0..partitions).map(|_| Stored::default()).collect();
        let inner = Inner {
            description,
            clock,
            available: AtomicBool::new(true),
            partitions: Mutex::new(stored),
            changed: watch::Sender::new(()),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Whether appends are taken; otherwise they fail with `Unavailable`.
    pub fn set_available(&self, available: bool) {
        self.inner.available.store(available, Ordering::SeqCst);
    }

    /// Drops the records before this offset, as retention would.
    pub fn expire_before(&self, partition: Partition, offset: Offset) {
        let mut partitions = self.inner.partitions.lock();
        if let Some(stored) = partitions.get_mut(partition as usize) {
            stored.start = stored.start.max(offset.min(stored.next));
            let start = stored.start;
            stored.records.retain(|record| record.position.offset >= start);
        }
    }

    /// Leaves so many offsets without a record, as control records do.
    pub fn skip_offsets(&self, partition: Partition, count: u64) {
        if let Some(stored) = self.inner.partitions.lock().get_mut(partition as usize) {
            stored.next += count;
        }
        self.inner.changed.send_replace(());
    }

    /// Appends to this partition whatever the key says, as a client with another partitioner does.
    pub fn append_to(&self, partition: Partition, record: NewRecord) -> Option<Appended> {
        self.inner.append_to(partition, record)
    }
}

impl Inner {
    fn append_to(&self, partition: Partition, record: NewRecord) -> Option<Appended> {
        let now_ms = (self.clock)();
        let mut partitions = self.partitions.lock();
        let stored = partitions.get_mut(partition as usize)?;
        let timestamp_ms = now_ms.max(stored.last_timestamp_ms);
        let position = Position { partition, offset: stored.next };
        stored.records.push_back(Record {
            position,
            timestamp_ms,
            timestamp_type: TimestampType::LogAppendTime,
            key: record.key,
            value: record.value,
            headers: record.headers.into(),
        });
        stored.next += 1;
        stored.last_timestamp_ms = timestamp_ms;
        drop(partitions);
        self.changed.send_replace(());
        Some(Appended { position, timestamp_ms: Some(timestamp_ms) })
    }

    fn with<T>(
        &self,
        partition: Partition,
        read: impl FnOnce(&Stored) -> T,
    ) -> Result<T, BrokerError> {
        let partitions = self.partitions.lock();
        partitions
            .get(partition as usize)
            .map(read)
            .ok_or_else(|| BrokerError::no_such_partition(partition, self.description.partitions))
    }
}

#[async_trait]
impl Log for MemoryLog {
    fn description(&self) -> &LogDescription {
        &self.inner.description
    }

    fn producer(&self) -> Arc<dyn Producer> {
        Arc::new(self.clone())
    }

    fn consumer(&self) -> Result<Box<dyn Consumer>, BrokerError> {
        Ok(Box::new(MemoryConsumer {
            inner: Arc::clone(&self.inner),
            changed: self.inner.changed.subscribe(),
            assigned: BTreeMap::new(),
        }))
    }

    async fn log_start(&self, partition: Partition) -> Result<Offset, BrokerError> {
        self.inner.with(partition, |stored| stored.start)
    }

    async fn high_watermark(&self, partition: Partition) -> Result<Offset, BrokerError> {
        self.inner.with(partition, |stored| stored.next)
    }

    async fn offset_at_time(
        &self,
        partition: Partition,
        timestamp_ms: i64,
    ) -> Result<Offset, BrokerError> {
        self.inner.with(partition, |stored| {
            let index = stored.records.partition_point(|record| record.timestamp_ms < timestamp_ms);
            stored.records.get(index).map_or(stored.next, |record| record.position.offset)
        })
    }
}

#[async_trait]
impl Producer for MemoryLog {
    async fn append_all(&self, records: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>> {
        if !self.inner.available.load(Ordering::SeqCst) {
            let away = || Err(BrokerError::Unavailable { detail: "switched off".to_owned() });
            return records.iter().map(|_| away()).collect();
        }
        let append = |record: NewRecord| {
            let partitions = self.inner.description.partitions;
            let partition = partition_of(&record, partitions);
            self.inner
                .append_to(partition, record)
                .ok_or_else(|| BrokerError::no_such_partition(partition, partitions))
        };
        records.into_iter().map(append).collect()
    }
}

struct MemoryConsumer {
    inner: Arc<Inner>,
    changed: watch::Receiver<()>,
    assigned: BTreeMap<Partition, Assigned>,
}

struct Assigned {
    next: Offset,
    paused: bool,
}

impl MemoryConsumer {
    fn take(&mut self, max_records: usize) -> Result<Vec<Record>, BrokerError> {
        let partitions = self.inner.partitions.lock();
        let mut taken = Vec::new();
        let mut refused = None;
        for (&partition, assigned) in self.assigned.iter_mut().filter(|(_, a)| !a.paused) {
            let stored = &partitions[partition as usize];
            if assigned.next < stored.start || assigned.next > stored.next {
                refused = Some(BrokerError::OffsetOutOfRange {
                    partition,
                    asked: assigned.next,
                    start: stored.start,
                    end: stored.next,
                });
                continue;
            }
            let from = stored.records.partition_point(|r| r.position.offset < assigned.next);
            let room = max_records - taken.len();
            let before = taken.len();
            taken.extend(stored.records.range(from..).take(room).cloned());
            let all_taken = from + (taken.len() - before) == stored.records.len();
            assigned.next = match taken[before..].last() {
                _ if all_taken => stored.next,
                Some(record) => record.position.offset + 1,
                None => assigned.next,
            };
        }
        if taken.is_empty() { refused.map_or(Ok(taken), Err) } else { Ok(taken) }
    }

    fn set_paused(&mut self, partition: Partition, paused: bool) -> Result<(), BrokerError> {
        let assigned = self.assigned.get_mut(&partition);
        assigned.ok_or_else(|| BrokerError::not_assigned(partition))?.paused = paused;
        Ok(())
    }
}

#[async_trait]
impl Consumer for MemoryConsumer {
    fn assign(&mut self, from: &[Position]) -> Result<(), BrokerError> {
        let partitions = self.inner.description.partitions;
        if let Some(unknown) = from.iter().find(|position| position.partition >= partitions) {
            return Err(BrokerError::no_such_partition(unknown.partition, partitions));
        }
        let start = |p: &Position| (p.partition, Assigned { next: p.offset, paused: false });
        self.assigned = from.iter().map(start).collect();
        Ok(())
    }

    async fn poll(
        &mut self,
        max_records: usize,
        wait: Duration,
    ) -> Result<Vec<Record>, BrokerError> {
        let deadline = Instant::now() + wait;
        loop {
            self.changed.borrow_and_update();
            let records = self.take(max_records)?;
            if !records.is_empty() {
                return Ok(records);
            }
            // The sender lives in `inner`, which this consumer holds: `changed` cannot fail.
            if timeout_at(deadline, self.changed.changed()).await.is_err() {
                return Ok(records);
            }
        }
    }

    fn position(&self, partition: Partition) -> Option<Offset> {
        self.assigned.get(&partition).map(|assigned| assigned.next)
    }

    fn pause(&mut self, partition: Partition) -> Result<(), BrokerError> {
        self.set_paused(partition, true)
    }

    fn resume(&mut self, partition: Partition) -> Result<(), BrokerError> {
        self.set_paused(partition, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance;

    fn log(partitions: u32) -> MemoryLog {
        MemoryLog::new("events", partitions, Arc::new(|| 1_000))
    }

    #[tokio::test]
    async fn passes_the_conformance_suite() {
        conformance::run(&log(4)).await;
        conformance::run(&log(1)).await;
    }

    #[tokio::test]
    async fn an_expired_beginning_is_out_of_range() {
        let log = log(1);
        for _ in 0..5 {
            log.append_to(0, conformance::record("w", "v")).unwrap();
        }
        log.expire_before(0, 3);
        let mut consumer = log.consumer().unwrap();
        consumer.assign(&[Position { partition: 0, offset: 1 }]).unwrap();
        let error = consumer.poll(10, Duration::ZERO).await.unwrap_err();
        let expected = "partition 0 holds offsets 3 to 5, offset 1 was asked for";
        assert_eq!(error.to_string(), expected);
    }

    #[tokio::test]
    async fn the_position_moves_past_holes() {
        let log = log(1);
        log.append_to(0, conformance::record("w", "v")).unwrap();
        log.skip_offsets(0, 2);
        let mut consumer = log.consumer().unwrap();
        consumer.assign(&[Position { partition: 0, offset: 0 }]).unwrap();
        assert_eq!(consumer.poll(10, Duration::ZERO).await.unwrap().len(), 1);
        assert_eq!(consumer.position(0), Some(3));
        assert_eq!(log.high_watermark(0).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn a_log_out_of_reach_refuses_retryably() {
        let log = log(1);
        log.set_available(false);
        let error = log.producer().append(conformance::record("w", "v")).await.unwrap_err();
        assert!(error.is_retryable(), "{error}");
    }
}
