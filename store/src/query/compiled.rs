//! A filter in one workspace's codes: translated once, good for every segment and the tail.

use std::collections::HashMap;

use annals_schemas::{Kind, Outcome};
use roaring::RoaringBitmap;

use super::filter::{Filter, NameScope};
use crate::catalog::{Catalog, OrderKey, ResourceQuestion};
use crate::names::Needle;
use crate::segment::RowCodes;

/// The translated filter.
pub(super) struct Compiled {
    actors: Option<RoaringBitmap>,
    /// Actor codes + 1.
    on_behalf_of: Option<RoaringBitmap>,
    actions: Option<RoaringBitmap>,
    kinds: Vec<Kind>,
    outcomes: Vec<Outcome>,
    names: Option<RoaringBitmap>,
    /// Smallest and largest key that the date range admits, both inclusive.
    pub(super) bounds: (OrderKey, OrderKey),
    last_seq: u64,
    needle: Option<Needle>,
    scope: NameScope,
    /// Per resource, the newest name that made it match.
    matched: HashMap<u32, u32>,
}

impl Compiled {
    pub(super) fn new(filter: &Filter, catalog: &Catalog, last_seq: u64) -> Self {
        let by_actor = !filter.actors.is_empty() || !filter.actor_kinds.is_empty();
        let actors = by_actor.then(|| catalog.actor_codes(&filter.actors, &filter.actor_kinds));
        let others = (!filter.on_behalf_of.is_empty()).then(|| {
            catalog.actor_codes(&filter.on_behalf_of, &[]).iter().map(|c| c + 1).collect()
        });
        let actions = (!filter.actions.is_empty()).then(|| catalog.action_codes(&filter.actions));
        let needle = filter.name.as_ref().map(|name| Needle::new(&name.text, name.mode));
        let scope = filter.name.as_ref().map(|name| name.scope).unwrap_or_default();
        let by_resource = needle.is_some()
            || !filter.resource_types.is_empty()
            || !filter.resource_ids.is_empty();
        let answer = by_resource.then(|| {
            catalog.resource_codes(&ResourceQuestion {
                types: &filter.resource_types,
                ids: &filter.resource_ids,
                needle: needle.as_ref(),
                ever: needle.is_some() && scope == NameScope::Ever,
                last_seq,
            })
        });
        let (names, matched) = match answer {
            Some(answer) => (Some(answer.names), answer.matched),
            None => (None, HashMap::new()),
        };
        Self {
            actors,
            on_behalf_of: others,
            actions,
            kinds: filter.kinds.clone(),
            outcomes: filter.outcomes.clone(),
            names,
            bounds: bounds(filter),
            last_seq,
            needle,
            scope,
            matched,
        }
    }

    /// The name that made a resource match, given the one it bears in the event: its own if that
    /// matches; otherwise its newest one that does, where names of other events count.
    pub(super) fn matched_name(
        &self,
        catalog: &Catalog,
        resource: u32,
        own: Option<u32>,
    ) -> Option<u32> {
        let needle = self.needle.as_ref()?;
        let newest = *self.matched.get(&resource)?;
        let own = own.filter(|name| needle.is_in(catalog.folded_name(*name)));
        own.or((self.scope == NameScope::Ever).then_some(newest))
    }

    /// Whether no row can match.
    pub(super) fn is_empty(&self) -> bool {
        let sets = [&self.actors, &self.on_behalf_of, &self.actions, &self.names];
        let none = |set: &&Option<RoaringBitmap>| set.as_ref().is_some_and(RoaringBitmap::is_empty);
        self.bounds.0 > self.bounds.1 || sets.iter().any(none)
    }

    /// Whether a row within bounds matches.
    pub(super) fn admits(&self, row: &RowCodes<'_>) -> bool {
        let within = |set: &Option<RoaringBitmap>, code: u32| {
            set.as_ref().is_none_or(|set| set.contains(code))
        };
        row.seq <= self.last_seq
            && within(&self.actors, row.actor)
            && within(&self.on_behalf_of, row.on_behalf_of)
            && within(&self.actions, row.action)
            && (self.kinds.is_empty() || self.kinds.contains(&row.kind))
            && (self.outcomes.is_empty() || self.outcomes.contains(&row.outcome))
            && self.names.as_ref().is_none_or(|names| {
                let mut all = row.first_name.iter().chain(row.further_names);
                all.any(|name| names.contains(*name))
            })
    }
}

fn bounds(filter: &Filter) -> (OrderKey, OrderKey) {
    let from = filter.from.map_or(i64::MIN, |from| from.micros());
    let first = OrderKey { effective_at: from, seq: 0 };
    let last = match filter.to {
        None => OrderKey { effective_at: i64::MAX, seq: u64::MAX },
        Some(to) => OrderKey { effective_at: to.micros() - 1, seq: u64::MAX },
    };
    (first, last)
}
