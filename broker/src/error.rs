//! What can go wrong with a log, by what the caller can do about it.

use annals_schemas::{Offset, Partition};

/// A log's failure.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BrokerError {
    /// Out of reach or overloaded for now: wait, then try the same again.
    #[error("the log is out of reach: {detail}")]
    Unavailable {
        /// What was seen.
        detail: String,
    },
    /// No such topic.
    #[error("topic {topic} does not exist; `annals topic create` makes it with the right settings")]
    TopicMissing {
        /// Its name.
        topic: String,
    },
    /// The topic's settings would break a promise.
    #[error(
        "topic {topic} has {setting}={found}, Annals needs {needed}; \
         `annals topic create` makes a topic with the right settings"
    )]
    TopicUnfit {
        /// Its name.
        topic: String,
        /// The setting.
        setting: String,
        /// Its value.
        found: String,
        /// What it has to be.
        needed: String,
    },
    /// The record is larger than the log takes.
    #[error("a record of {size_bytes} bytes is over the log's limit of {limit_bytes}")]
    TooLarge {
        /// Size of the record.
        size_bytes: usize,
        /// The limit.
        limit_bytes: usize,
    },
    /// The assigned offset is not (or no longer) in the log.
    #[error("partition {partition} holds offsets {start} to {end}, offset {asked} was asked for")]
    OffsetOutOfRange {
        /// The partition.
        partition: Partition,
        /// What was asked for.
        asked: Offset,
        /// First readable offset.
        start: Offset,
        /// High watermark.
        end: Offset,
    },
    /// Stored bytes are damaged.
    #[error("{file} is damaged at byte {at}: {detail}")]
    Corrupt {
        /// File name.
        file: String,
        /// Byte offset.
        at: u64,
        /// What was seen.
        detail: String,
    },
    /// Another process holds the log.
    #[error("{directory} is held by another process")]
    Locked {
        /// The directory.
        directory: String,
    },
    /// A setting the implementation refuses.
    #[error("{setting}: {detail}")]
    Configuration {
        /// The setting.
        setting: String,
        /// Why.
        detail: String,
    },
    /// Reading or writing failed.
    #[error("{operation} failed: {detail}")]
    Io {
        /// What was tried, with the file.
        operation: String,
        /// The system's answer.
        detail: String,
    },
    /// The handle is closed.
    #[error("the log handle is closed")]
    Closed,
}

impl BrokerError {
    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// A partition number past the end.
    pub(crate) fn no_such_partition(partition: Partition, partitions: u32) -> Self {
        Self::Configuration {
            setting: format!("partition {partition}"),
            detail: format!("the log has {partitions} partitions, numbered from 0"),
        }
    }

    /// A partition that the consumer has not been assigned.
    pub(crate) fn not_assigned(partition: Partition) -> Self {
        Self::Configuration {
            setting: format!("partition {partition}"),
            detail: "it is not assigned to this consumer".to_owned(),
        }
    }

    /// A failed read or write.
    pub(crate) fn io(operation: impl Into<String>, error: &std::io::Error) -> Self {
        Self::Io { operation: operation.into(), detail: error.to_string() }
    }
}
