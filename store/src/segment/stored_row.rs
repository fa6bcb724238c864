//! One row as kept in a block: the whole record, byte for byte, its place in the tree, its verdict.

use annals_schemas::{Header, Offset, Position, Reason, Record, Refusal, TimestampType};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::fold::{FoldedRow, Status};

/// A row's verdict as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StoredStatus {
    Visible { seq: u64 },
    Duplicate,
    Quarantined { reason: Reason, detail: String, event_id: Option<[u8; 16]> },
}

/// Postcard of this is a row's bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredRow {
    pub(crate) status: StoredStatus,
    pub(crate) offset: Offset,
    pub(crate) previous: Option<Offset>,
    pub(crate) previous_of_key: Option<Offset>,
    timestamp_ms: i64,
    log_append_time: bool,
    key: Option<serde_bytes::ByteBuf>,
    value: Option<serde_bytes::ByteBuf>,
    headers: Vec<(String, Option<serde_bytes::ByteBuf>)>,
}

impl StoredRow {
    pub(crate) fn new(row: &FoldedRow) -> Self {
        let bytes = |bytes: &Option<Bytes>| {
            bytes.as_ref().map(|bytes| serde_bytes::ByteBuf::from(bytes.to_vec()))
        };
        let record = &row.record;
        Self {
            status: stored_status(&row.status),
            offset: record.position.offset,
            previous: row.previous,
            previous_of_key: row.previous_of_key,
            timestamp_ms: record.timestamp_ms,
            log_append_time: record.timestamp_type == TimestampType::LogAppendTime,
            key: bytes(&record.key),
            value: bytes(&record.value),
            headers: record
                .headers
                .iter()
                .map(|header| (header.name.clone(), bytes(&header.value)))
                .collect(),
        }
    }

    /// The record as it came from the log.
    pub(crate) fn into_record(self, partition: u32) -> Record {
        let bytes = |bytes: Option<serde_bytes::ByteBuf>| bytes.map(|b| Bytes::from(b.into_vec()));
        let type_of = |append| {
            if append { TimestampType::LogAppendTime } else { TimestampType::CreateTime }
        };
        Record {
            position: Position { partition, offset: self.offset },
            timestamp_ms: self.timestamp_ms,
            timestamp_type: type_of(self.log_append_time),
            key: bytes(self.key),
            value: bytes(self.value),
            headers: self
                .headers
                .into_iter()
                .map(|(name, value)| Header { name, value: bytes(value) })
                .collect(),
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

fn stored_status(status: &Status) -> StoredStatus {
    match status {
        Status::Visible(row) => StoredStatus::Visible { seq: row.key.seq },
        Status::Duplicate => StoredStatus::Duplicate,
        Status::Quarantined(refusal) => StoredStatus::Quarantined {
            reason: refusal.reason,
            detail: refusal.detail.clone(),
            event_id: refusal.event_id.map(Uuid::into_bytes),
        },
    }
}
