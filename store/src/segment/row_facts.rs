//! What columns, catalog and layer say of a visible row: the part of its event that a compact row
//! leaves out.

use annals_schemas::{EventHead, HeadPrincipal, HeadResource, Kind, Outcome};
use uuid::Uuid;

use crate::catalog::{OrderKey, Profile};

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

/// Who did what, of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowTexts<'a> {
    pub(super) actor: HeadPrincipal<'a>,
    pub(super) on_behalf_of: Option<HeadPrincipal<'a>>,
    pub(super) action: &'a [u8],
}

impl FactCodes {
    /// What stands in the codes themselves.
    pub(super) fn plain(&self) -> (OrderKey, Kind, Outcome) {
        (self.key, self.kind, self.outcome)
    }
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
        let texts = RowTexts {
            actor: named(head.actor, actor),
            on_behalf_of: head.on_behalf_of.zip(other).map(|(principal, of)| named(principal, of)),
            action: head.action,
        };
        let resources = head.resources.iter().copied();
        Self::of_texts((key, kind, head.outcome), workspace_id, &texts, resources)
    }

    /// The same, told by the texts behind the codes.
    pub(super) fn of_texts(
        (key, kind, outcome): (OrderKey, Kind, Outcome),
        workspace_id: &'a str,
        texts: &RowTexts<'a>,
        resources: impl Iterator<Item = HeadResource<'a>>,
    ) -> Self {
        let head = EventHead {
            event_id: Uuid::nil(),
            occurred_at: None,
            workspace_id: workspace_id.as_bytes(),
            actor: texts.actor,
            on_behalf_of: texts.on_behalf_of,
            action: texts.action,
            explicit_kind: None,
            outcome,
            resources: resources.collect(),
        };
        Self { key, kind, head }
    }
}
