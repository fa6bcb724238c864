//! From an [`Event`] to its JSON.

use serde_json::Value;

use crate::json::ObjectWriter;
use crate::{ChangeView, ContextView, Event, EventView, JsonText, PrincipalView, ResourceView};

impl Event {
    /// The event JSON of `docs/EVENT.md`: every member, `null` where nothing was given (`kind` too
    /// if it is not explicit); `producer`, `before` and `after` only if given.
    ///
    /// `parse_event` reads the same event from it. Values in `metadata` and `changes` are as
    /// `serde_json` holds them: an integer beyond 64 bits becomes a double.
    pub fn to_json(&self) -> Value {
        let mut text = Vec::new();
        self.write_json(&mut text);
        serde_json::from_slice(&text).expect("an event's JSON is JSON")
    }

    /// Appends the same on one line; values in `metadata` and `changes` as they were given.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let mut event = ObjectWriter::new(out);
        self.write_members(&mut event);
        event.end();
    }

    /// Adds the same members to an object.
    pub fn write_members(&self, event: &mut ObjectWriter<'_>) {
        EventView::from(self).write_members(self.workspace_id.as_str(), event);
    }
}

impl EventView<'_> {
    /// Adds what [`Event::write_members`] adds for the event of this workspace.
    pub fn write_members(&self, workspace_id: &str, event: &mut ObjectWriter<'_>) {
        event.uuid("event_id", &self.event_id);
        event.or_null("occurred_at", self.occurred_at, ObjectWriter::moment);
        event.text("workspace_id", workspace_id);
        let mut actor = event.object("actor");
        self.actor.write_members(&mut actor);
        actor.or_null("on_behalf_of", self.on_behalf_of, |actor, name, other| {
            let mut on_behalf_of = actor.object(name);
            other.write_members(&mut on_behalf_of);
            on_behalf_of.end();
        });
        actor.end();
        event.text("action", self.action);
        event.optional("kind", self.explicit_kind.map(crate::Kind::as_str));
        event.text("outcome", self.outcome.as_str());
        event.objects("resources", self.resources.iter().copied(), ResourceView::write_members);
        let mut context = event.object("context");
        for (name, value) in self.context.members() {
            context.optional(name, value);
        }
        context.end();
        event.objects("changes", self.changes.iter().copied(), ChangeView::write_members);
        event.optional("description", self.description);
        event.or_null("metadata", self.metadata, ObjectWriter::json);
        if let Some(stamp) = self.producer {
            let mut producer = event.object("producer");
            producer.text("id", stamp.id);
            producer.number("number", stamp.number);
            producer.end();
        }
    }
}

impl ContextView<'_> {
    /// Adds the members that were given to an object.
    pub fn write_given(&self, context: &mut ObjectWriter<'_>) {
        for (name, value) in self.members() {
            context.given(name, value);
        }
    }
}

impl PrincipalView<'_> {
    /// Adds kind, id, name and e-mail to an object.
    pub fn write_members(self, principal: &mut ObjectWriter<'_>) {
        principal.text("kind", self.kind.as_str());
        principal.optional("id", self.id);
        principal.optional("name", self.name);
        principal.optional("email", self.email);
    }
}

impl ResourceView<'_> {
    /// Adds type, id and name to an object.
    pub fn write_members(self, resource: &mut ObjectWriter<'_>) {
        resource.text("type", self.resource_type);
        resource.text("id", self.id);
        resource.optional("name", self.name);
    }
}

impl ChangeView<'_> {
    /// Adds the path, and the values that there were, to an object.
    pub fn write_members(self, change: &mut ObjectWriter<'_>) {
        change.text("path", self.path);
        for (name, value) in [("before", self.before), ("after", self.after)] {
            if let Some(value) = value {
                change.json(name, value);
            }
        }
    }
}

impl JsonText {
    /// The text as a value.
    pub fn to_value(&self) -> Value {
        // Checked when made. `serde_json` could only object to what our reader refuses already.
        serde_json::from_str(self.as_str()).unwrap_or_else(|_| self.as_str().into())
    }
}
