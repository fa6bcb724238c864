//! From an event to the record that stands for it on the log.

use crate::{Event, Header, Limits, NewRecord, SCHEMA_HEADER, SchemaViolation, encode_avro};
use bytes::Bytes;

/// The record: key, Avro single-object bytes, and the headers that say so.
pub fn new_record(event: &Event, traceparent: Option<&str>) -> NewRecord {
    record_of(event, encode_avro(event), traceparent)
}

/// The record of an event built by hand, if [`Event::check`] has nothing against it; encoded once.
///
/// # Errors
/// What speaks against it.
pub fn checked_record(event: &Event, limits: &Limits) -> Result<NewRecord, SchemaViolation> {
    Ok(record_of(event, event.checked_avro(limits)?, None))
}

fn record_of(event: &Event, avro: Vec<u8>, traceparent: Option<&str>) -> NewRecord {
    let mut headers = vec![
        Header::new("content-type", Bytes::from_static(b"application/avro")),
        Header::new(SCHEMA_HEADER, Bytes::from_static(b"1")),
    ];
    if let Some(traceparent) = traceparent {
        headers.push(Header::new("traceparent", Bytes::copy_from_slice(traceparent.as_bytes())));
    }
    NewRecord {
        key: Some(Bytes::copy_from_slice(event.workspace_id.as_str().as_bytes())),
        value: Some(Bytes::from(avro)),
        headers,
    }
}
