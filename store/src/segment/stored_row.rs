//! One row as kept in a block: its record, its place in the tree, its verdict.
//!
//! Guarantees that the record which comes back is equal to the one that was folded. A row is kept
//! whole, as postcard, or compact (see `compact_row`); writing borrows what is written, and reading
//! the row's bytes, until a record is made of them.

use annals_schemas::{Header, Offset, Position, Reason, Record, Refusal, TimestampType};
use bytes::Bytes;
use serde::{Deserialize, Serialize, Serializer};
use uuid::Uuid;

use super::compact_row::{CompactRow, MARK};
use crate::fold::{FoldedRow, Status};

/// A row's verdict as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StoredStatus {
    Visible {
        seq: u64,
    },
    Duplicate,
    Quarantined {
        reason: Reason,
        detail: String,
        event_id: Option<[u8; 16]>,
    },
    /// Visible and compact: its seq is in its column alone.
    #[serde(skip)]
    Compact,
}

/// A refused record's verdict, for the directory's counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Duplicate,
    Quarantined,
}

/// A row, taken apart where its bytes lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredRow<'a> {
    pub(crate) status: StoredStatus,
    pub(crate) offset: Offset,
    pub(crate) previous: Option<Offset>,
    pub(crate) previous_of_key: Option<Offset>,
    body: Body<'a>,
}

/// The rest of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Body<'a> {
    Whole {
        timestamp_ms: i64,
        timestamp_type: TimestampType,
        key: Option<&'a serde_bytes::Bytes>,
        value: Option<&'a serde_bytes::Bytes>,
        headers: Vec<HeaderBytes<'a>>,
    },
    Compact(CompactRow<'a>),
}

/// Postcard of this is a row's bytes. The verdict comes first: see [`StoredRow::verdict`].
#[derive(Serialize, Deserialize)]
#[serde(bound(deserialize = "H: Deserialize<'de>, S: Deserialize<'de>"))]
struct RowBytes<'a, S, H> {
    status: S,
    offset: Offset,
    previous: Option<Offset>,
    previous_of_key: Option<Offset>,
    timestamp_ms: i64,
    is_log_append_time: bool,
    #[serde(borrow)]
    key: Option<&'a serde_bytes::Bytes>,
    #[serde(borrow)]
    value: Option<&'a serde_bytes::Bytes>,
    headers: H,
}

/// A header as it is read.
type HeaderBytes<'a> = (&'a str, Option<&'a serde_bytes::Bytes>);

/// Headers as they are written: a list of name and value.
struct HeaderList<'a>(&'a [Header]);

impl Serialize for HeaderList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|header| (&header.name, plain(&header.value))))
    }
}

/// The verdict as it is written.
#[derive(Serialize)]
enum StatusBytes<'a> {
    Visible { seq: u64 },
    Duplicate,
    Quarantined { reason: Reason, detail: &'a str, event_id: Option<[u8; 16]> },
}

impl<'a> StoredRow<'a> {
    /// The bytes of a row kept whole.
    #[cfg(test)]
    pub(crate) fn to_bytes(row: &FoldedRow) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(row.record.size_bytes() + 64);
        Self::append(row, &mut bytes);
        bytes
    }

    /// Appends the bytes that a segment keeps; nothing of the record is copied on the way.
    pub(crate) fn append(row: &FoldedRow, bytes: &mut Vec<u8>) {
        let record = &row.record;
        let encoded = RowBytes {
            status: status_bytes(&row.status),
            offset: record.position.offset,
            previous: row.previous,
            previous_of_key: row.previous_of_key,
            timestamp_ms: record.timestamp_ms,
            is_log_append_time: record.timestamp_type == TimestampType::LogAppendTime,
            key: plain(&record.key),
            value: plain(&record.value),
            headers: HeaderList(&record.headers),
        };
        *bytes = postcard::to_extend(&encoded, std::mem::take(bytes))
            .expect("a stored row is plain data");
    }

    /// Reads what [`append`](Self::append) wrote, exactly; `None` if it is something else.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        if bytes.first() == Some(&MARK) {
            let compact = CompactRow::read(bytes)?;
            return Some(Self {
                status: StoredStatus::Compact,
                offset: compact.start.offset,
                previous: compact.previous,
                previous_of_key: compact.start.previous_of_key(),
                body: Body::Compact(compact),
            });
        }
        type Decoded<'a> = RowBytes<'a, StoredStatus, Vec<HeaderBytes<'a>>>;
        let (row, rest) = postcard::take_from_bytes::<Decoded<'a>>(bytes).ok()?;
        rest.is_empty().then_some(Self {
            status: row.status,
            offset: row.offset,
            previous: row.previous,
            previous_of_key: row.previous_of_key,
            body: Body::Whole {
                timestamp_ms: row.timestamp_ms,
                timestamp_type: timestamp_type(row.is_log_append_time),
                key: row.key,
                value: row.value,
                headers: row.headers,
            },
        })
    }

    /// The verdict of a refused row by its bytes alone; `None` for a visible one.
    pub(crate) fn verdict(bytes: &[u8]) -> Option<Refused> {
        match bytes.first()? {
            1 => Some(Refused::Duplicate),
            2 => Some(Refused::Quarantined),
            _ => None,
        }
    }

    /// The record as it came from the log, if the row was kept whole, as all refused ones are.
    pub(crate) fn whole_record(&self, partition: u32) -> Option<Record> {
        let position = Position { partition, offset: self.offset };
        match &self.body {
            Body::Compact(_) => None,
            Body::Whole { timestamp_ms, timestamp_type, key, value, headers } => Some(Record {
                position,
                timestamp_ms: *timestamp_ms,
                timestamp_type: *timestamp_type,
                key: copied(*key),
                value: copied(*value),
                headers: headers.iter().map(header).collect(),
            }),
        }
    }

    /// The row taken apart, if it is compact.
    pub(super) fn compact(&self) -> Option<&CompactRow<'a>> {
        match &self.body {
            Body::Compact(compact) => Some(compact),
            Body::Whole { .. } => None,
        }
    }

    /// Why it was refused, if it was.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        match &self.status {
            StoredStatus::Quarantined { reason, detail, event_id } => Some(Refusal {
                reason: *reason,
                detail: detail.clone(),
                event_id: event_id.map(Uuid::from_bytes),
            }),
            _ => None,
        }
    }
}

fn header((name, value): &HeaderBytes<'_>) -> Header {
    Header { name: (*name).to_owned(), value: copied(*value) }
}

fn copied(bytes: Option<&serde_bytes::Bytes>) -> Option<Bytes> {
    bytes.map(|bytes| Bytes::copy_from_slice(bytes))
}

fn plain(bytes: &Option<Bytes>) -> Option<&serde_bytes::Bytes> {
    bytes.as_deref().map(serde_bytes::Bytes::new)
}

fn timestamp_type(is_log_append_time: bool) -> TimestampType {
    if is_log_append_time { TimestampType::LogAppendTime } else { TimestampType::CreateTime }
}

fn status_bytes(status: &Status) -> StatusBytes<'_> {
    match status {
        Status::Visible(row) => StatusBytes::Visible { seq: row.key.seq },
        Status::Duplicate => StatusBytes::Duplicate,
        Status::Quarantined(refusal) => StatusBytes::Quarantined {
            reason: refusal.reason,
            detail: &refusal.detail,
            event_id: refusal.event_id.map(Uuid::into_bytes),
        },
    }
}
