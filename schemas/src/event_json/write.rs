//! From an [`Event`] to its JSON.

use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    ActorKind, Change, Context, Event, Instant, JsonText, Kind, Outcome, Principal, ProducerStamp,
    Resource,
};

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
        serde_json::to_writer(out, &EventMembers::of(self)).expect("an event is plain data");
    }
}

impl JsonText {
    /// The text as a value.
    pub fn to_value(&self) -> Value {
        // Checked when made. `serde_json` could only object to what our reader refuses already.
        serde_json::from_str(self.as_str()).unwrap_or_else(|_| self.as_str().into())
    }
}

#[derive(Serialize)]
struct EventMembers<'a> {
    event_id: Uuid,
    #[serde(serialize_with = "moment")]
    occurred_at: Option<Instant>,
    workspace_id: &'a str,
    actor: ActorMembers<'a>,
    action: &'a str,
    kind: Option<Kind>,
    outcome: Outcome,
    resources: Vec<ResourceMembers<'a>>,
    context: ContextMembers<'a>,
    changes: Vec<ChangeMembers<'a>>,
    description: &'a Option<String>,
    metadata: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    producer: Option<ProducerMembers<'a>>,
}

#[derive(Serialize)]
struct PrincipalMembers<'a> {
    kind: ActorKind,
    id: &'a Option<String>,
    name: &'a Option<String>,
    email: &'a Option<String>,
}

#[derive(Serialize)]
struct ActorMembers<'a> {
    kind: ActorKind,
    id: &'a Option<String>,
    name: &'a Option<String>,
    email: &'a Option<String>,
    on_behalf_of: Option<PrincipalMembers<'a>>,
}

#[derive(Serialize)]
struct ResourceMembers<'a> {
    r#type: &'a str,
    id: &'a str,
    name: &'a Option<String>,
}

#[derive(Serialize)]
struct ContextMembers<'a> {
    ip: &'a Option<String>,
    user_agent: &'a Option<String>,
    request_id: &'a Option<String>,
    trace_id: &'a Option<String>,
    service: &'a Option<String>,
    origin: &'a Option<String>,
}

#[derive(Serialize)]
struct ChangeMembers<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Text<'a>>,
}

#[derive(Serialize)]
struct ProducerMembers<'a> {
    id: &'a str,
    number: u64,
}

/// JSON as it was given.
struct Text<'a>(&'a JsonText);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.as_str();
        // Within strings line ends are escaped, so those that are there are mere white space.
        if text.contains(['\n', '\r']) {
            let line = RawValue::from_string(text.replace(['\n', '\r'], " "));
            return line.map_err(serde::ser::Error::custom)?.serialize(serializer);
        }
        let text: &RawValue = serde_json::from_str(text).map_err(serde::ser::Error::custom)?;
        text.serialize(serializer)
    }
}

fn moment<S: Serializer>(at: &Option<Instant>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.collect_str(at),
        None => serializer.serialize_none(),
    }
}

impl<'a> EventMembers<'a> {
    fn of(event: &'a Event) -> Self {
        let PrincipalMembers { kind, id, name, email } = principal(&event.actor.principal);
        let on_behalf_of = event.actor.on_behalf_of.as_ref().map(principal);
        Self {
            event_id: event.event_id,
            occurred_at: event.occurred_at,
            workspace_id: event.workspace_id.as_str(),
            actor: ActorMembers { kind, id, name, email, on_behalf_of },
            action: &event.action,
            kind: event.explicit_kind,
            outcome: event.outcome,
            resources: event.resources.iter().map(resource).collect(),
            context: context(&event.context),
            changes: event.changes.iter().map(change).collect(),
            description: &event.description,
            metadata: event.metadata.as_ref().map(Text),
            producer: event.producer.as_ref().map(producer),
        }
    }
}

fn principal(Principal { kind, id, name, email }: &Principal) -> PrincipalMembers<'_> {
    PrincipalMembers { kind: *kind, id, name, email }
}

fn resource(Resource { resource_type, id, name }: &Resource) -> ResourceMembers<'_> {
    ResourceMembers { r#type: resource_type, id, name }
}

fn context(context: &Context) -> ContextMembers<'_> {
    let Context { ip, user_agent, request_id, trace_id, service, origin } = context;
    ContextMembers { ip, user_agent, request_id, trace_id, service, origin }
}

fn change(Change { path, before, after }: &Change) -> ChangeMembers<'_> {
    ChangeMembers { path, before: before.as_ref().map(Text), after: after.as_ref().map(Text) }
}

fn producer(ProducerStamp { id, number }: &ProducerStamp) -> ProducerMembers<'_> {
    ProducerMembers { id, number: *number }
}
