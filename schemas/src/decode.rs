//! From a record to an event: the wire forms, in the order that decides between them.
//!
//! Part of fold version 1: a pure function of the record and the log's id. What it accepts or
//! refuses today, and with which reason, it accepts or refuses for ever.

use crate::avro::{
    SCHEMA_HEADER, Trailing, event_of_parts, is_schema_v1, lend_body, split_avro_event,
    split_single_object,
};
use crate::cloud_events::{cloud_event_of_node, cloud_event_of_parts, media_type};
use crate::event_ids::positional_event_id;
use crate::event_json::{Fallback, event_of_node, parse_document, text_within};
use crate::framing::{Accepted, FRAMING_MARK, split_framed};
use crate::limits::HEADERS_MAX_BYTES;
use crate::{
    Event, FramedSchemas, LentEvent, Limits, LogId, Reason, Record, Refusal, SchemaReading,
    SchemaViolation, WorkspaceId,
};

/// Content type of structured `CloudEvents`.
const CLOUD_EVENTS_JSON: &str = "application/cloudevents+json";

/// Reads the event of a record that is known to hold one. Key and partition are not looked at (see
/// [`check_place`](crate::check_place)).
///
/// A value framed for a registry is read by the fields of v1, which every schema that was accepted
/// begins with. Whoever decides whether a record is an event asks [`decode_with`] instead.
pub fn decode(record: &Record, log_id: &LogId) -> Result<Event, Refusal> {
    decode_with(record, log_id, &Accepted)
}

/// Reads the event a record holds, if it is one.
///
/// The wire forms, first match final: header `ce_specversion` (`CloudEvents`, binary mode);
/// `content-type: application/cloudevents+json` (structured); bytes `C3 01` (Avro single-object);
/// first byte `{` (structured `CloudEvents` if it has a member `specversion`, else event JSON);
/// byte `00`, where a registry counts (the id of a schema, Avro).
pub fn decode_with(
    record: &Record,
    log_id: &LogId,
    schemas: &impl FramedSchemas,
) -> Result<Event, Refusal> {
    lend_with(record, log_id, schemas).map(LentEvent::into_event)
}

/// Reads what [`decode_with`] reads, for those who do not keep it.
pub fn lend_with<'r>(
    record: &'r Record,
    log_id: &LogId,
    schemas: &impl FramedSchemas,
) -> Result<LentEvent<'r>, Refusal> {
    let value = checked_value(record)?;
    let event = match form(record, value) {
        Form::Avro => return lend_avro(record, value),
        Form::ByFirstByte if value.first() == Some(&FRAMING_MARK) => {
            return lend_framed(record, value, schemas);
        }
        Form::BinaryCloudEvent => decode_binary_cloud_event(record, value)?,
        Form::StructuredCloudEvent => crate::parse_cloud_event(value, &Limits::HARD)?,
        Form::ByFirstByte => decode_by_first_byte(record, value, log_id)?,
    };
    Ok(LentEvent::Decoded(event))
}

/// The event of a record that [`decode`] made one of before: the same, without looking at its rules
/// a second time where the value is Avro of schema v1 as this crate encodes it.
pub fn decode_again(record: &Record, log_id: &LogId) -> Result<Event, Refusal> {
    let again = || {
        let value = record.value.as_deref()?;
        if form(record, value) != Form::Avro {
            return None;
        }
        let (head, rest) = split_avro_event(value)?;
        event_of_parts(&head, WorkspaceId::from_key(head.workspace_id)?, rest)
    };
    again().map_or_else(|| decode(record, log_id), Ok)
}

/// A wire form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    BinaryCloudEvent,
    StructuredCloudEvent,
    Avro,
    /// JSON, or none.
    ByFirstByte,
}

/// The first form that matches.
pub(crate) fn form(record: &Record, value: &[u8]) -> Form {
    if record.header("ce_specversion").is_some() {
        return Form::BinaryCloudEvent;
    }
    // Nearly every record's is shorter.
    let may_be = |text: &&bytes::Bytes| text.len() >= CLOUD_EVENTS_JSON.len();
    let content_type = record.header("content-type").filter(may_be);
    let declared = content_type.and_then(|text| std::str::from_utf8(text).ok()).map(media_type);
    if declared.is_some_and(|found| found.eq_ignore_ascii_case(CLOUD_EVENTS_JSON)) {
        return Form::StructuredCloudEvent;
    }
    match value.starts_with(&crate::avro::SINGLE_OBJECT_MARK) {
        true => Form::Avro,
        false => Form::ByFirstByte,
    }
}

fn decode_by_first_byte(record: &Record, value: &[u8], log_id: &LogId) -> Result<Event, Refusal> {
    match value.first() {
        Some(b'{') => Ok(decode_json(record, value, log_id)?),
        Some(first) => Err(Refusal::new(
            Reason::UnknownFormat,
            format!("first byte {first:02x}: neither Avro single-object (c3 01) nor JSON ({{)"),
        )),
        None => Err(Refusal::new(Reason::UnknownFormat, "the value is empty")),
    }
}

