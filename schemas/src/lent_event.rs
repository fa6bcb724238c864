//! An event that is looked at once and not kept: where it can, it stands in the record it came in.

use std::borrow::Cow;

use uuid::Uuid;

use crate::{Event, EventView, Instant, ObjectWriter, WorkspaceId};

/// An event within the limits, borrowed from its record where the wire form allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LentEvent<'r> {
    /// Its texts stand in the record's value.
    #[non_exhaustive]
    InPlace {
        /// The workspace's id.
        workspace_id: &'r str,
        /// Everything else.
        event: EventView<'r>,
    },
    /// Any other form, with texts of its own.
    Decoded(Event),
}

impl LentEvent<'_> {
    /// Identity within the workspace.
    pub fn event_id(&self) -> Uuid {
        match self {
            Self::InPlace { event, .. } => event.event_id,
            Self::Decoded(event) => event.event_id,
        }
    }

    /// The workspace's id, 1 to 128 bytes.
    pub fn workspace_id(&self) -> &str {
        match self {
            Self::InPlace { workspace_id, .. } => workspace_id,
            Self::Decoded(event) => event.workspace_id.as_str(),
        }
    }

    /// The producer's clock, if it said.
    pub fn occurred_at(&self) -> Option<Instant> {
        match self {
            Self::InPlace { event, .. } => event.occurred_at,
            Self::Decoded(event) => event.occurred_at,
        }
    }

    /// The action's key.
    pub fn action(&self) -> &str {
        match self {
            Self::InPlace { event, .. } => event.action,
            Self::Decoded(event) => &event.action,
        }
    }

    /// Adds the members of the event JSON to an object, as [`Event::write_members`] does.
    pub fn write_members(&self, object: &mut ObjectWriter<'_>) {
        match self {
            Self::InPlace { workspace_id, event } => event.write_members(workspace_id, object),
            Self::Decoded(event) => event.write_members(object),
        }
    }

    /// The event, to be kept.
    pub fn into_event(self) -> Event {
        match self {
            Self::InPlace { workspace_id, event } => event.to_event(kept(workspace_id)),
            Self::Decoded(event) => event,
        }
    }

    /// The event, copied where it stands in the record.
    pub fn to_event(&self) -> Cow<'_, Event> {
        match self {
            Self::InPlace { workspace_id, event } => Cow::Owned(event.to_event(kept(workspace_id))),
            Self::Decoded(event) => Cow::Borrowed(event),
        }
    }
}

fn kept(workspace_id: &str) -> WorkspaceId {
    WorkspaceId::new(workspace_id).expect("its length was checked with the event")
}
