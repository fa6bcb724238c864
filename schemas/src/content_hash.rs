//! What an event says, as 32 bytes: equal for equal content, whatever form it came in.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::json::{self, write_canonical, write_string};
use crate::{Change, Context, Event, JsonText, Kind, Limits, Outcome, Principal, Resource};

/// SHA-256 over [`canonical_event`]. Two records with one event id are duplicates if this is equal,
/// else they are in conflict.
pub fn content_hash(event: &Event) -> [u8; 32] {
    Sha256::digest(canonical_event(event)).into()
}

/// The event as one canonical JSON text: fields in the order of the Avro schema, those not given
/// left out, JSON within `metadata` and `changes` in the form of RFC 8785.
///
/// Exactly: `occurred_at` is a number of microseconds; an unknown outcome is left out; the kind
/// stands only if explicit; empty context, metadata and arrays are left out. One departure from
/// RFC 8785: integers that fit 64 bits are kept exact, because read as doubles the ids
/// 9007199254740992 and 9007199254740993 would be equal. Headers, wire form, key and the log's time
/// have no part. Frozen with fold version 1.
pub fn canonical_event(event: &Event) -> String {
    let mut object = ObjectWriter::start(String::with_capacity(512));
    object.text("event_id", Some(event.event_id.hyphenated().encode_lower(&mut [0; 36])));
    if let Some(instant) = event.occurred_at {
        // Writing to a String cannot fail.
        let _ = write!(object.member("occurred_at"), "{}", instant.micros());
    }
    object.text("workspace_id", Some(event.workspace_id.as_str()));
    let mut actor = ObjectWriter::start(std::mem::take(object.member("actor")));
    actor.principal(&event.actor.principal);
    if let Some(principal) = &event.actor.on_behalf_of {
        let mut other = ObjectWriter::start(std::mem::take(actor.member("on_behalf_of")));
        other.principal(principal);
        actor.out = other.end();
    }
    object.out = actor.end();
    object.text("action", Some(&event.action));
    object.text("kind", event.explicit_kind.map(Kind::as_str));
    let outcome = Some(event.outcome).filter(|&outcome| outcome != Outcome::Unknown);
    object.text("outcome", outcome.map(Outcome::as_str));
    object.array("resources", &event.resources, write_resource);
    object.context(&event.context);
    object.array("changes", &event.changes, write_change);
    object.text("description", event.description.as_deref());
    object.json("metadata", event.metadata.as_ref());
    if let Some(producer) = &event.producer {
        let mut stamp = ObjectWriter::start(std::mem::take(object.member("producer")));
        stamp.text("id", Some(&producer.id));
        let _ = write!(stamp.member("number"), "{}", producer.number);
        object.out = stamp.end();
    }
    object.end()
}

fn write_resource(object: &mut ObjectWriter, resource: &Resource) {
    object.text("type", Some(&resource.resource_type));
    object.text("id", Some(&resource.id));
    object.text("name", resource.name.as_deref());
}

fn write_change(object: &mut ObjectWriter, change: &Change) {
    object.text("path", Some(&change.path));
    object.json("before", change.before.as_ref());
    object.json("after", change.after.as_ref());
}

/// Writes one JSON object at the end of a text.
struct ObjectWriter {
    out: String,
    is_empty: bool,
}

impl ObjectWriter {
    fn start(mut out: String) -> Self {
        out.push('{');
        Self { out, is_empty: true }
    }

    fn end(mut self) -> String {
        self.out.push('}');
        self.out
    }

    /// Starts a member; its value is to be written to the text returned.
    fn member(&mut self, name: &str) -> &mut String {
        if !std::mem::take(&mut self.is_empty) {
            self.out.push(',');
        }
        write_string(name, &mut self.out);
        self.out.push(':');
        &mut self.out
    }

    fn text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            write_string(text, self.member(name));
        }
    }

    fn json(&mut self, name: &str, text: Option<&JsonText>) {
        let Some(text) = text else { return };
        let out = self.member(name);
        match json::parse(text.as_str(), Limits::HARD.depth) {
            Ok(node) => write_canonical(&node, out),
            // Cannot be: every `JsonText` is checked when made.
            Err(_) => write_string(text.as_str(), out),
        }
    }

    fn principal(&mut self, principal: &Principal) {
        self.text("kind", Some(principal.kind.as_str()));
        self.text("id", principal.id.as_deref());
        self.text("name", principal.name.as_deref());
        self.text("email", principal.email.as_deref());
    }

    fn context(&mut self, context: &Context) {
        if *context == Context::default() {
            return;
        }
        let mut object = Self::start(std::mem::take(self.member("context")));
        object.text("ip", context.ip.as_deref());
        object.text("user_agent", context.user_agent.as_deref());
        object.text("request_id", context.request_id.as_deref());
        object.text("trace_id", context.trace_id.as_deref());
        object.text("service", context.service.as_deref());
        object.text("origin", context.origin.as_deref());
        self.out = object.end();
    }

    fn array<T>(&mut self, name: &str, items: &[T], write: fn(&mut Self, &T)) {
        if items.is_empty() {
            return;
        }
        let mut out = std::mem::take(self.member(name));
        for (i, item) in items.iter().enumerate() {
            out.push(if i == 0 { '[' } else { ',' });
            let mut object = Self::start(out);
            write(&mut object, item);
            out = object.end();
        }
        out.push(']');
        self.out = out;
    }
}
