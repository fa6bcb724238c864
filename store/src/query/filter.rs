//! What a reader asks for.

use annals_schemas::{ActorKind, Instant, Kind, Outcome};

use crate::names::NameMatch;

/// Conditions, all of which must hold; within one list any may. Empty lists ask nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Performer's id.
    pub actors: Vec<String>,
    /// Performer's kind.
    pub actor_kinds: Vec<ActorKind>,
    /// Id of the person acted for.
    pub on_behalf_of: Vec<String>,
    /// Action keys, or prefixes ending in `*`.
    pub actions: Vec<String>,
    /// Action keys whose rows are left out, whatever else is asked. A facet of actions leaves them
    /// out too.
    pub hidden_actions: Vec<String>,
    /// Kinds of action.
    pub kinds: Vec<Kind>,
    /// How it ended.
    pub outcomes: Vec<Outcome>,
    /// Resource types. Type, id and name must hold on one and the same resource.
    pub resource_types: Vec<String>,
    /// Resource ids.
    pub resource_ids: Vec<String>,
    /// Resource name.
    pub name: Option<NameFilter>,
    /// The product's request id, exactly. In no column: each record that the other conditions
    /// leave is looked at.
    pub request_ids: Vec<String>,
    /// The trace's id, likewise.
    pub trace_ids: Vec<String>,
    /// effective_at at or after.
    pub from: Option<Instant>,
    /// effective_at before.
    pub to: Option<Instant>,
}

/// A search by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NameFilter {
    /// As typed; never blank.
    pub text: String,
    /// Whose names count.
    pub scope: NameScope,
    /// How they match.
    pub mode: NameMatch,
}

/// Which of a resource's names count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NameScope {
    /// Any name it ever bore, up to the snapshot: a resource is found through its renames.
    #[default]
    Ever,
    /// The name recorded in the event.
    Event,
}
