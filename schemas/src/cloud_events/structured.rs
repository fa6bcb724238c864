//! Structured mode: attributes and `data` in one JSON object.

use base64::Engine;

use super::{Attributes, is_json};
use crate::event_json::{Attribute, parse_document, text_within};
use crate::json::{Node, Value};
use crate::{Event, FieldError, Limits, Reason, SchemaViolation};

/// Reads a structured `CloudEvents` event (`application/cloudevents+json`). Pointers in errors are
/// those of the whole input: a fault of the event's own JSON stands below `/data`.
pub fn parse_cloud_event(json: &[u8], limits: &Limits) -> Result<Event, SchemaViolation> {
    let limits = limits.capped();
    let text = text_within(json, &limits)?;
    // `data` stands one level down, and is to have the depth it could have by itself.
    let node = parse_document(text, limits.depth + 1)?;
    cloud_event_of_node(&node, &limits)
}

/// As [`parse_cloud_event`], from a document parsed already.
pub(crate) fn cloud_event_of_node(
    node: &Node<'_>,
    limits: &Limits,
) -> Result<Event, SchemaViolation> {
    if node.members().is_none() {
        let detail = format!("expected an object, found {}", node.value.described());
        return Err(SchemaViolation::whole(Reason::SchemaViolation, detail));
    }
    let mut wrong = None;
    let attributes = Attributes::collect(|name| match node.get(name).map(|node| &node.value) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => {
            Some(Attribute { text, pointer: attribute_pointer(name), prefix: "" })
        }
        Some(other) => {
            let detail = format!("expected a string, found {}", other.described());
            wrong = Some(fault(attribute_pointer(name), detail));
            None
        }
    });
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    let given = |name| node.get(name).filter(|node| node.value != Value::Null);
    match (given("data"), given("data_base64")) {
        (Some(_), Some(_)) => Err(fault("/data_base64", "stands beside data")),
        (Some(data), None) => {
            check_content_type(node)?;
            attributes.event(data, "/data", limits)
        }
        (None, Some(encoded)) => {
            check_content_type(node)?;
            let bytes = decode_base64(encoded)?;
            let inner = |violation| prefixed("/data_base64", violation);
            let text = text_within(&bytes, limits).map_err(inner)?;
            let data = parse_document(text, limits.depth).map_err(inner)?;
            attributes.event(&data, "/data_base64", limits)
        }
        (None, None) => attributes.event(
            &Node { value: Value::Object(Vec::new()), text: "{}" },
            "/data",
            limits,
        ),
    }
}

fn attribute_pointer(name: &str) -> &'static str {
    match name {
        "specversion" => "/specversion",
        "id" => "/id",
        "source" => "/source",
        "type" => "/type",
        "time" => "/time",
        "workspaceid" => "/workspaceid",
        _ => "",
    }
}

fn check_content_type(node: &Node<'_>) -> Result<(), SchemaViolation> {
    match node.get("datacontenttype").map(|node| &node.value) {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(text)) if is_json(Some(text)) => Ok(()),
        Some(_) => Err(fault("/datacontenttype", "only JSON is read, such as application/json")),
    }
}

fn decode_base64(node: &Node<'_>) -> Result<Vec<u8>, SchemaViolation> {
    let Value::String(text) = &node.value else {
        let detail = format!("expected a string, found {}", node.value.described());
        return Err(fault("/data_base64", detail));
    };
    let decoded = base64::engine::general_purpose::STANDARD.decode(text.as_bytes());
    decoded.map_err(|_| SchemaViolation {
        reason: Reason::Malformed,
        ..fault("/data_base64", "not base64 (RFC 4648 section 4, padded)")
    })
}

fn fault(pointer: &str, detail: impl Into<String>) -> SchemaViolation {
    let errors = vec![FieldError { pointer: pointer.to_owned(), detail: detail.into() }];
    SchemaViolation { reason: Reason::SchemaViolation, errors, event_id: None }
}

fn prefixed(pointer: &str, mut violation: SchemaViolation) -> SchemaViolation {
    for error in &mut violation.errors {
        error.pointer.insert_str(0, pointer);
    }
    violation
}
