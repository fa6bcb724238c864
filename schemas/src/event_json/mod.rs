//! The event JSON of `docs/EVENT.md`: reading it with every fault named, and writing it.

mod fallback;
mod fields;
mod reader;
mod write;

use uuid::Uuid;

pub(crate) use fallback::{Attribute, Fallback};
pub(crate) use fields::checked_json_text;

use crate::json::{self, Node};
use crate::pointer::Path;
use crate::violation::Faults;
use crate::{Event, FieldError, Limits, Reason, SchemaViolation};

/// Reads an event from its JSON, or says everything that is wrong with it.
///
/// `id_if_absent` is called when the input has no `event_id`. Limits above the hard ones count as
/// the hard ones.
pub fn parse_event(
    json: &[u8],
    limits: &Limits,
    id_if_absent: impl FnOnce() -> Uuid,
) -> Result<Event, SchemaViolation> {
    let limits = limits.capped();
    let text = text_within(json, &limits)?;
    let node = parse_document(text, limits.depth)?;
    event_of_node(&node, "", &limits, &Fallback::default(), id_if_absent)
}

/// As [`parse_event`], from JSON already parsed. What that parser did away with (repeated members,
/// the spelling of numbers) is not seen here.
pub fn parse_event_value(
    value: &serde_json::Value,
    limits: &Limits,
    id_if_absent: impl FnOnce() -> Uuid,
) -> Result<Event, SchemaViolation> {
    parse_event(value.to_string().as_bytes(), limits, id_if_absent)
}

/// The bytes as text, if they are within the event's size limit and UTF-8.
pub(crate) fn text_within<'a>(
    bytes: &'a [u8],
    limits: &Limits,
) -> Result<&'a str, SchemaViolation> {
    let (size, max) = (bytes.len(), limits.event_bytes);
    if size > max {
        let detail = format!("the event has {size} bytes, the limit is {max}");
        return Err(SchemaViolation::whole(Reason::OverLimit, detail));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let detail = format!("invalid UTF-8 at byte {}", error.valid_up_to());
        SchemaViolation::whole(Reason::Malformed, detail)
    })
}

/// Parses a whole JSON text.
pub(crate) fn parse_document(text: &str, depth: usize) -> Result<Node<'_>, SchemaViolation> {
    json::parse(text, depth).map_err(|error| SchemaViolation {
        reason: if error.too_deep { Reason::OverLimit } else { Reason::Malformed },
        errors: vec![FieldError { pointer: error.pointer, detail: error.detail }],
        event_id: None,
    })
}

/// Reads an event from a node that stands at `pointer` in its document.
pub(crate) fn event_of_node(
    node: &Node<'_>,
    pointer: &str,
    limits: &Limits,
    fallback: &Fallback<'_>,
    id_if_absent: impl FnOnce() -> Uuid,
) -> Result<Event, SchemaViolation> {
    let mut faults = Faults::default();
    let root = Path::root(pointer);
    let event = reader::read_event(node, &root, limits, fallback, id_if_absent, &mut faults);
    faults.result(event)
}
