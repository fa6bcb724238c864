//! The vectors that every client passes: what goes in at the builder, what comes out on the wire.

use annals_schemas::{
    Actor, ActorKind, Context, Event, Instant, Kind, Labels, Limits, Outcome, Principal,
    ProducerStamp, canonical_event, content_hash, hex, parse_event,
};
use serde_json::Value;
use uuid::Uuid;

use crate::EventBuilder;

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn principal(of: &Value) -> Principal {
    let kind = of["kind"].as_str().map_or(ActorKind::User, |kind| ActorKind::parse(kind).unwrap());
    let mut principal = Actor::unknown().principal;
    principal.kind = kind;
    principal.id = text(&of["id"]);
    principal.name = text(&of["name"]);
    principal.email = text(&of["email"]);
    principal
}

fn context(of: &Value) -> Context {
    Context {
        ip: text(&of["ip"]),
        user_agent: text(&of["user_agent"]),
        request_id: text(&of["request_id"]),
        trace_id: text(&of["trace_id"]),
        service: text(&of["service"]),
        origin: text(&of["origin"]),
    }
}

/// The event of a vector's input, by the builder.
fn built(input: &Value) -> Event {
    let given = |name: &str| Some(&input[name]).filter(|value| !value.is_null());
    let str = |name: &str| input[name].as_str().unwrap();
    let mut builder = EventBuilder::new(str("workspace"), str("action")).unwrap();
    if let Some(at) = given("at") {
        builder = builder.at(Instant::parse(at.as_str().unwrap()).unwrap());
    }
    if let Some(by) = given("by") {
        builder = builder.by(principal(by));
    }
    if let Some(behalf) = given("on_behalf_of") {
        builder = builder.on_behalf_of(principal(behalf));
    }
    for on in input["on"].as_array().into_iter().flatten() {
        let [resource_type, id] = ["type", "id"].map(|name| on[name].as_str().unwrap());
        builder = builder.on(resource_type, id, on["name"].as_str());
    }
    if let Some(kind) = given("kind") {
        builder = builder.kind(Kind::parse(kind.as_str().unwrap()).unwrap());
    }
    if let Some(outcome) = given("outcome") {
        builder = builder.outcome(Outcome::parse(outcome.as_str().unwrap()).unwrap());
    }
    if let Some(of) = given("context") {
        builder = builder.context(context(of));
    }
    if let Some(description) = given("description") {
        builder = builder.description(description.as_str().unwrap());
    }
    if input.get("before").is_some() || input.get("after").is_some() {
        builder = builder.changed(&input["before"], &input["after"]).unwrap();
    }
    if let Some(metadata) = given("metadata") {
        builder = builder.metadata(metadata).unwrap();
    }
    let mut event = builder.build();
    event.event_id = Uuid::parse_str(str("event_id")).unwrap();
    event.producer = given("producer").map(|stamp| ProducerStamp {
        id: stamp["id"].as_str().unwrap().to_owned(),
        number: stamp["number"].as_u64().unwrap(),
    });
    event
}

/// The form that clients send: the canonical one, but with the time as a text.
fn wire(event: &Event) -> String {
    let canonical = canonical_event(event);
    match event.occurred_at {
        None => canonical,
        Some(at) => {
            let number = format!("\"occurred_at\":{}", at.micros());
            canonical.replacen(&number, &format!("\"occurred_at\":\"{at}\""), 1)
        }
    }
}

#[test]
fn events_equal_the_vectors() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/vectors/events.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let vectors = vectors.as_array().unwrap();
    assert!(vectors.len() > 10);
    for vector in vectors {
        let name = vector["name"].as_str().unwrap();
        let mut event = built(&vector["input"]);
        let labels = Labels::parse(&vector["actions"].to_string()).unwrap_or_default();
        labels.mask(&mut event);
        let json = vector["json"].as_str().unwrap();
        assert_eq!(wire(&event), json, "{name}");
        let hash = vector["content_hash"].as_str().unwrap();
        assert_eq!(hex(&content_hash(&event)), hash, "{name}");
        // What a client sends is read as the same event.
        let read = parse_event(json.as_bytes(), &Limits::GATEWAY, Uuid::nil).unwrap();
        assert_eq!(hex(&content_hash(&read)), hash, "{name}");
    }
}
