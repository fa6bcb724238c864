//! From JSON nodes to an [`Event`].
//!
//! Reads on after a fault, putting a placeholder in its place: the caller throws the event away if
//! any fault was noted.

use uuid::Uuid;

use super::fallback::{Attribute, Fallback};
use super::fields::{Object, expected, instant, string};
use crate::event_ids::parse_event_id;
use crate::json::{Node, Value};
use crate::pointer::Path;
use crate::shape::{MAX_CHANGES, check_count};
use crate::text::{TextRule, check_workspace};
use crate::violation::{Fault, Faults};
use crate::{
    Actor, ActorKind, CONTEXT_MEMBERS, Change, Context, Event, Instant, JsonText, Kind, Limits,
    Outcome, Principal, ProducerStamp, Resource, WorkspaceId,
};

const EVENT: &[&str] = &[
    "event_id",
    "occurred_at",
    "workspace_id",
    "actor",
    "action",
    "kind",
    "outcome",
    "resources",
    "context",
    "changes",
    "description",
    "metadata",
    "producer",
];
const PRINCIPAL: &[&str] = &["kind", "id", "name", "email", "on_behalf_of"];
const RESOURCE: &[&str] = &["type", "id", "name"];
const CHANGE: &[&str] = &["path", "before", "after"];
const PRODUCER: &[&str] = &["id", "number"];

/// The event, or `None` if there is none at all; `faults` then says why.
pub(super) fn read_event(
    node: &Node<'_>,
    path: &Path<'_>,
    limits: &Limits,
    fallback: &Fallback<'_>,
    id_if_absent: impl FnOnce() -> Uuid,
    faults: &mut Faults,
) -> Option<Event> {
    let object = Object::read(node, path, EVENT, faults)?;
    faults.event_id = read_event_id(&object, path, faults);
    let workspace = read_workspace(&object, path, fallback.workspace_id, limits, faults);
    let event = Event {
        event_id: faults.event_id.unwrap_or_else(id_if_absent),
        occurred_at: read_occurred_at(&object, path, fallback.occurred_at, faults),
        workspace_id: workspace.clone().unwrap_or_else(WorkspaceId::placeholder),
        actor: read_actor(&object, path, limits, faults),
        action: read_action(&object, path, fallback.action, limits, faults),
        explicit_kind: object.one_of("kind", Kind::parse, Kind::NAMES, path, faults),
        outcome: object
            .one_of("outcome", Outcome::parse, Outcome::NAMES, path, faults)
            .unwrap_or(Outcome::Unknown),
        resources: read_resources(&object, path, limits, faults),
        context: read_context(&object, path, faults),
        changes: read_changes(&object, path, faults),
        description: object.text("description", TextRule::DESCRIPTION, path, faults),
        metadata: read_metadata(&object, path, faults),
        producer: read_producer(&object, path, faults),
    };
    workspace.map(|_| event)
}

fn read_event_id(object: &Object<'_, '_>, path: &Path<'_>, faults: &mut Faults) -> Option<Uuid> {
    let path = path.member("event_id");
    let id = parse_event_id(string(object.get("event_id")?, &path, faults)?);
    if id.is_none() {
        faults.wrong(&path, "not a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057");
    }
    id
}

fn read_occurred_at(
    object: &Object<'_, '_>,
    path: &Path<'_>,
    fallback: Option<Attribute<'_>>,
    faults: &mut Faults,
) -> Option<Instant> {
    match (object.get("occurred_at"), fallback) {
        (Some(node), _) => {
            let path = path.member("occurred_at");
            let text = string(node, &path, faults)?;
            instant(text, &path, "", faults)
        }
        (None, Some(time)) => instant(time.text, &Path::root(time.pointer), time.prefix, faults),
        (None, None) => None,
    }
}

/// A required string that a `CloudEvents` attribute may give instead.
fn required_or_attribute(
    object: &Object<'_, '_>,
    name: &str,
    fallback: Option<Attribute<'_>>,
    check: impl Fn(&str) -> Result<(), Fault>,
    path: &Path<'_>,
    faults: &mut Faults,
) -> Option<String> {
    let path = path.member(name);
    let (text, place, prefix) = match (object.get(name), fallback) {
        (Some(node), _) => (string(node, &path, faults)?, path, ""),
        (None, Some(given)) => (given.text, Path::root(given.pointer), given.prefix),
        (None, None) => {
            faults.wrong(&path, "is required");
            return None;
        }
    };
    match check(text) {
        Ok(()) => Some(text.to_owned()),
        Err(fault) => {
            faults.add(&place, Fault { detail: format!("{prefix}{}", fault.detail), ..fault });
            None
        }
    }
}

fn read_workspace(
    object: &Object<'_, '_>,
    path: &Path<'_>,
    fallback: Option<Attribute<'_>>,
    limits: &Limits,
    faults: &mut Faults,
) -> Option<WorkspaceId> {
    let check = |text: &str| check_workspace(text, limits);
    let text = required_or_attribute(object, "workspace_id", fallback, check, path, faults)?;
    WorkspaceId::new(&text).ok()
}

fn read_action(
    object: &Object<'_, '_>,
    path: &Path<'_>,
    fallback: Option<Attribute<'_>>,
    limits: &Limits,
    faults: &mut Faults,
) -> String {
    let check = |text: &str| TextRule::action(limits).check(text);
    required_or_attribute(object, "action", fallback, check, path, faults).unwrap_or_default()
}

