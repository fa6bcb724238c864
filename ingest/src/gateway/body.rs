//! What a body holds: one event or several, in which form.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use serde_json::value::RawValue;

/// The events of a request, not parsed yet.
#[derive(Debug)]
pub(super) enum Input {
    /// One event; its answer's status speaks for it.
    One(Item),
    /// Several.
    Many(Vec<Item>),
}

/// One event as it came.
#[derive(Debug)]
pub(super) enum Item {
    /// Event JSON, or structured CloudEvents if it has a member `specversion`.
    Json(Bytes),
    /// Structured CloudEvents.
    CloudEvent(Bytes),
    /// CloudEvents attributes by bare name, the data's content type, and the data.
    Binary { attributes: BTreeMap<String, String>, content_type: Option<String>, data: Bytes },
}

/// Why a body holds no events at all.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoEvents {
    /// It is no array and no NDJSON.
    NoBatch(String),
    /// It has more events than a batch may.
    TooMany(usize),
}

/// Which of the two paths was taken: it decides how plain JSON is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Path {
    /// `/v1/events`.
    Event,
    /// `/v1/events:batch`.
    Batch,
}

/// Splits a body into events. What the content type says goes before what the path says.
pub(super) fn split(
    path: Path,
    headers: &HeaderMap,
    body: Bytes,
    max_events: usize,
) -> Result<Input, NoEvents> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if headers.contains_key("ce-specversion") {
        let attributes = attributes(headers);
        let content_type = content_type.map(str::to_owned);
        return Ok(Input::One(Item::Binary { attributes, content_type, data: body }));
    }
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    match media_type.to_ascii_lowercase().as_str() {
        "application/cloudevents+json" => Ok(Input::One(Item::CloudEvent(body))),
        "application/cloudevents-batch+json" => array(&body, max_events, Item::CloudEvent),
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => {
            lines(&body, max_events)
        }
        _ if path == Path::Batch => array(&body, max_events, Item::Json),
        _ => Ok(Input::One(Item::Json(body))),
    }
}

fn array(body: &Bytes, max_events: usize, item: impl Fn(Bytes) -> Item) -> Result<Input, NoEvents> {
    // Values are only delimited here, at any depth without recursion; each is parsed by itself.
    let values: Vec<&RawValue> = serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {} column {}", error.line(), error.column());
        NoEvents::NoBatch(format!("the body is not a JSON array of events: see {place}"))
    })?;
    if values.len() > max_events {
        return Err(NoEvents::TooMany(values.len()));
    }
    let own = |value: &&RawValue| item(body.slice_ref(value.get().as_bytes()));
    Ok(Input::Many(values.iter().map(own).collect()))
}

fn lines(body: &Bytes, max_events: usize) -> Result<Input, NoEvents> {
    let lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    if lines.len() > max_events {
        return Err(NoEvents::TooMany(lines.len()));
    }
    Ok(Input::Many(lines.into_iter().map(|line| Item::Json(body.slice_ref(line))).collect()))
}

/// Attributes of binary mode: headers `ce-…`, percent-decoded (CloudEvents HTTP binding 3.1.3.2).
fn attributes(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::new();
    for (name, value) in headers {
        if let Some(name) = name.as_str().strip_prefix("ce-") {
            attributes.insert(name.to_owned(), percent_decoded(value.as_bytes()));
        }
    }
    attributes
}

/// Bytes that are no UTF-8 become U+FFFD: the attribute's own check then refuses what matters.
fn percent_decoded(value: &[u8]) -> String {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::with_capacity(value.len());
    let mut at = 0;
    while let Some(&byte) = value.get(at) {
        match (byte, digit(value.get(at + 1)), digit(value.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_percent_decoded_once() {
        for (encoded, decoded) in [
            ("plain", "plain"),
            ("Euro%20%E2%82%AC", "Euro €"),
            ("100%", "100%"),
            ("%2541", "%41"),
            ("%zz%e", "%zz%e"),
            ("%ff", "\u{fffd}"),
        ] {
            assert_eq!(percent_decoded(encoded.as_bytes()), decoded);
        }
    }

    #[test]
    fn a_deeply_nested_array_is_delimited_without_recursion() {
        let deep = format!("[{}{}]", "[".repeat(200_000), "]".repeat(200_000));
        match array(&Bytes::from(deep), 10, Item::Json) {
            Ok(Input::Many(items)) => assert_eq!(items.len(), 1),
            other => panic!("{other:?}"),
        }
    }
}
