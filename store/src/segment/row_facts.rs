//! What columns, catalog and layer say of a visible row: the part of its event that a compact row
//! leaves out.

use annals_schemas::{EventHead, HeadPrincipal, HeadResource, Kind, Outcome};
use uuid::Uuid;

use crate::StoreError;
use crate::catalog::{CatalogView, OrderKey, Profile};

/// The facts of one row.
#[derive(Debug, Clone)]
pub(crate) struct RowFacts<'a> {
    pub(super) key: OrderKey,
    pub(super) kind: Kind,
    /// Without the event id, its time, and whether the kind was given. Names and e-mails are the
    /// layer's.
    pub(super) head: EventHead<'a>,
}

/// A row's place in the order and its codes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FactCodes {
    pub(crate) key: OrderKey,
    pub(crate) actor: u32,
    pub(crate) on_behalf_of: Option<u32>,
    pub(crate) action: u32,
    pub(crate) kind: Kind,
    pub(crate) outcome: Outcome,
}

impl<'a> RowFacts<'a> {
    /// What the codes of a row say, told by the head of its own event: they were given to these
    /// very texts. Names and e-mails are what the layer will have.
    pub(crate) fn of_event(
        head: &EventHead<'a>,
        (key, kind): (OrderKey, Kind),
        workspace_id: &'a str,
        (actor, other): (Profile<'a>, Option<Profile<'a>>),
    ) -> Self {
        let named = |principal: HeadPrincipal<'a>, (name, email): Profile<'a>| {
            let [name, email] = [name, email].map(|text| text.map(str::as_bytes));
            HeadPrincipal { name, email, ..principal }
        };
        let head = EventHead {
            event_id: Uuid::nil(),
            occurred_at: None,
            workspace_id: workspace_id.as_bytes(),
            actor: named(head.actor, actor),
            on_behalf_of: head.on_behalf_of.zip(other).map(|(principal, of)| named(principal, of)),
            action: head.action,
            explicit_kind: None,
            outcome: head.outcome,
            resources: head.resources.clone(),
        };
        Self { key, kind, head }
    }

    /// Looks the codes up. `names` are those of the row's resources, in the event's order;
    /// `profile` says what the layer of the row's segment has of an actor.
    pub(crate) fn look_up(
        codes: &FactCodes,
        names: impl Iterator<Item = u32>,
        (workspace_id, catalog): (&'a str, &CatalogView<'a>),
        profile: impl Fn(u32) -> Result<Profile<'a>, StoreError>,
    ) -> Result<Self, StoreError> {
        let principal = |code| -> Result<HeadPrincipal<'a>, StoreError> {
            let (kind, id) = catalog.actor_identity(code)?;
            let (name, email) = profile(code)?;
            let [id, name, email] = [id, name, email].map(|text| text.map(str::as_bytes));
            Ok(HeadPrincipal { kind, id, name, email })
        };
        let resource = |name| -> Result<HeadResource<'a>, StoreError> {
            let (resource, name) = catalog.name_text(name)?;
            let resource = catalog.resource(resource)?;
            let resource_type = catalog.type_text(resource.resource_type)?.as_bytes();
            let (id, name) = (resource.id.as_bytes(), name.map(str::as_bytes));
            Ok(HeadResource { resource_type, id, name })
        };
        let resources = names.map(resource).collect::<Result<_, _>>()?;
        let head = EventHead {
            event_id: Uuid::nil(),
            occurred_at: None,
            workspace_id: workspace_id.as_bytes(),
            actor: principal(codes.actor)?,
            on_behalf_of: codes.on_behalf_of.map(principal).transpose()?,
            action: catalog.action(codes.action)?.as_bytes(),
            explicit_kind: None,
            outcome: codes.outcome,
            resources,
        };
        Ok(Self { key: codes.key, kind: codes.kind, head })
    }
}
