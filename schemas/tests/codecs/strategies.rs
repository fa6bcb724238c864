//! Arbitrary events within the limits.

use annals_schemas::{
    Actor, ActorKind, Change, Context, Event, Instant, JsonText, Kind, Outcome, Principal,
    ProducerStamp, Resource, WorkspaceId,
};
use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use serde_json::Value;
use uuid::Uuid;

/// Any text without NUL: control characters, other scripts, emoji, quotes.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z0-9 ._-]{0,24}",
        1 => "[^\\x00]{0,24}",
        1 => "[\\x01-\\x1f\"\\\\😀é東]{1,8}",
    ]
}

fn non_empty() -> impl Strategy<Value = String> {
    text().prop_map(|text| if text.is_empty() { "x".to_owned() } else { text })
}

fn action() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z_]{1,12}\\.[a-z]{1,12}", "[A-Za-z:]{1,30}", "[^\\pC]{1,64}"]
}

pub fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            btree_map(any::<String>(), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn json_text() -> impl Strategy<Value = JsonText> {
    json().prop_map(|value| JsonText::parse(&value.to_string()).unwrap())
}

fn metadata() -> impl Strategy<Value = JsonText> {
    btree_map(any::<String>(), json(), 1..4).prop_map(|members| {
        let object = Value::Object(members.into_iter().collect());
        JsonText::parse(&object.to_string()).unwrap()
    })
}

fn one_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(all)
}

fn principal() -> impl Strategy<Value = Principal> {
    (one_of(ActorKind::ALL), of(text()), of(text()), of(text()))
        .prop_map(|(kind, id, name, email)| Principal { kind, id, name, email })
}

fn context() -> impl Strategy<Value = Context> {
    (of(text()), of(text()), of(text()), of(text()), of(text()), of(text())).prop_map(
        |(ip, user_agent, request_id, trace_id, service, origin)| Context {
            ip,
            user_agent,
            request_id,
            trace_id,
            service,
            origin,
        },
    )
}

fn resource() -> impl Strategy<Value = Resource> {
    (non_empty(), non_empty(), of(text())).prop_map(|(resource_type, id, name)| Resource {
        resource_type,
        id,
        name,
    })
}

fn change() -> impl Strategy<Value = Change> {
    (text(), of(json_text()), of(json_text())).prop_map(|(path, before, after)| Change {
        path,
        before,
        after,
    })
}

pub fn event() -> impl Strategy<Value = Event> {
    let identity = (any::<u128>(), of(Instant::MIN.micros()..=Instant::MAX.micros()));
    let who = (non_empty(), principal(), of(principal()));
    let what = (action(), of(one_of(Kind::ALL)), one_of(Outcome::ALL), vec(resource(), 0..5));
    let more = (context(), vec(change(), 0..4), of(text()), of(metadata()));
    let producer = of((non_empty(), 1..=i64::MAX.unsigned_abs()));
    (identity, who, what, more, producer).prop_map(|(identity, who, what, more, producer)| Event {
        event_id: Uuid::from_u128(identity.0),
        occurred_at: identity.1.map(|micros| Instant::from_micros(micros).unwrap()),
        workspace_id: WorkspaceId::new(&who.0).unwrap(),
        actor: Actor { principal: who.1, on_behalf_of: who.2 },
        action: what.0,
        explicit_kind: what.1,
        outcome: what.2,
        resources: what.3,
        context: more.0,
        changes: more.1,
        description: more.2,
        metadata: more.3,
        producer: producer.map(|(id, number)| ProducerStamp { id, number }),
    })
}
