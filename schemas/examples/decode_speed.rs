//! Prints what decoding, hashing and encoding an event of usual size takes, and what `apache-avro`
//! takes for the same bytes: `cargo run --release -p annals-schemas --example decode_speed`.
#![allow(clippy::print_stdout, reason = "its purpose")]

use std::hint::black_box;
use std::time::Instant;

use annals_schemas::{
    Limits, LogId, Position, Record, SCHEMA_V1, SchemaViolation, TimestampType, content_hash,
    decode, encode_avro, parse_event,
};
use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;

const EVENT: &str = r#"{
  "event_id": "01890a5d-ac96-774b-bcce-b302099a8057", "occurred_at": "2026-10-25T01:30:00.000123Z",
  "workspace_id": "acme",
  "actor": {"kind": "user", "id": "u1", "name": "Ana", "email": "ana@acme.test"},
  "action": "segment.updated", "kind": "update", "outcome": "success",
  "resources": [{"type": "segment", "id": "s9", "name": "VIP EU"}],
  "context": {"ip": "203.0.113.7", "user_agent": "Mozilla/5.0 (X11; Linux x86_64)",
    "request_id": "req-81f3", "service": "segments-api"},
  "changes": [{"path": "filter.country", "before": ["FR"], "after": ["FR", "DE"]}],
  "metadata": {"plan": "enterprise", "size": 10234, "tags": ["a", "b"]} }"#;

const ROUNDS: u32 = 200_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let event = parse(EVENT)?;
    let avro = encode_avro(&event);
    let json = event.to_json().to_string();
    let (avro_record, json_record) = (record(&avro), record(json.as_bytes()));
    let log_id = LogId([0; 16]);
    println!("event: {} bytes as Avro, {} as JSON; {ROUNDS} rounds", avro.len(), json.len());
    measure("decode, Avro", || decode(&avro_record, &log_id));
    measure("decode, JSON", || decode(&json_record, &log_id));
    measure("encode_avro", || encode_avro(&event));
    measure("content_hash", || content_hash(&event));
    measure("to_json", || event.to_json());
    let schema = Schema::parse_str(SCHEMA_V1)?;
    let reader = GenericDatumReader::builder(&schema).build()?;
    measure("apache-avro to its Value, no checks", || reader.read_value(&mut &avro[10..]));
    Ok(())
}

fn parse(json: &str) -> Result<annals_schemas::Event, SchemaViolation> {
    parse_event(json.as_bytes(), &Limits::GATEWAY, uuid::Uuid::nil)
}

fn record(value: &[u8]) -> Record {
    Record {
        position: Position { partition: 0, offset: 0 },
        timestamp_ms: 0,
        timestamp_type: TimestampType::LogAppendTime,
        key: None,
        value: Some(value.to_vec().into()),
        headers: [].into(),
    }
}

fn measure<T>(what: &str, mut work: impl FnMut() -> T) {
    let started = Instant::now();
    for _ in 0..ROUNDS {
        black_box(work());
    }
    let nanos = started.elapsed().as_nanos() / u128::from(ROUNDS);
    println!("{what}: {nanos} ns");
}
