//! An event to be filled in.

use annals_schemas::{Actor, Context, Event, Instant, Outcome, WorkspaceId};
use uuid::Uuid;

/// An event with a fresh id (UUIDv7), an unknown actor and nothing optional: fill in what is known.
pub fn new_event(workspace_id: WorkspaceId, action: impl Into<String>, at: Instant) -> Event {
    Event { occurred_at: Some(at), ..undated_event(workspace_id, action) }
}

/// The same without a time: the log's will count.
pub(crate) fn undated_event(workspace_id: WorkspaceId, action: impl Into<String>) -> Event {
    Event {
        event_id: Uuid::now_v7(),
        occurred_at: None,
        workspace_id,
        actor: Actor::unknown(),
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

/// The present time, to the millisecond as the event's id has it. Takes no lock, which a fresh id
/// would: ids of one process are made one after the other.
pub(crate) fn now() -> Option<Instant> {
    let (seconds, nanos) = uuid::Timestamp::now(uuid::NoContext).to_unix();
    let millis = seconds.checked_mul(1_000)?.checked_add(u64::from(nanos) / 1_000_000)?;
    Some(Instant::from_millis_clamped(i64::try_from(millis).ok()?))
}
