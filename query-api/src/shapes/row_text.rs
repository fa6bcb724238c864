//! A row as JSON text, straight from the store's row: pages and exports are mostly this.
//!
//! [`RowShape`](super::RowShape) is what the document says of it.

use std::collections::HashMap;

use annals_schemas::{Change, Labels, ObjectWriter, Principal, Resource};
use annals_store::{ResourceNow, Row};
use serde::Serialize;

use super::principal::status;

/// What a row adds to the bytes of a tag, about.
const CHANGING_BYTES: usize = 160;

/// How rows are written to one reader.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowText<'a> {
    pub(crate) labels: &'a Labels,
    /// The request's `Accept-Language`.
    pub(crate) language: Option<&'a str>,
    pub(crate) with_positions: bool,
}

impl RowText<'_> {
    /// Appends the row on one line, without its end.
    pub(crate) fn write(&self, row: &Row, out: &mut Vec<u8>) {
        let mut object = ObjectWriter::new(out);
        self.write_members(row, &mut object);
        object.end();
    }

    /// Appends the rows as the first member of an answer, `data`; [`write_beside`] ends it.
    pub(crate) fn write_data(&self, rows: &[Row], out: &mut Vec<u8>) {
        ObjectWriter::new(out).objects("data", rows, |row, object| self.write_members(row, object));
    }

    /// The same; answers what the rows of a page of another state would have other: identities, and
    /// everything that does not follow from the events.
    pub(crate) fn write_page(&self, rows: &[Row], out: &mut Vec<u8>) -> Vec<u8> {
        let mut changing = Vec::with_capacity(CHANGING_BYTES * (rows.len() + 1));
        changing.push(self.with_positions.into());
        let mut labels = HashMap::new();
        ObjectWriter::new(out).objects("data", rows, |row, object| {
            let label = labels.entry(row.event.action.as_str()).or_insert_with(|| self.label(row));
            self.write_labelled(row, label, object);
            push_changing(row, label, &mut changing);
        });
        changing
    }

    /// Adds the row's members to an object.
    pub(crate) fn write_members(&self, row: &Row, object: &mut ObjectWriter<'_>) {
        self.write_labelled(row, &self.label(row), object);
    }

    fn write_labelled(&self, row: &Row, label: &str, object: &mut ObjectWriter<'_>) {
        let event = &row.event;
        object.uuid("event_id", &event.event_id);
        object.number("seq", row.seq);
        object.or_null("occurred_at", event.occurred_at, ObjectWriter::moment);
        object.moment("recorded_at", row.recorded_at);
        object.moment("effective_at", row.effective_at);
        object.text("clock", row.clock.as_str());
        object.number("late_by_seconds", row.late_by_seconds);
        object.text("action", &event.action);
        object.text("action_label", label);
        object.text("kind", event.kind().as_str());
        object.text("outcome", event.outcome.as_str());
        write_actor(row, object);
        object.objects("resources", resources(row), write_resource);
        let mut context = object.object("context");
        event.context.write_given(&mut context);
        context.end();
        object.objects("changes", &event.changes, Change::write_members);
        object.optional("description", event.description.as_deref());
        match &event.metadata {
            Some(metadata) => object.json("metadata", metadata),
            None => object.object("metadata").end(),
        }
        if self.with_positions {
            let mut position = object.object("position");
            position.number("partition", row.position.partition);
            position.number("offset", row.position.offset);
            position.end();
        }
    }

    /// What the action is called.
    pub(crate) fn label(&self, row: &Row) -> String {
        self.labels.label(&row.event.action, self.language)
    }
}

/// Appends the event's identity, and everything of the row that does not follow from the event,
/// so that other rows have other bytes.
fn push_changing(row: &Row, label: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(row.event.event_id.as_bytes());
    out.extend_from_slice(&row.seq.to_le_bytes());
    out.extend_from_slice(&row.recorded_at.micros().to_le_bytes());
    out.push(row.actor_former.into());
    out.push(row.on_behalf_of_former.into());
    push_text(Some(label), out);
    out.extend_from_slice(&(row.resources.len() as u64).to_le_bytes());
    for now in &row.resources {
        push_text(now.current_name.as_deref(), out);
        push_text(now.matched_name.as_deref(), out);
        out.push(now.deleted.into());
    }
}

