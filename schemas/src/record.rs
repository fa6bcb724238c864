//! A record as the log holds it: the unit that is folded, hashed and kept byte for byte.

use std::sync::Arc;

use bytes::Bytes;

use crate::Position;

/// What a record's timestamp means. Annals reads topics with `LogAppendTime` only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimestampType {
    /// The producer's clock.
    CreateTime,
    /// The log's clock at append.
    LogAppendTime,
}

/// One header; a null value is not an empty one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Header {
    /// Name, case-sensitive. Names may repeat.
    pub name: String,
    /// Value bytes, or null.
    pub value: Option<Bytes>,
}

impl Header {
    /// A header with a value.
    pub fn new(name: impl Into<String>, value: impl Into<Bytes>) -> Self {
        Self { name: name.into(), value: Some(value.into()) }
    }
}

/// A record read from the log. Null and empty are told apart for key and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it stands.
    pub position: Position,
    /// Milliseconds since 1970-01-01T00:00:00Z; the log's clock under `LogAppendTime`.
    pub timestamp_ms: i64,
    /// Whose clock that was.
    pub timestamp_type: TimestampType,
    /// The workspace id, on a good record.
    pub key: Option<Bytes>,
    /// The event in one of the wire forms, on a good record.
    pub value: Option<Bytes>,
    /// In the order they came; records that follow each other mostly share them.
    pub headers: Arc<[Header]>,
}

impl Record {
    /// The value of the last header of this name (Kafka's own rule for repeated names), unless
    /// that value is null.
    pub fn header(&self, name: &str) -> Option<&Bytes> {
        self.headers.iter().rev().find(|header| header.name == name)?.value.as_ref()
    }

    /// Bytes held: key, value and headers, without fixed fields.
    pub fn size_bytes(&self) -> usize {
        let length = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        let headers: usize = self.headers.iter().map(|h| h.name.len() + length(&h.value)).sum();
        length(&self.key) + length(&self.value) + headers
    }
}

/// A record to append. The partition follows from the key (see `partition_of`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// The workspace id's bytes; `None` only in tests of bad input.
    pub key: Option<Bytes>,
    /// The event in one of the wire forms; `None` is a tombstone, which the fold refuses.
    pub value: Option<Bytes>,
    /// In order.
    pub headers: Vec<Header>,
}
