//! Events and outcomes as the document of the API draws them. What is accepted is decided in
//! `annals_schemas`; a test compares the two.
#![expect(dead_code, reason = "drawn for the document")]

use std::collections::BTreeMap;

use annals_schemas::{ActorKind, Kind, Outcome};
use annals_service::openapi::{one_of, problems};
use annals_service::problem::ProblemKind;
use serde_json::{Map, Value, json};
use utoipa::openapi::{Object, RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

/// An event as it is sent. Unknown members are refused by name; anything may go under `metadata`.
#[derive(ToSchema)]
#[schema(as = NewEvent, example = example)]
pub(super) struct EventShape {
    /// A UUID; assigned and returned if absent.
    event_id: Option<String>,
    /// RFC 3339 with a zone; the log's time if absent.
    occurred_at: Option<String>,
    #[schema(min_length = 1, max_length = 128)]
    workspace_id: String,
    actor: Option<PrincipalShape>,
    /// `noun.verb` is recommended. `audit_log.` and `annals.` are reserved.
    #[schema(min_length = 1, max_length = 128)]
    action: String,
    /// Found from the action if absent.
    #[schema(schema_with = kinds)]
    kind: Option<String>,
    #[schema(schema_with = outcomes)]
    outcome: Option<String>,
    #[schema(max_items = 32)]
    resources: Option<Vec<ResourceShape>>,
    context: Option<ContextShape>,
    changes: Option<Vec<ChangeShape>>,
    description: Option<String>,
    metadata: Option<Map<String, Value>>,
    producer: Option<ProducerShape>,
}

/// Who acted, or for whom.
#[derive(ToSchema)]
#[schema(as = NewPrincipal)]
struct PrincipalShape {
    #[schema(schema_with = actor_kinds)]
    kind: Option<String>,
    id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    /// On one level only.
    #[schema(no_recursion)]
    on_behalf_of: Option<Box<PrincipalShape>>,
}

/// What was acted on.
#[derive(ToSchema)]
#[schema(as = NewResource)]
struct ResourceShape {
    #[schema(min_length = 1)]
    r#type: String,
    #[schema(min_length = 1)]
    id: String,
    name: Option<String>,
}

/// Where it came from.
#[derive(ToSchema)]
#[schema(as = NewContext)]
struct ContextShape {
    ip: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
    trace_id: Option<String>,
    service: Option<String>,
    origin: Option<String>,
}

/// One changed field; a value is absent when the field was not there.
#[derive(ToSchema)]
#[schema(as = NewChange)]
struct ChangeShape {
    path: String,
    before: Option<Value>,
    after: Option<Value>,
}

/// The sender's own counter.
#[derive(ToSchema)]
#[schema(as = NewProducer)]
struct ProducerShape {
    #[schema(min_length = 1)]
    id: String,
    #[schema(minimum = 1)]
    number: i64,
}

/// The problems of both routes.
pub(super) struct PostProblems;

impl IntoResponses for PostProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        use ProblemKind as P;
        problems(&[
            P::InvalidParameter,
            P::Unauthenticated,
            P::Forbidden,
            P::NotFound,
            P::PayloadTooLarge,
            P::SchemaViolation,
            P::RateLimited,
            P::LogUnavailable,
            P::Timeout,
        ])
    }
}

fn kinds() -> Object {
    one_of(Kind::NAMES)
}

fn outcomes() -> Object {
    one_of(Outcome::NAMES)
}

fn actor_kinds() -> Object {
    one_of(ActorKind::NAMES)
}

/// An event with every member.
fn example() -> Value {
    json!({
        "event_id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "occurred_at": "2026-10-25T01:30:00.000123Z",
        "workspace_id": "acme",
        "actor": {
            "kind": "user", "id": "u1", "name": "Ana", "email": "ana@acme.test",
            "on_behalf_of": null,
        },
        "action": "segment.updated", "kind": "update", "outcome": "success",
        "resources": [{"type": "segment", "id": "s9", "name": "VIP EU"}],
        "context": {
            "ip": "203.0.113.7", "user_agent": "curl/8.5", "request_id": "r-1",
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "service": "segments-api",
            "origin": null,
        },
        "changes": [{"path": "filter.country", "before": ["FR"], "after": ["FR", "DE"]}],
        "description": null,
        "metadata": {"any": "json"},
        "producer": {"id": "segments-api-1", "number": 1},
    })
}

#[cfg(test)]
mod tests {
    use annals_schemas::{Limits, parse_event};
    use utoipa::PartialSchema;

    use super::*;

    /// Members of an object.
    fn names(object: &Value) -> Vec<&String> {
        let mut names: Vec<_> = object.as_object().unwrap().keys().collect();
        names.sort_unstable();
        names
    }

    /// A member that is read and not drawn would be nobody's to find.
    #[test]
    fn what_is_drawn_is_what_is_read() {
        let example = example();
        let text = example.to_string();
        parse_event(text.as_bytes(), &Limits::GATEWAY, uuid::Uuid::new_v4).unwrap();
        let drawn = |schema: RefOr<utoipa::openapi::Schema>| serde_json::to_value(schema).unwrap();
        for (schema, value) in [
            (drawn(EventShape::schema()), &example),
            (drawn(PrincipalShape::schema()), &example["actor"]),
            (drawn(ResourceShape::schema()), &example["resources"][0]),
            (drawn(ContextShape::schema()), &example["context"]),
            (drawn(ChangeShape::schema()), &example["changes"][0]),
            (drawn(ProducerShape::schema()), &example["producer"]),
        ] {
            assert_eq!(names(&schema["properties"]), names(value));
        }
    }
}
