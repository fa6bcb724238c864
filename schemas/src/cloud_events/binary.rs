//! Binary mode: attributes in headers, `data` as the value or body.

use super::{Attributes, is_json};
use crate::event_json::{Attribute, parse_document, text_within};
use crate::json::{Node, Value};
use crate::{Event, Limits, Reason, SchemaViolation};

/// Reads a binary-mode `CloudEvents` event.
///
/// `attribute` gives the value of an attribute by its bare name (`type`, `workspaceid`), wherever
/// the binding keeps it: header `ce_type` on Kafka, `ce-type` on HTTP (percent-decoded). Errors
/// call it `ce_type`. An empty body counts as `{}`.
pub fn parse_cloud_event_binary<'a>(
    attribute: impl Fn(&str) -> Option<&'a str>,
    content_type: Option<&str>,
    body: &[u8],
    limits: &Limits,
) -> Result<Event, SchemaViolation> {
    cloud_event_of_parts(attribute, content_type, body, &limits.capped())
}

pub(crate) fn cloud_event_of_parts<'a>(
    attribute: impl Fn(&str) -> Option<&'a str>,
    content_type: Option<&str>,
    body: &[u8],
    limits: &Limits,
) -> Result<Event, SchemaViolation> {
    let attributes = Attributes::collect(|name| {
        attribute(name).map(|text| Attribute { text, pointer: "", prefix: header_prefix(name) })
    });
    if body.is_empty() {
        let data = Node { value: Value::Object(Vec::new()), text: "{}" };
        return attributes.event(&data, "", limits);
    }
    if !is_json(content_type) {
        let found = crate::text::cut(content_type.unwrap_or_default());
        let detail = format!("header content-type: only JSON data is read, not {found}");
        return Err(SchemaViolation::whole(Reason::UnknownFormat, detail));
    }
    let text = text_within(body, limits)?;
    let data = parse_document(text, limits.depth)?;
    attributes.event(&data, "", limits)
}

fn header_prefix(name: &str) -> &'static str {
    match name {
        "specversion" => "header ce_specversion: ",
        "type" => "header ce_type: ",
        "time" => "header ce_time: ",
        "workspaceid" => "header ce_workspaceid: ",
        _ => "",
    }
}
