//! A row as JSON text, straight from the store's row: pages and exports are mostly this.
//!
//! [`RowShape`](super::RowShape) is what the document says of it.

use annals_schemas::{ChangeView, Labels, ObjectWriter, PrincipalView, ResourceView};
use annals_store::{ResourceNow, RowView};
use serde::Serialize;

use super::principal::status;

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
    pub(crate) fn write(&self, row: &RowView<'_>, out: &mut Vec<u8>) {
        let mut object = ObjectWriter::new(out);
        self.write_members(row, &mut object);
        object.end();
    }

    /// Adds the row's members to an object.
    pub(crate) fn write_members(&self, row: &RowView<'_>, object: &mut ObjectWriter<'_>) {
        self.write_labelled(row, &self.label(row.event.action), object);
    }

    /// The same, with what its action is called.
    pub(super) fn write_labelled(
        &self,
        row: &RowView<'_>,
        label: &str,
        object: &mut ObjectWriter<'_>,
    ) {
        let event = &row.event;
        object.uuid("event_id", &event.event_id);
        object.number("seq", row.seq);
        object.or_null("occurred_at", event.occurred_at, ObjectWriter::moment);
        object.moment("recorded_at", row.recorded_at);
        object.moment("effective_at", row.effective_at);
        object.text("clock", row.clock.as_str());
        object.number("late_by_seconds", row.late_by_seconds);
        object.text("action", event.action);
        object.text("action_label", label);
        object.text("kind", event.kind().as_str());
        object.text("outcome", event.outcome.as_str());
        write_actor(row, object);
        object.objects("resources", resources(row), write_resource);
        let mut context = object.object("context");
        event.context.write_given(&mut context);
        context.end();
        object.objects("changes", event.changes.iter().copied(), ChangeView::write_members);
        object.optional("description", event.description);
        match event.metadata {
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

    /// What an action is called.
    pub(crate) fn label(&self, action: &str) -> String {
        self.labels.label(action, self.language)
    }
}

fn write_actor(row: &RowView<'_>, object: &mut ObjectWriter<'_>) {
    let mut actor = object.object("actor");
    write_principal(row.event.actor, row.actor_former, &mut actor);
    actor.or_null("on_behalf_of", row.event.on_behalf_of, |actor, name, other| {
        let mut on_behalf_of = actor.object(name);
        write_principal(other, row.on_behalf_of_former, &mut on_behalf_of);
        on_behalf_of.end();
    });
    actor.end();
}

fn write_principal(principal: PrincipalView<'_>, former: bool, object: &mut ObjectWriter<'_>) {
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
pub(crate) fn resources<'r>(
    row: &RowView<'r>,
) -> impl Iterator<Item = (ResourceView<'r>, ResourceNow<&'r str>)> {
    row.event.resources.iter().copied().zip(row.resources.iter().copied())
}

/// Adds a resource's members to an object.
pub(crate) fn write_resource(
    (resource, now): (ResourceView<'_>, ResourceNow<&str>),
    object: &mut ObjectWriter<'_>,
) {
    resource.write_members(object);
    object.optional("current_name", now.current_name);
    object.boolean("deleted", now.deleted);
    object.optional("matched_name", now.matched_name);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;
    use utoipa::{PartialSchema as _, ToSchema as _};

    use super::super::RowShape;
    use super::super::row_fixture::row;
    use super::*;

    fn text(is_full: bool, with_positions: bool) -> String {
        let mut text = Vec::new();
        let labels = Labels::default();
        let written = RowText { labels: &labels, language: None, with_positions };
        written.write(&row(is_full).view(), &mut text);
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
}
