//! The part of an event that says who did what to what, borrowed from wherever it stands.
//!
//! Texts are bytes: whoever checked the event knows that they are UTF-8, and nobody looks again.

use smallvec::SmallVec;
use uuid::Uuid;

use crate::kind::kind_of_action_bytes;
use crate::{ActorKind, Event, Kind, Outcome, Principal, Resource};

/// The first fields of an event, up to its resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventHead<'a> {
    /// Identity.
    pub event_id: Uuid,
    /// Microseconds since 1970.
    pub occurred_at: Option<i64>,
    /// The workspace.
    pub workspace_id: &'a [u8],
    /// Who did it.
    pub actor: HeadPrincipal<'a>,
    /// For whom.
    pub on_behalf_of: Option<HeadPrincipal<'a>>,
    /// The action's key.
    pub action: &'a [u8],
    /// The kind, where the producer gave it.
    pub explicit_kind: Option<Kind>,
    /// How it ended.
    pub outcome: Outcome,
    /// What it was done to, the primary one first.
    pub resources: SmallVec<[HeadResource<'a>; 1]>,
}

/// A principal in its wire order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadPrincipal<'a> {
    /// Which kind.
    pub kind: ActorKind,
    /// Stable id.
    pub id: Option<&'a [u8]>,
    /// Name at the time.
    pub name: Option<&'a [u8]>,
    /// E-mail at the time.
    pub email: Option<&'a [u8]>,
}

/// A resource in its wire order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadResource<'a> {
    /// Its type.
    pub resource_type: &'a [u8],
    /// Its id.
    pub id: &'a [u8],
    /// Its name at the time.
    pub name: Option<&'a [u8]>,
}

impl EventHead<'_> {
    /// What [`Event::kind`] says.
    pub fn kind(&self) -> Kind {
        self.explicit_kind.unwrap_or_else(|| kind_of_action_bytes(self.action))
    }
}

impl<'a> From<&'a Event> for EventHead<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            event_id: event.event_id,
            occurred_at: event.occurred_at.map(|instant| instant.micros()),
            workspace_id: event.workspace_id.as_str().as_bytes(),
            actor: (&event.actor.principal).into(),
            on_behalf_of: event.actor.on_behalf_of.as_ref().map(Into::into),
            action: event.action.as_bytes(),
            explicit_kind: event.explicit_kind,
            outcome: event.outcome,
            resources: event.resources.iter().map(Into::into).collect(),
        }
    }
}

impl<'a> From<&'a Principal> for HeadPrincipal<'a> {
    fn from(principal: &'a Principal) -> Self {
        let Principal { kind, id, name, email } = principal;
        let [id, name, email] = [id, name, email].map(|text| text.as_deref().map(str::as_bytes));
        Self { kind: *kind, id, name, email }
    }
}

impl<'a> From<&'a Resource> for HeadResource<'a> {
    fn from(resource: &'a Resource) -> Self {
        let Resource { resource_type, id, name } = resource;
        let name = name.as_deref().map(str::as_bytes);
        Self { resource_type: resource_type.as_bytes(), id: id.as_bytes(), name }
    }
}
