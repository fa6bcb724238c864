//! Which events match, by the words of a filter alone.

use annals_schemas::{Event, Resource};

use crate::catalog::OrderKey;
use crate::fold_name;
use crate::names::NameMatch;
use crate::query::{Filter, NameFilter, NameScope};

/// One visible event.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) key: OrderKey,
    pub(super) event: Event,
}

pub(super) fn matches_name(filter: &NameFilter, name: &str) -> bool {
    let (name, text) = (fold_name(name), fold_name(&filter.text));
    match filter.mode {
        NameMatch::Contains => text.split(' ').all(|part| name.contains(part)),
        NameMatch::Exact => name == text,
        NameMatch::Prefix => name.starts_with(&text),
    }
}

fn any(list: &[String], value: &str) -> bool {
    list.is_empty() || list.iter().any(|wanted| wanted == value)
}

/// Resources that bore a matching name in some event.
fn ever<'k>(filter: &Filter, known: &[&'k Known]) -> std::collections::HashSet<(&'k str, &'k str)> {
    let Some(name) = &filter.name else { return Default::default() };
    let resources = known.iter().flat_map(|known| &known.event.resources);
    let matching = resources
        .filter(|resource| resource.name.as_ref().is_some_and(|text| matches_name(name, text)));
    matching.map(|resource| (resource.resource_type.as_str(), resource.id.as_str())).collect()
}

/// Matching events up to a seq, newest first.
pub(super) fn expected<'k>(filter: &Filter, known: &'k [Known], snapshot: u64) -> Vec<&'k Known> {
    let visible: Vec<&Known> = known.iter().filter(|known| known.key.seq <= snapshot).collect();
    let ever = ever(filter, &visible);
    let is_asked = |resource: &Resource| {
        any(&filter.resource_types, &resource.resource_type)
            && any(&filter.resource_ids, &resource.id)
            && filter.name.as_ref().is_none_or(|name| match name.scope {
                NameScope::Ever => ever.contains(&(&resource.resource_type, &resource.id)),
                NameScope::Event => {
                    resource.name.as_ref().is_some_and(|text| matches_name(name, text))
                }
            })
    };
    let asks = !filter.resource_types.is_empty()
        || !filter.resource_ids.is_empty()
        || filter.name.is_some();
    let mut found: Vec<&Known> = visible
        .into_iter()
        .filter(|known| admits_columns(filter, known))
        .filter(|known| !asks || known.event.resources.iter().any(is_asked))
        .collect();
    found.sort_by_key(|known| std::cmp::Reverse(known.key));
    found
}

fn admits_columns(filter: &Filter, Known { key, event }: &Known) -> bool {
    let actor = &event.actor.principal;
    let action = |pattern: &String| match pattern.strip_suffix('*') {
        Some(prefix) => event.action.starts_with(prefix),
        None => *pattern == event.action,
    };
    let other = event.actor.on_behalf_of.as_ref().and_then(|other| other.id.as_deref());
    any(&filter.actors, actor.id.as_deref().unwrap_or_default())
        && (filter.actor_kinds.is_empty() || filter.actor_kinds.contains(&actor.kind))
        && (filter.on_behalf_of.is_empty()
            || other.is_some_and(|other| any(&filter.on_behalf_of, other)))
        && (filter.actions.is_empty() || filter.actions.iter().any(action))
        && !filter.hidden_actions.contains(&event.action)
        && (filter.kinds.is_empty() || filter.kinds.contains(&event.kind()))
        && (filter.outcomes.is_empty() || filter.outcomes.contains(&event.outcome))
        && filter.from.is_none_or(|from| key.effective_at >= from.micros())
        && filter.to.is_none_or(|to| key.effective_at < to.micros())
}
