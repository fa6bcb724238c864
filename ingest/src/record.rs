//! An event to be filled in.

use annals_schemas::{Actor, Context, Event, Instant, Outcome, WorkspaceId};
use uuid::{ContextV7, NoContext, Timestamp, Uuid};

thread_local! {
    static IDS: ContextV7 = const { ContextV7::new() };
}

/// An event with a fresh id (UUIDv7), an unknown actor and nothing optional: fill in what is known.
pub fn new_event(workspace_id: WorkspaceId, action: impl Into<String>, at: Instant) -> Event {
    Event { occurred_at: Some(at), ..undated_event(workspace_id, action) }
}

/// The same without a time: the log's will count.
pub(crate) fn undated_event(workspace_id: WorkspaceId, action: impl Into<String>) -> Event {
    Event {
        event_id: fresh_id(),
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

/// A UUIDv7, later than those that this thread made before. Not `Uuid::now_v7`: that takes a lock
/// that all threads of the process share.
fn fresh_id() -> Uuid {
    IDS.with(|ids| Uuid::new_v7(Timestamp::now(ids)))
}

/// The present time, to the millisecond, as a fresh id has it.
pub(crate) fn now() -> Option<Instant> {
    let (seconds, nanos) = Timestamp::now(NoContext).to_unix();
    let millis = seconds.checked_mul(1_000)?.checked_add(u64::from(nanos) / 1_000_000)?;
    Some(Instant::from_millis_clamped(i64::try_from(millis).ok()?))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_of_threads_differ_and_those_of_one_are_in_order() {
        let make = || (0..20_000).map(|_| fresh_id()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(make)).collect();
        let made: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert!(made.iter().all(|ids| ids.is_sorted_by(|one, next| one < next)));
        assert_eq!(made.into_iter().flatten().collect::<BTreeSet<_>>().len(), 80_000);
    }
}