/// Its length, which no absent one has, and the text.
fn push_text(text: Option<&str>, out: &mut Vec<u8>) {
    out.extend_from_slice(&text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
    out.extend_from_slice(text.unwrap_or_default().as_bytes());
}

fn write_actor(row: &Row, object: &mut ObjectWriter<'_>) {
    let mut actor = object.object("actor");
    write_principal(&row.event.actor.principal, row.actor_former, &mut actor);
    let on_behalf_of = row.event.actor.on_behalf_of.as_ref();
    actor.or_null("on_behalf_of", on_behalf_of, |actor, name, other| {
        let mut on_behalf_of = actor.object(name);
        write_principal(other, row.on_behalf_of_former, &mut on_behalf_of);
        on_behalf_of.end();
    });
    actor.end();
}

fn write_principal(principal: &Principal, former: bool, object: &mut ObjectWriter<'_>) {
    principal.write_members(object);
    object.text("status", status(former));
}

/// Appends what stands beside the rows of an answer, an object with members, and ends the answer.
pub(crate) fn write_beside(beside: &impl Serialize, out: &mut Vec<u8>) {
    let at = out.len();
    serde_json::to_writer(&mut *out, beside).expect("an answer is plain data");
    // Its members go on the object that is open.
    out[at] = b',';
}

/// The resources with what is true of them now.
pub(crate) fn resources(row: &Row) -> impl Iterator<Item = (&Resource, &ResourceNow)> {
    row.event.resources.iter().zip(&row.resources)
}

/// Adds a resource's members to an object.
pub(crate) fn write_resource(
    (resource, now): (&Resource, &ResourceNow),
    object: &mut ObjectWriter<'_>,
) {
    resource.write_members(object);
    object.optional("current_name", now.current_name.as_deref());
    object.boolean("deleted", now.deleted);
    object.optional("matched_name", now.matched_name.as_deref());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use annals_schemas::{Event, Instant, JsonText, Limits, Position, parse_event_value};
    use annals_store::Clock;
    use serde_json::{Value, json};
    use utoipa::{PartialSchema as _, ToSchema as _};

    use super::super::RowShape;
    use super::*;

    /// An event with, or without, everything that may be there.
    fn event(is_full: bool) -> Event {
        let full = json!({
            "event_id": "01930000-0000-7000-8000-00abcdef0123",
            "occurred_at": "2026-10-25T01:30:00.000123Z", "workspace_id": "acme",
            "actor": {"kind": "user", "id": "u1", "name": "Ana \"A\"", "email": "a@x.example",
                "on_behalf_of": {"kind": "user", "id": "u2"}},
            "action": "segment.updated", "outcome": "denied",
            "resources": [{"type": "segment", "id": "s\\1", "name": "VIP é"},
                {"type": "segment", "id": "s2"}],
            "context": {"ip": "::1", "service": "crm"},
            "changes": [{"path": "name", "before": null, "after": [1.5, "x\n"]}, {"path": "b"}],
            "description": "tab\tand \"this\"", "metadata": {"a": {"b": 1e3}},
        });
        let least = json!({"event_id": "01930000-0000-7000-8000-00abcdef0123",
            "workspace_id": "acme", "action": "ping"});
        let given = if is_full { full } else { least };
        let mut event = parse_event_value(&given, &Limits::HARD, uuid::Uuid::nil).unwrap();
        if is_full {
            event.metadata = Some(JsonText::parse(" {\"a\":\r\n 1.50} ").unwrap());
        }
        event
    }

    fn row(is_full: bool) -> Row {
        let event = event(is_full);
        let now = |(at, _): (usize, &Resource)| ResourceNow {
            current_name: (at == 0).then(|| "VIP \\ EU".into()),
            deleted: at == 1,
            matched_name: (at == 1).then(|| "Old".into()),
        };
        let at = Instant::parse("2026-10-25T01:31:00Z").unwrap();
        Row {
            resources: event.resources.iter().enumerate().map(now).collect(),
            seq: u64::MAX,
            recorded_at: at,
            effective_at: event.occurred_at.unwrap_or(at),
            clock: Clock::Producer,
            late_by_seconds: 60,
            position: Position { partition: 3, offset: 1 << 60 },
            actor_former: is_full,
            on_behalf_of_former: !is_full,
            event: Box::new(event),
        }
    }

    fn text(is_full: bool, with_positions: bool) -> String {
        let mut text = Vec::new();
        let labels = Labels::default();
        RowText { labels: &labels, language: None, with_positions }.write(&row(is_full), &mut text);
        String::from_utf8(text).unwrap()
    }

    /// The names of all members, or in a schema of those it describes.
    fn names(value: &Value, is_schema: bool, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| {
                let described = value.as_object().filter(|_| is_schema && name == "properties");
                found.extend(described.into_iter().flat_map(|members| members.keys().cloned()));
                if !is_schema {
                    found.insert(name.clone());
                }
                // What a product puts in is described by nobody.
                if name != "metadata" {
                    names(value, is_schema, found);
                }
            }),
            Value::Array(items) => items.iter().for_each(|item| names(item, is_schema, found)),
            _ => {}
        }
    }

    #[test]
    fn every_member_of_the_document_is_written_and_no_other() {
        let mut schemas = vec![("Row".into(), RowShape::schema())];
        RowShape::schemas(&mut schemas);
        let [mut described, mut written] = [BTreeSet::new(), BTreeSet::new()];
        names(&serde_json::to_value(schemas).unwrap(), true, &mut described);
        names(&serde_json::from_str(&text(true, true)).unwrap(), false, &mut written);
        // Given only if they were.
        for name in ["user_agent", "request_id", "trace_id", "origin"] {
            assert!(described.remove(name), "{name}");
        }
        assert_eq!(written, described);
    }

    #[test]
    fn a_full_row() {
        let expected = concat!(
            r#"{"event_id":"01930000-0000-7000-8000-00abcdef0123","seq":18446744073709551615,"#,
            r#""occurred_at":"2026-10-25T01:30:00.000123Z","recorded_at":"2026-10-25T01:31:00.000000Z","#,
            r#""effective_at":"2026-10-25T01:30:00.000123Z","clock":"producer","late_by_seconds":60,"#,
            r#""action":"segment.updated","action_label":"Segment updated","kind":"update","#,
            r#""outcome":"denied","actor":{"kind":"user","id":"u1","name":"Ana \"A\"","#,
            r#""email":"a@x.example","status":"former","on_behalf_of":{"kind":"user","id":"u2","#,
            r#""name":null,"email":null,"status":"active"}},"resources":[{"type":"segment","#,
            r#""id":"s\\1","name":"VIP é","current_name":"VIP \\ EU","deleted":false,"#,
            r#""matched_name":null},{"type":"segment","id":"s2","name":null,"current_name":null,"#,
            r#""deleted":true,"matched_name":"Old"}],"context":{"ip":"::1","service":"crm"},"#,
            r#""changes":[{"path":"name","before":null,"after":[1.5,"x\n"]},{"path":"b"}],"#,
            r#""description":"tab\tand \"this\"","metadata":{"a":   1.50},"#,
            r#""position":{"partition":3,"offset":1152921504606846976}}"#,
        );
        assert_eq!(text(true, true), expected);
    }

    #[test]
    fn a_row_with_nothing_that_may_be_left_out() {
        let text = text(false, false);
        assert!(text.contains(r#""occurred_at":null,"#), "{text}");
        assert!(text.contains(r#""resources":[],"context":{},"changes":[],"#), "{text}");
        assert!(text.ends_with(r#""description":null,"metadata":{}}"#), "{text}");
        assert!(text.contains(r#""on_behalf_of":null}"#), "{text}");
    }

    #[test]
    fn what_stands_beside_rows_follows_them() {
        let labels = Labels::default();
        let written = RowText { labels: &labels, language: None, with_positions: false };
        let mut out = Vec::new();
        let changing = written.write_page(&[row(true), row(false)], &mut out);
        assert!(!changing.is_empty());
        let mut same = Vec::new();
        written.write_data(&[row(true), row(false)], &mut same);
        assert_eq!(out, same);
        write_beside(&json!({"next": "x"}), &mut out);
        let rows = [text(true, false), text(false, false)].join(",");
        let expected = format!("{{\"data\":[{rows}],\"next\":\"x\"}}");
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn whatever_is_true_of_a_row_now_changes_its_tag() {
        let labels = Labels::default();
        let tagged = |change: fn(&mut Row)| {
            let mut row = row(true);
            change(&mut row);
            let text = RowText { labels: &labels, language: None, with_positions: true };
            text.write_page(&[row], &mut Vec::new())
        };
        let same = tagged(|_| {});
        let changes: [fn(&mut Row); 6] = [
            |row| row.actor_former = false,
            |row| row.on_behalf_of_former = true,
            |row| row.resources[0].current_name = None,
            |row| row.resources[1].deleted = false,
            |row| row.resources[1].matched_name = None,
            |row| row.seq = 7,
        ];
        assert!(changes.into_iter().all(|change| tagged(change) != same));
        assert_eq!(tagged(|row| row.event.changes.clear()), same, "an event never changes");
    }
}
