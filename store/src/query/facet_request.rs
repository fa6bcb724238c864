//! Facets: the values of a dimension among the matching rows, with exact counts.

use annals_schemas::{ActorKind, Kind, Outcome};

use super::budget::Budget;
use super::filter::Filter;

/// What values are counted of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FacetBy {
    /// Performers.
    Actor,
    /// Types of resources.
    ResourceType,
    /// Action keys.
    Action,
    /// Kinds of action.
    Kind,
    /// How it ended.
    Outcome,
}

impl FacetBy {
    /// The filter without the conditions on this dimension.
    pub(super) fn ignored(self, filter: &Filter) -> Filter {
        let mut filter = filter.clone();
        match self {
            Self::Actor => {
                filter.actors.clear();
                filter.actor_kinds.clear();
            }
            Self::ResourceType => filter.resource_types.clear(),
            Self::Action => filter.actions.clear(),
            Self::Kind => filter.kinds.clear(),
            Self::Outcome => filter.outcomes.clear(),
        }
        filter
    }
}

/// Facets asked for.
#[derive(Debug, Clone)]
pub struct FacetRequest<'a> {
    /// Which rows. A facet ignores the conditions on its own dimension.
    pub filter: &'a Filter,
    /// Last seq of the snapshot; the newest if absent.
    pub snapshot: Option<u64>,
    /// Which facets.
    pub by: &'a [FacetBy],
    /// At most so many values each.
    pub limit: usize,
    /// Steps each facet may take.
    pub budget: Budget,
}

/// Facets, in the order in which they were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facets {
    /// One for each dimension.
    pub facets: Vec<Facet>,
    /// Last seq of the snapshot they were read from.
    pub snapshot: u64,
}

/// The values of one dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// Which dimension.
    pub by: FacetBy,
    /// By descending count, then by ascending value.
    pub values: Vec<FacetValue>,
    /// Whether there are more values than asked for.
    pub truncated: bool,
}

/// A value and the number of rows that have it. It is the number of rows that the filter admits
/// once this value is the only one it asks for in this dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetValue {
    /// What it is.
    pub value: FacetTerm,
    /// Rows that have it; each counts once.
    pub count: u64,
}

/// A value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FacetTerm {
    /// An actor.
    Actor {
        /// Stable id; none for an actor without one.
        id: Option<String>,
        /// Which kind.
        kind: ActorKind,
        /// Latest name seen.
        name: Option<String>,
    },
    /// A resource type.
    ResourceType(String),
    /// An action key.
    Action(String),
    /// A kind of action.
    Kind(Kind),
    /// How it ended.
    Outcome(Outcome),
}

impl FacetTerm {
    /// What values of equal count are ordered by: the text, then an actor's kind.
    pub(super) fn order(&self) -> (&str, &str) {
        match self {
            Self::Actor { id, kind, .. } => (id.as_deref().unwrap_or_default(), kind.as_str()),
            Self::ResourceType(text) | Self::Action(text) => (text, ""),
            Self::Kind(kind) => (kind.as_str(), ""),
            Self::Outcome(outcome) => (outcome.as_str(), ""),
        }
    }
}
