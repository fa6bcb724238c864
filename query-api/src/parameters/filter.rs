//! The filter of the list, of facets and of histograms.

use annals_schemas::{ActorKind, Instant, Kind, Labels, Outcome};
use annals_store::{Filter, NameFilter};
use sha2::{Digest, Sha256};

use super::Pairs;
use super::values;
use crate::access_log::AccessKind;

/// The names of its parameters.
pub(crate) const FILTER: [&str; 16] = [
    "actor",
    "actor_kind",
    "on_behalf_of",
    "action",
    "kind",
    "resource_type",
    "outcome",
    "resource_id",
    "resource_name",
    "name_scope",
    "name_match",
    "request_id",
    "trace_id",
    "from",
    "to",
    "include_access",
];

/// The resource that a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedResource {
    pub(crate) resource_type: String,
    pub(crate) id: String,
}

/// What is filtered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FilterParameters {
    /// What the store is asked: actions with their aliases.
    pub(crate) asked: Filter,
    /// The filter as it was given. Cursors are sealed to it, not to what the labels of the moment
    /// make of it: these may be reloaded in the middle of a walk.
    given: Filter,
}

impl FilterParameters {
    /// Takes the filter's parameters out of the pairs. Where the path names a resource, type and id
    /// are no parameters.
    pub(super) fn read(
        pairs: &mut Pairs,
        resource: Option<NamedResource>,
        labels: &Labels,
    ) -> Self {
        let mut given = filter(pairs, resource);
        let included = pairs.read("include_access", values::boolean).unwrap_or_default();
        let named = given.actions.iter().any(|action| AccessKind::is_named_by(action));
        if !included && !named {
            given.hidden_actions = AccessKind::hidden_actions();
        }
        Self { asked: with_aliases(&given, labels), given }
    }

    /// What cursors and tags are bound to: the workspace and the filter, whatever order it was
    /// given in.
    pub(crate) fn binding(&self, workspace: &str) -> Vec<u8> {
        let mut hasher = Sha256::new();
        hasher.update((workspace.len() as u64).to_le_bytes());
        hasher.update(workspace);
        hasher.update(format!("{:?}", self.given));
        hasher.finalize().to_vec()
    }
}

/// Filtering by a key or one of its aliases finds both.
fn with_aliases(given: &Filter, labels: &Labels) -> Filter {
    let actions = given.actions.iter().flat_map(|action| labels.equivalents(action));
    Filter { actions: sorted(actions.map(str::to_owned).collect()), ..given.clone() }
}

fn filter(pairs: &mut Pairs, resource: Option<NamedResource>) -> Filter {
    let name = pairs.read("resource_name", values::name).flatten();
    let scope = pairs.read("name_scope", values::name_scope).unwrap_or_default();
    let mode = pairs.read("name_match", values::name_match).unwrap_or_default();
    let (resource_types, resource_ids) = match resource {
        Some(NamedResource { resource_type, id }) => (vec![resource_type], vec![id]),
        None => resources(pairs),
    };
    let (from, to) = range(pairs);
    Filter {
        actors: sorted(pairs.read_many("actor", values::present)),
        actor_kinds: sorted(
            pairs.read_many("actor_kind", values::member(ActorKind::ALL, ActorKind::as_str)),
        ),
        on_behalf_of: sorted(pairs.read_many("on_behalf_of", values::present)),
        actions: sorted(pairs.read_many("action", values::action)),
        hidden_actions: Vec::new(),
        kinds: sorted(pairs.read_many("kind", values::member(Kind::ALL, Kind::as_str))),
        outcomes: sorted(pairs.read_many("outcome", values::member(Outcome::ALL, Outcome::as_str))),
        resource_types,
        resource_ids,
        name: name.map(|text| NameFilter { text, scope, mode }),
        request_ids: sorted(pairs.read_many("request_id", values::exact)),
        trace_ids: sorted(pairs.read_many("trace_id", values::exact)),
        from,
        to,
    }
}

fn resources(pairs: &mut Pairs) -> (Vec<String>, Vec<String>) {
    let types = sorted(pairs.read_many("resource_type", values::present));
    let ids = sorted(pairs.read_many("resource_id", values::present));
    if !ids.is_empty() && types.len() != 1 {
        pairs.fault("resource_id", "needs exactly one resource_type: ids repeat across types");
    }
    (types, ids)
}

/// From (inclusive), to (exclusive).
pub(super) fn range(pairs: &mut Pairs) -> (Option<Instant>, Option<Instant>) {
    let from = pairs.read("from", values::instant);
    let to = pairs.read("to", values::instant);
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        pairs.fault("to", "is not after `from`: the range is from (inclusive) to (exclusive)");
    }
    (from, to)
}

pub(super) fn sorted<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort_unstable();
    values.dedup();
    values
}
