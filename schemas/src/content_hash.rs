//! What an event says, as 32 bytes: equal for equal content, whatever form it came in.

use sha2::{Digest, Sha256};

use crate::json::{self, ObjectWriter, write_canonical};
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
    let mut out = Vec::with_capacity(512);
    let mut object = ObjectWriter::new(&mut out);
    object.uuid("event_id", &event.event_id);
    if let Some(instant) = event.occurred_at {
        object.number("occurred_at", instant.micros());
    }
    object.text("workspace_id", event.workspace_id.as_str());
    let mut actor = object.object("actor");
    write_principal(&event.actor.principal, &mut actor);
    if let Some(principal) = &event.actor.on_behalf_of {
        let mut other = actor.object("on_behalf_of");
        write_principal(principal, &mut other);
        other.end();
    }
    actor.end();
    object.text("action", &event.action);
    object.given("kind", event.explicit_kind.map(Kind::as_str));
    let outcome = Some(event.outcome).filter(|&outcome| outcome != Outcome::Unknown);
    object.given("outcome", outcome.map(Outcome::as_str));
    if !event.resources.is_empty() {
        object.objects("resources", &event.resources, write_resource);
    }
    if event.context != Context::default() {
        let mut context = object.object("context");
        event.context.view().write_given(&mut context);
        context.end();
    }
    if !event.changes.is_empty() {
        object.objects("changes", &event.changes, write_change);
    }
    object.given("description", event.description.as_deref());
    write_json("metadata", event.metadata.as_ref(), &mut object);
    if let Some(producer) = &event.producer {
        let mut stamp = object.object("producer");
        stamp.text("id", &producer.id);
        stamp.number("number", producer.number);
        stamp.end();
    }
    object.end();
    String::from_utf8(out).expect("JSON is UTF-8")
}

fn write_principal(principal: &Principal, object: &mut ObjectWriter<'_>) {
    object.text("kind", principal.kind.as_str());
    object.given("id", principal.id.as_deref());
    object.given("name", principal.name.as_deref());
    object.given("email", principal.email.as_deref());
}

fn write_resource(resource: &Resource, object: &mut ObjectWriter<'_>) {
    object.text("type", &resource.resource_type);
    object.text("id", &resource.id);
    object.given("name", resource.name.as_deref());
}

fn write_change(change: &Change, object: &mut ObjectWriter<'_>) {
    object.text("path", &change.path);
    write_json("before", change.before.as_ref(), object);
    write_json("after", change.after.as_ref(), object);
}

/// In its canonical form, if it was given.
fn write_json(name: &str, text: Option<&JsonText>, object: &mut ObjectWriter<'_>) {
    let Some(text) = text else { return };
    match json::parse(text.as_str(), Limits::HARD.depth) {
        Ok(node) => write_canonical(&node, object.value(name)),
        // Cannot be: every `JsonText` is checked when made.
        Err(_) => object.text(name, text.as_str()),
    }
}
