//! Records as an Avro object container file: read by every Avro tool, lossless.
//!
//! The bytes follow the Avro 1.12 specification, "Object Container Files", codec null. A record is
//! its place and status, the event in the schema of the topic, and for refused ones the bytes.

use annals_schemas::{Record, SCHEMA_V1, encode_avro};
use sha2::{Digest, Sha256};

use super::judge::{Judged, Outcome};

/// What stands before the body in Avro's single-object encoding.
const SINGLE_OBJECT_HEADER: usize = 10;

/// A container that is being written.
pub(super) struct Container {
    schema: String,
    sync: [u8; 16],
    block: Vec<u8>,
    records: i64,
}

impl Container {
    pub(super) fn new() -> Self {
        let schema = schema();
        let digest: [u8; 32] = Sha256::digest(&schema).into();
        let sync = *digest.first_chunk().expect("a digest has 32 bytes");
        Self { schema, sync, block: Vec::new(), records: 0 }
    }

    /// The file's header.
    pub(super) fn write_header(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"Obj\x01");
        long(2, out);
        for (name, value) in [("avro.codec", "null"), ("avro.schema", self.schema.as_str())] {
            bytes(name.as_bytes(), out);
            bytes(value.as_bytes(), out);
        }
        long(0, out);
        out.extend_from_slice(&self.sync);
    }

    /// Adds a record to the block.
    pub(super) fn write(&mut self, judged: &Judged<'_>) {
        let Record { position, timestamp_ms, .. } = *judged.record;
        let out = &mut self.block;
        self.records += 1;
        long(status_code(&judged.outcome), out);
        long(i64::from(position.partition), out);
        long(position.offset.cast_signed(), out);
        long(timestamp_ms, out);
        match &judged.outcome {
            Outcome::Visible(event) | Outcome::Duplicate(event) => {
                long(1, out);
                out.extend_from_slice(&encode_avro(&event.to_event())[SINGLE_OBJECT_HEADER..]);
                long(0, out);
            }
            Outcome::Quarantined(refusal) => {
                long(0, out);
                long(1, out);
                bytes(refusal.reason.as_str().as_bytes(), out);
                bytes(refusal.detail.as_bytes(), out);
                optional(judged.record.key.as_deref(), out);
                optional(judged.record.value.as_deref(), out);
            }
        }
    }

    /// Ends the block: what is in the file then is a whole container.
    pub(super) fn end_block(&mut self, out: &mut Vec<u8>) {
        if self.records > 0 {
            long(self.records, out);
            bytes(&self.block, out);
            out.extend_from_slice(&self.sync);
        }
        (self.records, self.block) = (0, Vec::new());
    }
}

fn schema() -> String {
    let event: serde_json::Value = serde_json::from_str(SCHEMA_V1).expect("a constant is JSON");
    let optional = serde_json::json!(["null", "bytes"]);
    serde_json::json!({
        "type": "record", "name": "ReplayedRecord", "namespace": "annals",
        "fields": [
            {"name": "status", "type": {"type": "enum", "name": "Status",
                "symbols": ["visible", "duplicate", "quarantined"]}},
            {"name": "partition", "type": "int"},
            {"name": "offset", "type": "long"},
            {"name": "recorded_at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "event", "type": ["null", event]},
            {"name": "refused", "type": ["null", {"type": "record", "name": "Refused", "fields": [
                {"name": "reason", "type": "string"},
                {"name": "detail", "type": "string"},
                {"name": "key", "type": optional},
                {"name": "value", "type": optional},
            ]}]},
        ],
    })
    .to_string()
}

fn status_code(outcome: &Outcome<'_>) -> i64 {
    match outcome {
        Outcome::Visible(_) => 0,
        Outcome::Duplicate(_) => 1,
        Outcome::Quarantined(_) => 2,
    }
}

fn optional(part: Option<&[u8]>, out: &mut Vec<u8>) {
    long(i64::from(part.is_some()), out);
    if let Some(part) = part {
        bytes(part, out);
    }
}

fn bytes(part: &[u8], out: &mut Vec<u8>) {
    long(i64::try_from(part.len()).expect("a length fits"), out);
    out.extend_from_slice(part);
}

/// Zigzag, then seven bits a byte, the lowest first.
fn long(value: i64, out: &mut Vec<u8>) {
    let mut rest = (value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned();
    while rest >= 0x80 {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push((rest & 0x7f) as u8);
}

#[cfg(test)]
mod tests {
    use annals_schemas::{LentEvent, Position, Reason, Refusal, TimestampType, parse_event};

    use super::*;

    /// Another reader of the format gives back what was written, in blocks of any size.
    #[test]
    fn a_container_is_read_by_others() {
        let json = br#"{"workspace_id":"acme","action":"a.b","metadata":{"n":1}}"#;
        let event = parse_event(json, &annals_schemas::Limits::HARD, uuid::Uuid::nil).unwrap();
        let record = Record {
            position: Position { partition: 3, offset: 1 << 40 },
            timestamp_ms: -5,
            timestamp_type: TimestampType::LogAppendTime,
            key: None,
            value: Some("x".into()),
            headers: [].into(),
        };
        let detail = "é".to_owned();
        let refusal = Refusal { reason: Reason::Malformed, detail, event_id: None };
        let (mut container, mut file) = (Container::new(), Vec::new());
        container.write_header(&mut file);
        for outcome in [
            Outcome::Visible(LentEvent::Decoded(event.clone())),
            Outcome::Duplicate(LentEvent::Decoded(event)),
            Outcome::Quarantined(refusal),
        ] {
            container.write(&Judged { record: &record, outcome });
            container.end_block(&mut file);
            container.end_block(&mut file);
        }
        let read = apache_avro::Reader::new(&file[..]).unwrap();
        let rows: Vec<String> = read.map(|row| format!("{:?}", row.unwrap())).collect();
        assert_eq!(rows.len(), 3);
        for (row, parts) in rows.iter().zip([
            ["Enum(0, \"visible\")", "Long(1099511627776)", "String(\"a.b\")"],
            ["Enum(1, \"duplicate\")", "Int(3)", "TimestampMillis(-5)"],
            ["Enum(2, \"quarantined\")", "String(\"malformed\")", "Bytes([120])"],
        ]) {
            assert!(parts.iter().all(|part| row.contains(part)), "{parts:?} in {row}");
        }
    }
}