fn read_actor(
    object: &Object<'_, '_>,
    path: &Path<'_>,
    limits: &Limits,
    faults: &mut Faults,
) -> Actor {
    let Some(node) = object.get("actor") else { return Actor::unknown() };
    let path = path.member("actor");
    let Some(actor) = Object::read(node, &path, PRINCIPAL, faults) else {
        return Actor::unknown();
    };
    let principal = read_principal(&actor, &path, limits, faults);
    let on_behalf_of = actor.get("on_behalf_of").and_then(|node| {
        let path = path.member("on_behalf_of");
        let other = Object::read(node, &path, PRINCIPAL, faults)?;
        if other.get("on_behalf_of").is_some() {
            faults.wrong(&path.member("on_behalf_of"), "only one level of on_behalf_of is allowed");
        }
        Some(read_principal(&other, &path, limits, faults))
    });
    Actor { principal, on_behalf_of }
}

fn read_principal(
    object: &Object<'_, '_>,
    path: &Path<'_>,
    limits: &Limits,
    faults: &mut Faults,
) -> Principal {
    let kind = object.one_of("kind", ActorKind::parse, ActorKind::NAMES, path, faults);
    let id = object.text("id", TextRule::SHORT, path, faults);
    let name = object.text("name", TextRule::name(limits), path, faults);
    let email = object.text("email", TextRule::PERSONAL, path, faults);
    let somebody = id.is_some() || name.is_some() || email.is_some();
    let assumed = if somebody { ActorKind::User } else { ActorKind::Unknown };
    Principal { kind: kind.unwrap_or(assumed), id, name, email }
}

fn read_resources(
    object: &Object<'_, '_>,
    path: &Path<'_>,
    limits: &Limits,
    faults: &mut Faults,
) -> Vec<Resource> {
    let items = object.items("resources", path, faults);
    let path = path.member("resources");
    if let Err(fault) = check_count(items.len(), limits.resources, "resources") {
        faults.add(&path, fault);
    }
    let read = |(i, node): (usize, &Node<'_>)| {
        let path = path.index(i);
        let resource = Object::read(node, &path, RESOURCE, faults)?;
        Some(Resource {
            resource_type: resource.required_text("type", TextRule::IDENTIFIER, &path, faults),
            id: resource.required_text("id", TextRule::IDENTIFIER, &path, faults),
            name: resource.text("name", TextRule::name(limits), &path, faults),
        })
    };
    items.iter().enumerate().filter_map(read).collect()
}

fn read_context(object: &Object<'_, '_>, path: &Path<'_>, faults: &mut Faults) -> Context {
    let Some(node) = object.get("context") else { return Context::default() };
    let path = path.member("context");
    let Some(context) = Object::read(node, &path, &CONTEXT_MEMBERS, faults) else {
        return Context::default();
    };
    let mut text = |name, rule| context.text(name, rule, &path, faults);
    Context {
        ip: text("ip", TextRule::PERSONAL),
        user_agent: text("user_agent", TextRule::USER_AGENT),
        request_id: text("request_id", TextRule::SHORT),
        trace_id: text("trace_id", TextRule::SHORT),
        service: text("service", TextRule::SHORT),
        origin: text("origin", TextRule::SHORT),
    }
}

fn read_changes(object: &Object<'_, '_>, path: &Path<'_>, faults: &mut Faults) -> Vec<Change> {
    let items = object.items("changes", path, faults);
    let path = path.member("changes");
    if let Err(fault) = check_count(items.len(), MAX_CHANGES, "changes") {
        faults.add(&path, fault);
    }
    let json_text = |node: &Node<'_>| JsonText::new_checked(node.text.to_owned());
    let read = |(i, node): (usize, &Node<'_>)| {
        let path = path.index(i);
        let change = Object::read(node, &path, CHANGE, faults)?;
        Some(Change {
            path: change.required_text("path", TextRule::SHORT, &path, faults),
            before: change.given("before").map(json_text),
            after: change.given("after").map(json_text),
        })
    };
    items.iter().enumerate().filter_map(read).collect()
}

/// An empty object counts as no metadata.
fn read_metadata(
    object: &Object<'_, '_>,
    path: &Path<'_>,
    faults: &mut Faults,
) -> Option<JsonText> {
    let node = object.get("metadata")?;
    match node.members() {
        Some([]) => None,
        Some(_) => Some(JsonText::new_checked(node.text.to_owned())),
        None => {
            faults.wrong(&path.member("metadata"), expected("an object", node));
            None
        }
    }
}

fn read_producer(
    object: &Object<'_, '_>,
    path: &Path<'_>,
    faults: &mut Faults,
) -> Option<ProducerStamp> {
    let node = object.get("producer")?;
    let path = path.member("producer");
    let producer = Object::read(node, &path, PRODUCER, faults)?;
    let id = producer.required_text("id", TextRule::IDENTIFIER, &path, faults);
    let number = match producer.get("number").map(|node| &node.value) {
        Some(Value::Number(literal)) => literal.parse::<i64>().ok(),
        _ => None,
    };
    match number {
        Some(number @ 1..) => Some(ProducerStamp { id, number: number.unsigned_abs() }),
        _ => {
            faults.wrong(&path.member("number"), "expected an integer from 1 to 2^63 - 1");
            None
        }
    }
}
