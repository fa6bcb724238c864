//! The contracts of a log, in "must" language.

use std::sync::Arc;
use std::time::Duration;

use annals_schemas::{NewRecord, Offset, Partition, Position, Record};
use async_trait::async_trait;

use crate::BrokerError;

/// What a log says of itself at opening; compared with `log.json` at every start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogDescription {
    /// Topic name.
    pub topic: String,
    /// Number of partitions, fixed for the log's life.
    pub partitions: u32,
    /// Identity of the cluster (or of the embedded log), if it has one.
    pub cluster_id: Option<String>,
    /// Identity of the topic: another one after deletion and re-creation, if it has one.
    pub topic_id: Option<String>,
}

/// The acknowledgement of one append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Where the record stands.
    pub position: Position,
    /// The log's timestamp of it, where the log tells (milliseconds since 1970).
    pub timestamp_ms: Option<i64>,
}

/// One log: a topic with a fixed number of partitions.
#[async_trait]
pub trait Log: Send + Sync {
    /// What the log is. Must be the same for the life of this handle.
    fn description(&self) -> &LogDescription;

    /// A producer. Must be cheap to clone through the `Arc`.
    fn producer(&self) -> Arc<dyn Producer>;

    /// A new consumer with nothing assigned.
    fn consumer(&self) -> Result<Box<dyn Consumer>, BrokerError>;

    /// What keeps it from taking appends, as far as it knows by itself; told until an append
    /// succeeds or some seconds have passed. A log on other machines tells it to its producers.
    fn write_trouble(&self) -> Option<String> {
        None
    }

    /// The first offset still readable. Must never decrease.
    async fn log_start(&self, partition: Partition) -> Result<Offset, BrokerError>;

    /// The first offset not yet acknowledged. Must never decrease, and must be past every record
    /// whose append was acknowledged before this call began.
    async fn high_watermark(&self, partition: Partition) -> Result<Offset, BrokerError>;

    /// The first offset whose record's timestamp is at or after this moment (milliseconds since
    /// 1970); the high watermark if there is none.
    async fn offset_at_time(
        &self,
        partition: Partition,
        timestamp_ms: i64,
    ) -> Result<Offset, BrokerError>;
}

/// Appends records.
#[async_trait]
pub trait Producer: Send + Sync {
    /// Appends one record to the partition of its key (`annals_schemas::partition_of`; a record
    /// without key goes to partition 0).
    ///
    /// Must return `Ok` only after the record is as durable as the log promises; must keep the
    /// order of calls for one key as long as each is awaited, or all come from one `append_all`.
    /// An `Err` leaves it open whether the record landed (`is_retryable` says whether to try again;
    /// the fold removes duplicates).
    async fn append(&self, record: NewRecord) -> Result<Appended, BrokerError> {
        let mut outcomes = self.append_all(vec![record]).await;
        outcomes.pop().unwrap_or(Err(BrokerError::Closed))
    }

    /// Appends many. Must answer one outcome per record, in request order, and must keep the
    /// request order within each key among those that succeed.
    async fn append_all(&self, records: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>>;
}

/// Reads records of assigned partitions.
///
/// Must deliver every readable record of an assigned partition from the assigned offset on, in
/// offset order within the partition, each once; must never deliver one at or past the high
/// watermark; must check the log's checksums.
#[async_trait]
pub trait Consumer: Send {
    /// Replaces the assignment: from these positions on. An offset outside what the log holds
    /// must surface as `OffsetOutOfRange` from `poll` (again at each poll that has nothing else to
    /// deliver, until the partition is paused or assigned anew), never as a silent reset.
    fn assign(&mut self, from: &[Position]) -> Result<(), BrokerError>;

    /// Up to `max_records` records, as soon as there is at least one; empty after `wait`.
    /// Must not busy-loop, and must be safe to drop mid-way without losing records. A record may
    /// share memory with others of its partition, never with those of another: they are kept, and
    /// let go of, at different times.
    async fn poll(
        &mut self,
        max_records: usize,
        wait: Duration,
    ) -> Result<Vec<Record>, BrokerError>;

    /// The next offset `poll` would deliver from, holes included where the log tells of them;
    /// `None` if the partition is not assigned.
    fn position(&self, partition: Partition) -> Option<Offset>;

    /// Delivers nothing more of this partition until `resume`.
    fn pause(&mut self, partition: Partition) -> Result<(), BrokerError>;

    /// Undoes `pause`.
    fn resume(&mut self, partition: Partition) -> Result<(), BrokerError>;
}
