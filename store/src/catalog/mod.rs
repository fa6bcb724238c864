//! A workspace's dictionary: actors, actions, resource types, resources and names as dense codes,
//! given in log order.
//!
//! Guarantees: codes follow from the log prefix alone, whatever the sealing was, so a filter is
//! translated once and works in every segment and in the tail. Deliberately not here: rows.

mod additions;
mod code_table;
mod entries;
mod lookup;
mod resource_state;

use annals_schemas::{Event, Principal, Resource};
use serde::{Deserialize, Serialize};

pub(crate) use additions::{Additions, Lengths};
use code_table::CodeTable;
use entries::TextEntry;
pub(crate) use entries::{ActorEntry, NameEntry, ResourceEntry};
pub(crate) use lookup::ResourceQuestion;
pub(crate) use resource_state::ResourceState;

use crate::fold::EventCodes;
use crate::names::fold_name;

/// What pages are ordered by: effective_at in microseconds, then seq. Total within a workspace.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct OrderKey {
    /// Microseconds since 1970.
    pub effective_at: i64,
    /// The workspace's dense sequence number.
    pub seq: u64,
}

/// The dictionary of one workspace.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    actors: CodeTable<ActorEntry>,
    actions: CodeTable<TextEntry>,
    types: CodeTable<TextEntry>,
    resources: CodeTable<ResourceEntry>,
    names: CodeTable<NameEntry>,
}

impl Catalog {
    /// Gives a visible event its codes and folds it into the state of what it touches.
    pub(crate) fn record(&mut self, event: &Event, key: OrderKey) -> EventCodes {
        let actor = self.actor(&event.actor.principal, key);
        let on_behalf_of = event.actor.on_behalf_of.as_ref().map(|other| self.actor(other, key));
        let names: Vec<u32> =
            event.resources.iter().map(|resource| self.name(resource, key.seq)).collect();
        let codes = EventCodes {
            actor,
            on_behalf_of: on_behalf_of.map_or(0, |code| code + 1),
            action: self.action(&event.action),
            kind: event.kind(),
            outcome: event.outcome,
            names,
        };
        self.observe(key, &codes);
        codes
    }

    fn observe(&mut self, key: OrderKey, codes: &EventCodes) {
        for (i, &name) in codes.names.iter().enumerate() {
            let resource = self.names.get(name).resource;
            let named = self.names.get(name).name.is_some();
            let state = &mut self.resources.get_mut(resource).state;
            if named {
                state.bears(name, key, i == 0);
            }
            if i == 0 {
                state.acted_on(codes.kind, codes.actor, key);
            }
        }
    }

    fn actor(&mut self, principal: &Principal, key: OrderKey) -> u32 {
        let wanted = (principal.kind, principal.id.as_deref());
        let code = self.actors.intern(wanted, || ActorEntry::new(principal));
        self.actors.get_mut(code).seen_as(principal, key);
        code
    }

    fn action(&mut self, action: &str) -> u32 {
        self.actions.intern(action, || TextEntry::new(action))
    }

    fn name(&mut self, resource: &Resource, seq: u64) -> u32 {
        let type_text = resource.resource_type.as_str();
        let resource_type = self.types.intern(type_text, || TextEntry::new(type_text));
        let id = resource.id.as_str();
        let code =
            self.resources.intern((resource_type, id), || ResourceEntry::new(resource_type, id));
        let name = resource.name.as_deref();
        self.names.intern((code, name), || NameEntry {
            resource: code,
            name: name.map(Into::into),
            folded: fold_name(name.unwrap_or_default()).into(),
            first_seq: seq,
        })
    }
}
