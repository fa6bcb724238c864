//! The codecs as others use them: round trips, golden bytes, hostile bytes, error texts.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod arbitrary_bytes;
mod content_hash;
mod field_errors;
mod golden;
mod place;
mod round_trips;
mod strategies;
mod wire_forms;

use annals_schemas::{Header, LogId, Position, Record, TimestampType};

pub const LOG_ID: LogId = LogId([0xab; 16]);

/// A record at offset 7 of partition 0, with a key that no decoder looks at.
pub fn record(headers: &[(&str, &str)], value: &[u8]) -> Record {
    Record {
        position: Position { partition: 0, offset: 7 },
        timestamp_ms: 1_792_891_800_000,
        timestamp_type: TimestampType::LogAppendTime,
        key: Some("acme".into()),
        value: Some(value.to_vec().into()),
        headers: headers
            .iter()
            .map(|(name, value)| Header::new(*name, value.as_bytes().to_vec()))
            .collect(),
    }
}
