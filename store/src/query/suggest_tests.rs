//! Type-ahead against brute force, with and without an index.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use annals_schemas::{ActorKind, Principal, Resource};
use proptest::prelude::*;

use super::resource_fixture::{Known, is_former, known_events, layered, reader, run};
use super::suggest_rank::Typed;
use super::workspace::ActorNow;
use super::{ActorSuggestion, Budget, NameSuggestion};
use crate::StoreError;
use crate::fixture::{Dice, log};
use crate::names::{NameIndex, NameIndexError, PinnedNames, fold_name};

const NO_LIMIT: Budget = Budget::UNLIMITED;
const TEXTS: [&str; 12] =
    ["v", "vip", "VIP eu", "eu", "ip", "zo", "s", "東", "50%", "liszt", "lsit", "nothing"];

/// An index over the first names of a workspace; a broken one has no suggestions.
struct FirstNames {
    covered: u32,
    is_broken: bool,
}

impl NameIndex for FirstNames {
    fn pin(&self, _: &str) -> Result<Box<dyn PinnedNames>, NameIndexError> {
        Ok(Box::new(Self { ..*self }))
    }
}

impl PinnedNames for FirstNames {
    fn covered(&self) -> u32 {
        self.covered
    }

    fn bound(&self, _: &[&str]) -> Result<u32, NameIndexError> {
        Ok(self.covered)
    }

    fn candidates(&self, _: &[&str]) -> Result<Vec<u32>, NameIndexError> {
        Ok((0..self.covered).collect())
    }

    fn suggest(
        &self,
        text: &str,
        limit: usize,
        name_of: &dyn Fn(u32) -> Option<String>,
    ) -> Result<Vec<u32>, NameIndexError> {
        if self.is_broken {
            return Err(NameIndexError { detail: "broken on purpose".to_owned(), source: None });
        }
        let Some(typed) = Typed::new(text) else { return Ok(Vec::new()) };
        let ranks = (0..self.covered).filter_map(|code| typed.rank(&name_of(code)?, code));
        let mut ranks: Vec<_> = ranks.collect();
        ranks.sort_unstable();
        Ok(ranks.into_iter().take(limit).map(|(_, _, code)| code).collect())
    }
}

/// Suggestions by their definition: names get their codes in log order.
fn expected_names(known: &[Known], text: &str, limit: usize) -> Vec<NameSuggestion> {
    let mut names: Vec<&Resource> = Vec::new();
    for resource in known.iter().flat_map(|known| &known.event.resources) {
        if !names.contains(&resource) {
            names.push(resource);
        }
    }
    let folded = fold_name(text);
    let Some(typed) = Typed::new(&folded) else { return Vec::new() };
    let rank = |(code, resource): (u32, &&Resource)| {
        typed.rank(&fold_name(resource.name.as_deref()?), code)
    };
    let mut ranks: Vec<_> = (0..).zip(&names).filter_map(rank).collect();
    ranks.sort_unstable();
    let mut suggestions: Vec<NameSuggestion> = Vec::new();
    for (_, _, code) in ranks {
        let Resource { resource_type, id, name } = names[code as usize].clone();
        if suggestions.iter().any(|other| other.resource_type == resource_type && other.id == id) {
            continue;
        }
        let current_name = current_name(known, &resource_type, &id);
        let name = name.unwrap();
        suggestions.push(NameSuggestion { resource_type, id, name, current_name });
    }
    suggestions.truncate(limit);
    suggestions
}

fn current_name(known: &[Known], resource_type: &str, id: &str) -> Option<String> {
    let borne = known.iter().flat_map(|known| {
        let places = known.event.resources.iter().enumerate();
        // Of two names in one event the first counts.
        places.map(move |(place, resource)| (place == 0, known.key, Reverse(place), resource))
    });
    let own = borne.filter(|(_, _, _, resource)| {
        resource.resource_type == resource_type && resource.id == id && resource.name.is_some()
    });
    let newest = own.max_by_key(|(is_first, key, place, _)| (*is_first, *key, *place));
    newest.and_then(|(_, _, _, resource)| resource.name.clone())
}

