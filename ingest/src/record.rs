//! From an event to the record that stands for it on the log.

use annals_schemas::{
    Actor, ActorKind, Context, Event, Header, Instant, NewRecord, Outcome, Principal,
    SCHEMA_HEADER, WorkspaceId, encode_avro,
};
use bytes::Bytes;
use uuid::Uuid;

/// The record: key, Avro single-object bytes, and the headers that say so.
pub fn new_record(event: &Event, traceparent: Option<&str>) -> NewRecord {
    let mut headers = vec![
        Header::new("content-type", Bytes::from_static(b"application/avro")),
        Header::new(SCHEMA_HEADER, Bytes::from_static(b"1")),
    ];
    if let Some(traceparent) = traceparent {
        headers.push(Header::new("traceparent", Bytes::copy_from_slice(traceparent.as_bytes())));
    }
    NewRecord {
        key: Some(Bytes::copy_from_slice(event.workspace_id.as_str().as_bytes())),
        value: Some(Bytes::from(encode_avro(event))),
        headers,
    }
}

/// An event with a fresh id (UUIDv7), an unknown actor and nothing optional: fill in what is known.
pub fn new_event(workspace_id: WorkspaceId, action: impl Into<String>, at: Instant) -> Event {
    let nobody = Principal { kind: ActorKind::Unknown, id: None, name: None, email: None };
    Event {
        event_id: Uuid::now_v7(),
        occurred_at: Some(at),
        workspace_id,
        actor: Actor { principal: nobody, on_behalf_of: None },
        action: action.into(),
        explicit_kind: None,
        outcome: Outcome::Unknown,
        resources: Vec::new(),
        context: Context::default(),
        changes: Vec::new(),
        description: None,
        metadata: None,
        producer: None,
    }
}
