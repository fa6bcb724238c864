//! The raw topic between two fixed ends, for commands that read it whole.

use std::sync::Arc;
use std::time::{Duration, Instant};

use annals_broker::local::LocalLog;
use annals_broker::{Consumer, Log, LogDescription};
use annals_schemas::{OffsetRange, Partition, Position, Record};

use crate::config::Config;
use crate::data_directory::DataDirectory;
use crate::exit::Failure;
use crate::log::{open_kafka, reading_failure};

/// Records taken at once: few enough for what is made of them to stay in a processor's cache.
const POLL_RECORDS: usize = 512;
const POLL_WAIT: Duration = Duration::from_millis(200);
/// So long may nothing come before the log counts as out of reach.
const PATIENCE: Duration = Duration::from_secs(30);

/// A log opened for reading only, also while `up` runs on it.
pub(crate) struct Topic {
    log: Arc<dyn Log>,
}

/// Reads one partition up to a fixed end.
pub(crate) struct TopicReader {
    consumer: Box<dyn Consumer>,
    partition: Partition,
    end: u64,
}

impl Topic {
    /// Kafka if brokers are configured, otherwise the embedded log of the data directory.
    pub(crate) async fn open(config: &Config, data: &DataDirectory) -> Result<Self, Failure> {
        if let Some(brokers) = &config.kafka.brokers {
            return Ok(Self { log: open_kafka(config, brokers).await? });
        }
        if !LocalLog::exists(&data.log()) {
            let place = data.log().display().to_string();
            return Err(Failure::usage(format!("there is no log in {place}: --data or --kafka")));
        }
        let log = LocalLog::open_read_only(&data.log(), &config.kafka.topic);
        Ok(Self { log: Arc::new(log.map_err(|error| reading_failure(&error))?) })
    }

    /// A log that is open already.
    pub(crate) fn of(log: Arc<dyn Log>) -> Self {
        Self { log }
    }

    pub(crate) fn description(&self) -> &LogDescription {
        self.log.description()
    }

    /// What can be read of a partition at this moment.
    pub(crate) async fn range(&self, partition: Partition) -> Result<OffsetRange, Failure> {
        let start = self.log.log_start(partition).await.map_err(|e| reading_failure(&e))?;
        let end = self.log.high_watermark(partition).await.map_err(|e| reading_failure(&e))?;
        Ok(OffsetRange { start, end })
    }

    /// Starts reading at the range's start.
    pub(crate) fn read(
        &self,
        partition: Partition,
        OffsetRange { start, end }: OffsetRange,
    ) -> Result<TopicReader, Failure> {
        let mut consumer = self.log.consumer().map_err(|error| reading_failure(&error))?;
        let from = Position { partition, offset: start };
        consumer.assign(&[from]).map_err(|error| reading_failure(&error))?;
        Ok(TopicReader { consumer, partition, end })
    }

    /// The record at a position, if it is still there.
    pub(crate) async fn record(&self, position: Position) -> Result<Option<Record>, Failure> {
        let Position { partition, offset } = position;
        let mut reader = self.read(partition, OffsetRange { start: offset, end: offset + 1 })?;
        let found = reader.next().await?.unwrap_or_default();
        Ok(found.into_iter().find(|record| record.position == position))
    }
}

impl TopicReader {
    /// The next records in order; `None` once the end is reached.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Record>>, Failure> {
        let deadline = Instant::now() + PATIENCE;
        while self.consumer.position(self.partition).is_some_and(|next| next < self.end) {
            match self.consumer.poll(POLL_RECORDS, POLL_WAIT).await {
                Ok(mut records) => {
                    records.retain(|record| record.position.offset < self.end);
                    if !records.is_empty() {
                        return Ok(Some(records));
                    }
                }
                Err(error) if error.is_retryable() && Instant::now() < deadline => {}
                Err(error) => return Err(reading_failure(&error)),
            }
            if Instant::now() >= deadline {
                return Err(Failure::unreachable(format!(
                    "partition {} gives no records before offset {}",
                    self.partition, self.end
                )));
            }
        }
        Ok(None)
    }
}
