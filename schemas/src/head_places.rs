//! Where the texts of an event's head stand in a record's value.

use smallvec::SmallVec;
use uuid::Uuid;

use crate::{ActorKind, EventHead, HeadPrincipal, HeadResource, Kind, Outcome};

/// The head of an event without the value it was read from. That value gives the head again,
/// without being read once more.
#[derive(Debug, Clone)]
pub struct HeadPlaces {
    pub(crate) event_id: Uuid,
    occurred_at: Option<i64>,
    pub(crate) workspace_id: Place,
    actor: PrincipalPlaces,
    on_behalf_of: Option<PrincipalPlaces>,
    action: Place,
    explicit_kind: Option<Kind>,
    outcome: Outcome,
    resources: SmallVec<[ResourcePlaces; 1]>,
}

/// Where a text starts and ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    start: u32,
    end: u32,
}

#[derive(Debug, Clone, Copy)]
struct PrincipalPlaces {
    kind: ActorKind,
    /// Id, name, e-mail.
    texts: [OptionalPlace; 3],
}

#[derive(Debug, Clone, Copy)]
struct ResourcePlaces {
    resource_type: Place,
    id: Place,
    name: OptionalPlace,
}

/// A place, or one that ends before it starts: no text.
#[derive(Debug, Clone, Copy)]
struct OptionalPlace(Place);

impl HeadPlaces {
    /// The places of a head that was read from this value, which is within the limits of a record.
    pub(crate) fn of(head: &EventHead<'_>, value: &[u8]) -> Self {
        let place = |text: &[u8]| Place::of(text, value);
        let optional = |text: Option<&[u8]>| OptionalPlace(text.map_or(Place::NONE, place));
        let principal = |HeadPrincipal { kind, id, name, email }: &HeadPrincipal<'_>| {
            PrincipalPlaces { kind: *kind, texts: [*id, *name, *email].map(optional) }
        };
        let resource = |resource: &HeadResource<'_>| ResourcePlaces {
            resource_type: place(resource.resource_type),
            id: place(resource.id),
            name: optional(resource.name),
        };
        Self {
            event_id: head.event_id,
            occurred_at: head.occurred_at,
            workspace_id: place(head.workspace_id),
            actor: principal(&head.actor),
            on_behalf_of: head.on_behalf_of.as_ref().map(principal),
            action: place(head.action),
            explicit_kind: head.explicit_kind,
            outcome: head.outcome,
            resources: head.resources.iter().map(resource).collect(),
        }
    }

    /// The head again.
    ///
    /// # Panics
    /// If the value is shorter than the one that was read.
    pub(crate) fn head<'a>(&self, value: &'a [u8]) -> EventHead<'a> {
        let principal = |PrincipalPlaces { kind, texts }: &PrincipalPlaces| {
            let [id, name, email] = texts.map(|text| text.of(value));
            HeadPrincipal { kind: *kind, id, name, email }
        };
        let resource = |places: &ResourcePlaces| HeadResource {
            resource_type: places.resource_type.text(value),
            id: places.id.text(value),
            name: places.name.of(value),
        };
        EventHead {
            event_id: self.event_id,
            occurred_at: self.occurred_at,
            workspace_id: self.workspace_id.text(value),
            actor: principal(&self.actor),
            on_behalf_of: self.on_behalf_of.as_ref().map(principal),
            action: self.action.text(value),
            explicit_kind: self.explicit_kind,
            outcome: self.outcome,
            resources: self.resources.iter().map(resource).collect(),
        }
    }
}

impl Place {
    const NONE: Self = Self { start: 1, end: 0 };

    /// Of a text that lies within these bytes.
    fn of(text: &[u8], bytes: &[u8]) -> Self {
        let start = text.as_ptr().addr() - bytes.as_ptr().addr();
        let short = |at| u32::try_from(at).expect("a text lies within the value it was read from");
        Self { start: short(start), end: short(start + text.len()) }
    }

    pub(crate) fn text(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.start as usize..self.end as usize]
    }
}

impl OptionalPlace {
    fn of(self, bytes: &[u8]) -> Option<&[u8]> {
        (self.0.start <= self.0.end).then(|| self.0.text(bytes))
    }
}
