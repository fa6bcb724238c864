//! The event that tells of losses: recorders write it, and the gateway takes it from them.
//!
//! It is the one action of Annals' own that clients may send, and only in exactly this shape: what
//! was lost must reach the log the way everything else does.

use annals_schemas::{ActorKind, Event, JsonText, Outcome, WorkspaceId};
use serde::{Deserialize, Serialize};

/// The action under which losses are told.
pub(crate) const ACTION: &str = "annals.events_lost";
/// Who tells.
const ACTOR_ID: &str = "annals-recorder";

/// Events of one workspace that were lost, by the numbers of the recorder that lost them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventsLost {
    /// The recorder.
    pub producer_id: String,
    /// How many.
    pub events: u64,
    /// Lowest number among them; others between the two may have been delivered.
    pub first_number: u64,
    /// Highest number among them.
    pub last_number: u64,
    /// Earliest of their own times; `None` if none had one.
    pub first_at: Option<String>,
    /// Latest of their own times.
    pub last_at: Option<String>,
}

impl EventsLost {
    /// The event that tells of it, at the log's time.
    pub fn event(&self, workspace: &WorkspaceId) -> Event {
        let mut event = crate::record::undated_event(workspace.clone(), ACTION);
        event.actor.principal.kind = ActorKind::Service;
        event.actor.principal.id = Some(ACTOR_ID.to_owned());
        event.outcome = Outcome::Failure;
        let metadata = serde_json::to_string(self).expect("numbers and texts are JSON");
        event.metadata = JsonText::parse(&metadata).ok();
        event
    }

    /// Whether an event is such a one and nothing more.
    #[cfg(any(feature = "gateway", test))]
    pub fn is_told_by(event: &Event) -> bool {
        if event.action != ACTION {
            return false;
        }
        let metadata = event.metadata.as_ref().map(JsonText::as_str).unwrap_or_default();
        let Ok(told) = serde_json::from_str::<Self>(metadata) else { return false };
        let parses = |at: &String| annals_schemas::Instant::parse(at).is_ok();
        let is_time = |at: &Option<String>| at.as_ref().is_none_or(parses);
        let bare = Event {
            event_id: event.event_id,
            occurred_at: event.occurred_at,
            metadata: event.metadata.clone(),
            ..told.event(&event.workspace_id)
        };
        *event == bare
            && is_time(&told.first_at)
            && is_time(&told.last_at)
            && (1..=told.last_number).contains(&told.first_number)
            && (1..=told.last_number - told.first_number + 1).contains(&told.events)
    }
}

#[cfg(test)]
mod tests {
    use annals_schemas::Resource;

    use super::*;

    fn told() -> (EventsLost, Event) {
        let lost = EventsLost {
            producer_id: "r1".to_owned(),
            events: 3,
            first_number: 4,
            last_number: 9,
            first_at: Some("1970-01-01T00:00:00.004000Z".to_owned()),
            last_at: None,
        };
        let event = lost.event(&WorkspaceId::new("acme").unwrap());
        (lost, event)
    }

    #[test]
    fn what_tells_of_losses_is_known_by_its_shape() {
        let (_, event) = told();
        assert!(EventsLost::is_told_by(&event));
        let resource =
            Resource { resource_type: "source".into(), id: "p1".into(), name: Some("x".into()) };
        let others: [fn(&mut Event); 5] = [
            |event| event.action = "annals.events_found".to_owned(),
            |event| event.actor.principal.id = Some("u1".to_owned()),
            |event| event.outcome = Outcome::Success,
            |event| event.description = Some("nothing to see".to_owned()),
            |event| event.metadata = None,
        ];
        for change in others {
            let mut event = event.clone();
            change(&mut event);
            assert!(!EventsLost::is_told_by(&event), "{event:?}");
        }
        let mut with_resource = event;
        with_resource.resources.push(resource);
        assert!(!EventsLost::is_told_by(&with_resource));
    }

    #[test]
    fn numbers_that_cannot_be_tell_of_nothing() {
        let (lost, _) = told();
        let workspace = WorkspaceId::new("acme").unwrap();
        let is_told = |lost: EventsLost| EventsLost::is_told_by(&lost.event(&workspace));
        assert!(!is_told(EventsLost { events: 7, ..lost.clone() }), "more than numbers");
        assert!(!is_told(EventsLost { events: 0, ..lost.clone() }));
        assert!(!is_told(EventsLost { first_number: 10, ..lost.clone() }));
        assert!(!is_told(EventsLost { first_number: 0, ..lost.clone() }));
        let at = Some("yesterday".to_owned());
        assert!(!is_told(EventsLost { first_at: at, ..lost }));
    }
}
