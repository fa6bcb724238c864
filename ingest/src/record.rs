//! An event to be filled in.

use annals_schemas::{Actor, ActorKind, Context, Event, Instant, Outcome, Principal, WorkspaceId};
use uuid::Uuid;

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