/// Everybody with the number of their events.
fn expected_actors(known: &[Known]) -> Vec<ActorSuggestion> {
    let mut counts: BTreeMap<(ActorKind, Option<String>), u64> = BTreeMap::new();
    for Known { event, .. } in known {
        let Principal { kind, id, .. } = event.actor.principal.clone();
        *counts.entry((kind, id)).or_default() += 1;
        if let Some(Principal { kind, id, .. }) = event.actor.on_behalf_of.clone() {
            counts.entry((kind, id)).or_default();
        }
    }
    let suggestion = |((kind, id), count)| {
        let principal = Principal { kind, id, name: None, email: None };
        let former = is_former(known, &principal);
        let Principal { kind, id, name, email } = principal;
        ActorSuggestion { actor: ActorNow { kind, id, name, email, former }, count }
    };
    let mut all: Vec<ActorSuggestion> = counts.into_iter().map(suggestion).collect();
    all.sort_by(|a, b| {
        let texts = |one: &ActorSuggestion| (one.actor.id.clone(), one.actor.kind);
        b.count.cmp(&a.count).then_with(|| texts(a).cmp(&texts(b)))
    });
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn suggested_names_equal_brute_force_whatever_an_index_covers(
        seed in any::<u64>(),
        is_broken in any::<bool>(),
    ) {
        let records = log(seed, 300);
        let store = run(layered(&records));
        let mut dice = Dice::new(seed ^ 3);
        for round in 0..3 {
            if round > 0 {
                let covered = u32::try_from(dice.below(30)).unwrap();
                store.set_names(Arc::new(FirstNames { covered, is_broken }));
            }
            for workspace in 0..3 {
                let known = known_events(&records, workspace);
                let reader = reader(&store, workspace);
                for text in TEXTS {
                    let limit = dice.pick(&[1, 3, 20]);
                    let expected = expected_names(&known, text, limit);
                    let found = reader.suggest_names(text, limit, NO_LIMIT).unwrap();
                    // An index is asked for a bounded number of names: some of one resource.
                    let expected = match round {
                        0 => &expected[..],
                        _ => &expected[..found.len().max(expected.len().min(1))],
                    };
                    prop_assert_eq!(&found, expected, "{} {}", text, limit);
                }
            }
        }
    }

    #[test]
    fn suggested_actors_equal_brute_force(seed in any::<u64>()) {
        let records = log(seed, 300);
        let store = run(layered(&records));
        for workspace in 0..3 {
            let all = expected_actors(&known_events(&records, workspace));
            let reader = reader(&store, workspace);
            let suggest = |text, limit| reader.suggest_actors(text, &[], limit, NO_LIMIT).unwrap();
            prop_assert_eq!(&suggest("", 100), &all);
            prop_assert_eq!(&suggest("U", 100), &all);
            prop_assert_eq!(&suggest(" ", 2), &all[..all.len().min(2)]);
            let one = |one: &&ActorSuggestion| one.actor.id.as_deref() == Some("u1");
            let expected: Vec<_> = all.iter().filter(one).cloned().collect();
            prop_assert_eq!(suggest("u1", 20), expected);
            prop_assert_eq!(suggest("nobody", 20), vec![]);
            let hidden = vec![crate::fixture::ACTIONS[0].to_owned(), "never.seen".to_owned()];
            let known = known_events(&records, workspace);
            for found in reader.suggest_actors("", &hidden, 1_000, NO_LIMIT).unwrap() {
                let counts = |event: &annals_schemas::Event| {
                    let actor = &event.actor.principal;
                    (actor.kind, &actor.id) == (found.actor.kind, &found.actor.id)
                        && !hidden.contains(&event.action)
                };
                let expected = known.iter().filter(|known| counts(&known.event)).count();
                prop_assert_eq!(found.count, expected as u64, "{:?}", found.actor);
                let reads = |event: &annals_schemas::Event| {
                    event.actor.principal.id == found.actor.id && hidden.contains(&event.action)
                };
                let has_hidden = known.iter().any(|known| {
                    reads(&known.event) && known.event.actor.principal.kind == found.actor.kind
                });
                prop_assert!(found.count > 0 || !has_hidden, "{:?}", found.actor);
            }
        }
    }
}

#[test]
fn nothing_is_suggested_for_a_blank_text_or_without_records() {
    let store = run(layered(&log(1, 60)));
    assert_eq!(reader(&store, 0).suggest_names(" \t", 20, NO_LIMIT).unwrap(), []);
    let store = run(layered(&[]));
    assert_eq!(reader(&store, 0).suggest_names("v", 20, NO_LIMIT).unwrap(), []);
    assert_eq!(reader(&store, 0).suggest_actors("", &[], 20, NO_LIMIT).unwrap(), []);
}

#[test]
fn a_limit_on_steps_ends_in_an_error() {
    let store = run(layered(&log(2, 300)));
    let reader = reader(&store, 0);
    let over = |outcome: Option<StoreError>| {
        assert!(matches!(outcome, Some(StoreError::OverBudget { limit: 1, .. })), "{outcome:?}");
    };
    over(reader.suggest_names("v", 20, Budget::steps(1)).err());
    over(reader.suggest_actors("u", &[], 20, Budget::steps(1)).err());
}