/// Without a registry whatever begins so is refused as any unknown form.
fn lend_framed<'r>(
    record: &Record,
    value: &'r [u8],
    schemas: &impl FramedSchemas,
) -> Result<LentEvent<'r>, Refusal> {
    let offset = record.position.offset;
    let refused = |reason, detail: &str| Err(Refusal::new(reason, detail));
    if !schemas.counts_at(offset) {
        let detail = "first byte 00: a value of a schema registry, and none is configured";
        return refused(Reason::UnknownFormat, detail);
    }
    let Some((id, body)) = split_framed(value) else {
        return refused(Reason::Malformed, "cut off within the id of its schema");
    };
    let trailing = match schemas.find(id, offset) {
        Some(SchemaReading::EventV1) => Trailing::Refused,
        Some(SchemaReading::EventV1AndMore) => Trailing::Ignored,
        Some(SchemaReading::NoEvent) => {
            let detail = format!("the registry's schema {id} is not that of an event");
            return refused(Reason::SchemaViolation, &detail);
        }
        None => {
            let detail = format!("the registry had no Avro schema {id}");
            return refused(Reason::UnknownSchema, &detail);
        }
    };
    lend(body, trailing)
}

/// The value, if there is one and all of the record is within the fold's limits.
pub(crate) fn checked_value(record: &Record) -> Result<&[u8], Refusal> {
    let Some(value) = record.value.as_deref() else {
        let detail = "the value is null (a tombstone); events are never deleted";
        return Err(Refusal::new(Reason::Malformed, detail));
    };
    let (size, max) = (value.len(), Limits::HARD.event_bytes);
    if size > max {
        let detail = format!("the value has {size} bytes, the limit is {max}");
        return Err(Refusal::new(Reason::OverLimit, detail));
    }
    let length = |header: &crate::Header| {
        header.name.len() + header.value.as_ref().map_or(0, |value| value.len())
    };
    let size: usize = record.headers.iter().map(length).sum();
    if size > HEADERS_MAX_BYTES {
        let detail = format!("the headers have {size} bytes, the limit is {HEADERS_MAX_BYTES}");
        return Err(Refusal::new(Reason::OverLimit, detail));
    }
    Ok(value)
}

fn decode_binary_cloud_event(record: &Record, value: &[u8]) -> Result<Event, Refusal> {
    for header in record.headers.iter().filter(|header| header.name.starts_with("ce_")) {
        if std::str::from_utf8(header.value.as_deref().unwrap_or_default()).is_err() {
            let detail = format!("header {}: invalid UTF-8", crate::text::cut(&header.name));
            return Err(Refusal::new(Reason::Malformed, detail));
        }
    }
    let text = |name: &str| record.header(name).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let attribute = |name: &str| text(&format!("ce_{name}"));
    let content_type = text("content-type");
    Ok(cloud_event_of_parts(attribute, content_type, value, &Limits::HARD)?)
}

fn lend_avro<'r>(record: &Record, value: &'r [u8]) -> Result<LentEvent<'r>, Refusal> {
    let Some((fingerprint, body)) = split_single_object(value) else {
        return Err(Refusal::new(Reason::Malformed, "cut off within the Avro fingerprint"));
    };
    let trailing = if is_schema_v1(fingerprint) {
        Trailing::Refused
    } else if schema_version(record).is_some() {
        Trailing::Ignored
    } else {
        let hex = u64::from_le_bytes(fingerprint);
        let detail = format!("Avro schema {hex:016x} is not known, and no header {SCHEMA_HEADER}");
        return Err(Refusal::new(Reason::UnknownSchema, detail));
    };
    lend(body, trailing)
}

fn lend(body: &[u8], trailing: Trailing) -> Result<LentEvent<'_>, Refusal> {
    let (workspace_id, event) = lend_body(body, trailing, &Limits::HARD)?;
    Ok(LentEvent::InPlace { workspace_id, event })
}

/// The version of the event schema that the record claims: decimal digits, at least 1.
fn schema_version(record: &Record) -> Option<u32> {
    let text = std::str::from_utf8(record.header(SCHEMA_HEADER)?).ok()?;
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|&version| digits && version > 0)
}

fn decode_json(record: &Record, value: &[u8], log_id: &LogId) -> Result<Event, SchemaViolation> {
    let limits = &Limits::HARD;
    let text = text_within(value, limits)?;
    let node = match parse_document(text, limits.depth) {
        Ok(node) => node,
        // Structured CloudEvents have one level more, since the event stands below `data`.
        Err(violation) => parse_document(text, limits.depth + 1)
            .ok()
            .filter(|node| node.get("specversion").is_some())
            .ok_or(violation)?,
    };
    if node.get("specversion").is_some() {
        return cloud_event_of_node(&node, limits);
    }
    let id_if_absent = || positional_event_id(log_id, record.position);
    event_of_node(&node, "", limits, &Fallback::default(), id_if_absent)
}
