//! A row of `events.ndjson`, held against the event that its record decodes to.
//!
//! What follows from the event is compared; what is as of the export (labels, present names,
//! `status`, `deleted`, `late_by_seconds`) is vouched for by the manifest's signature alone.

use std::borrow::Cow;

use annals_schemas::{Event, Instant, JsonText, Principal, Record};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde_json::value::RawValue;

/// Text that is borrowed where nothing is escaped in it.
#[derive(Debug, PartialEq, Eq)]
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("text")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Reader)
    }
}

type Optional<'a> = Option<Text<'a>>;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "members that do not follow from the event have to be there")]
struct Row<'a> {
    #[serde(borrow)]
    event_id: Text<'a>,
    seq: u64,
    occurred_at: Optional<'a>,
    recorded_at: Text<'a>,
    effective_at: Text<'a>,
    clock: Text<'a>,
    late_by_seconds: i64,
    action: Text<'a>,
    action_label: Text<'a>,
    kind: Text<'a>,
    outcome: Text<'a>,
    actor: Actor<'a>,
    resources: Vec<Resource<'a>>,
    context: Context<'a>,
    changes: Vec<Change<'a>>,
    description: Optional<'a>,
    metadata: &'a RawValue,
    position: Position,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "as above")]
struct Actor<'a> {
    #[serde(borrow)]
    kind: Text<'a>,
    id: Optional<'a>,
    name: Optional<'a>,
    email: Optional<'a>,
    status: Text<'a>,
    #[serde(default)]
    on_behalf_of: Option<Box<Actor<'a>>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "as above")]
struct Resource<'a> {
    #[serde(borrow)]
    r#type: Text<'a>,
    id: Text<'a>,
    name: Optional<'a>,
    current_name: Optional<'a>,
    deleted: bool,
    matched_name: Optional<'a>,
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Context<'a> {
    #[serde(borrow)]
    ip: Optional<'a>,
    user_agent: Optional<'a>,
    request_id: Optional<'a>,
    trace_id: Optional<'a>,
    service: Optional<'a>,
    origin: Optional<'a>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Change<'a> {
    #[serde(borrow)]
    path: Text<'a>,
    #[serde(default, deserialize_with = "present")]
    before: Option<&'a RawValue>,
    #[serde(default, deserialize_with = "present")]
    after: Option<&'a RawValue>,
}

/// `null` is a value here.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Position {
    partition: u32,
    offset: u64,
}

/// The seq of a row that stands for this event; otherwise what is wrong with it.
pub(super) fn seq_of_parsed(line: &[u8], event: &Event, record: &Record) -> Result<u64, String> {
    // Looked at once as a whole: then the parser need not look at each text.
    let line = std::str::from_utf8(line).map_err(|_| "it is not UTF-8")?;
    let row: Row<'_> =
        serde_json::from_str(line).map_err(|error| format!("it is no row: {error}"))?;
    match row.difference(event, record) {
        Some(member) => Err(format!("{member} is not what was recorded")),
        None => Ok(row.seq),
    }
}

impl Row<'_> {
    /// The first member that is not the event's; `None` if all are.
    fn difference(&self, event: &Event, record: &Record) -> Option<&'static str> {
        let recorded_at = Instant::from_millis_clamped(record.timestamp_ms).to_string();
        let occurred_at = event.occurred_at.map(|at| at.to_string());
        let mut id = [0; 36];
        let place = (self.position.partition, self.position.offset);
        let effective = Some(&*self.effective_at.0);
        let is_effective = effective == Some(&*recorded_at) || effective == occurred_at.as_deref();
        let checks = [
            ("position", place == (record.position.partition, record.position.offset)),
            ("event_id", *self.event_id.0 == *event.event_id.hyphenated().encode_lower(&mut id)),
            ("occurred_at", is_same(&self.occurred_at, &occurred_at)),
            ("recorded_at", *self.recorded_at.0 == *recorded_at),
            ("effective_at", is_effective),
            ("action", *self.action.0 == *event.action),
            ("kind", *self.kind.0 == *event.kind().as_str()),
            ("outcome", *self.outcome.0 == *event.outcome.as_str()),
            ("actor", self.actor.is(&event.actor.principal)),
            ("actor.on_behalf_of", self.is_on_behalf_of(event)),
            ("resources", self.are_resources(event)),
            ("context", self.is_context(event)),
            ("changes", self.are_changes(event)),
            ("description", is_same(&self.description, &event.description)),
            ("metadata", is_json(Some(self.metadata), event.metadata.as_ref(), "{}")),
        ];
        checks.into_iter().find(|(_, is_same)| !is_same).map(|(member, _)| member)
    }

    fn is_on_behalf_of(&self, event: &Event) -> bool {
        match (&self.actor.on_behalf_of, &event.actor.on_behalf_of) {
            (None, None) => true,
            (Some(row), Some(event)) => row.is(event) && row.on_behalf_of.is_none(),
            _ => false,
        }
    }

    fn are_resources(&self, event: &Event) -> bool {
        let is_same = |(row, event): (&Resource<'_>, &annals_schemas::Resource)| {
            *row.r#type.0 == *event.resource_type
                && *row.id.0 == *event.id
                && is_same(&row.name, &event.name)
        };
        self.resources.len() == event.resources.len()
            && self.resources.iter().zip(&event.resources).all(is_same)
    }

    fn is_context(&self, event: &Event) -> bool {
        let (row, event) = (&self.context, &event.context);
        is_same(&row.ip, &event.ip)
            && is_same(&row.user_agent, &event.user_agent)
            && is_same(&row.request_id, &event.request_id)
            && is_same(&row.trace_id, &event.trace_id)
            && is_same(&row.service, &event.service)
            && is_same(&row.origin, &event.origin)
    }

    fn are_changes(&self, event: &Event) -> bool {
        let is_same = |(row, event): (&Change<'_>, &annals_schemas::Change)| {
            *row.path.0 == *event.path
                && is_json(row.before, event.before.as_ref(), "")
                && is_json(row.after, event.after.as_ref(), "")
        };
        self.changes.len() == event.changes.len()
            && self.changes.iter().zip(&event.changes).all(is_same)
    }
}

impl Actor<'_> {
    fn is(&self, principal: &Principal) -> bool {
        *self.kind.0 == *principal.kind.as_str()
            && is_same(&self.id, &principal.id)
            && is_same(&self.name, &principal.name)
            && is_same(&self.email, &principal.email)
    }
}

fn is_same(row: &Optional<'_>, event: &Option<String>) -> bool {
    row.as_ref().map(|text| &*text.0) == event.as_deref()
}

/// JSON as it was given; line ends between its members have become blanks in a row.
fn is_json(row: Option<&RawValue>, event: Option<&JsonText>, absent: &str) -> bool {
    let row = row.map_or("", RawValue::get);
    let event = event.map_or(absent, JsonText::as_str).trim();
    let blank = |byte: u8| if byte == b'\n' || byte == b'\r' { b' ' } else { byte };
    row.bytes().eq(event.bytes().map(blank))
}
