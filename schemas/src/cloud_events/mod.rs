//! `CloudEvents` 1.0 (JSON format and the binary mode of the Kafka and HTTP bindings).
//!
//! An event's JSON travels as `data` and wins over attributes. What `data` lacks is taken from
//! them: `type` → `action`, `time` → `occurred_at`, the extension `workspaceid` → `workspace_id`,
//! `source` and `id` → `event_id`. Absent `data` counts as `{}`. Other attributes are legal and
//! not looked at.

mod binary;
mod structured;

pub(crate) use binary::cloud_event_of_parts;
pub use binary::parse_cloud_event_binary;
pub(crate) use structured::cloud_event_of_node;
pub use structured::parse_cloud_event;

use uuid::Uuid;

use crate::event_ids::cloud_event_id;
use crate::event_json::{Attribute, Fallback, event_of_node};
use crate::json::Node;
use crate::{Event, FieldError, Limits, Reason, SchemaViolation};

/// The attributes that matter to an event. Empty ones count as absent.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Attributes<'a> {
    pub specversion: Option<Attribute<'a>>,
    pub id: Option<Attribute<'a>>,
    pub source: Option<Attribute<'a>>,
    pub event_type: Option<Attribute<'a>>,
    pub time: Option<Attribute<'a>>,
    pub workspace_id: Option<Attribute<'a>>,
}

impl<'a> Attributes<'a> {
    /// Asks for each attribute by its name.
    fn collect(mut find: impl FnMut(&'static str) -> Option<Attribute<'a>>) -> Self {
        let mut given = |name| find(name).filter(|attribute| !attribute.text.is_empty());
        Self {
            specversion: given("specversion"),
            id: given("id"),
            source: given("source"),
            event_type: given("type"),
            time: given("time"),
            workspace_id: given("workspaceid"),
        }
    }

    fn check_version(&self) -> Result<(), SchemaViolation> {
        let Some(version) = self.specversion else {
            let detail = "CloudEvents attribute specversion is missing";
            return Err(SchemaViolation::whole(Reason::Malformed, detail));
        };
        if version.text == "1.0" {
            return Ok(());
        }
        let text = crate::text::cut(version.text);
        let detail = format!("{}CloudEvents {text} is not known, only 1.0", version.prefix);
        Err(SchemaViolation {
            reason: Reason::UnknownSchema,
            errors: vec![FieldError { pointer: version.pointer.to_owned(), detail }],
            event_id: None,
        })
    }

    /// The id that source and id give; `source` is not needed if `id` is a UUID.
    fn event_id(&self) -> Option<Uuid> {
        let id = self.id?.text;
        crate::event_ids::parse_event_id(id)
            .or_else(|| self.source.map(|source| cloud_event_id(source.text, id)))
    }

    /// The event made of `data` and these attributes.
    fn event(
        &self,
        data: &Node<'_>,
        pointer: &str,
        limits: &Limits,
    ) -> Result<Event, SchemaViolation> {
        self.check_version()?;
        let fallback = Fallback {
            action: self.event_type,
            occurred_at: self.time,
            workspace_id: self.workspace_id,
        };
        let derived = self.event_id();
        let mut id_is_missing = false;
        let event = event_of_node(data, pointer, limits, &fallback, || {
            id_is_missing = derived.is_none();
            derived.unwrap_or_default()
        });
        if id_is_missing {
            let missing = FieldError {
                pointer: format!("{pointer}/event_id"),
                detail: "is required without CloudEvents attributes source and id".to_owned(),
            };
            return Err(with_error(event, missing));
        }
        event.map_err(|violation| SchemaViolation {
            event_id: violation.event_id.or(derived),
            ..violation
        })
    }
}

/// Adds an error to those found already, if any.
fn with_error(event: Result<Event, SchemaViolation>, error: FieldError) -> SchemaViolation {
    let mut errors = event.err().map(|violation| violation.errors).unwrap_or_default();
    errors.push(error);
    SchemaViolation { reason: Reason::SchemaViolation, errors, event_id: None }
}

/// Whether a content type is JSON: absent, `application/json`, `text/json`, or `…+json`.
fn is_json(content_type: Option<&str>) -> bool {
    let Some(media_type) = content_type.map(media_type) else { return true };
    media_type.is_empty()
        || ["application/json", "text/json"].iter().any(|t| media_type.eq_ignore_ascii_case(t))
        || media_type.len() > 5 && media_type.to_ascii_lowercase().ends_with("+json")
}

/// A content type without its parameters.
pub(crate) fn media_type(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}
