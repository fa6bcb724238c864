//! Counts and facets against the brute-force answer.

use std::collections::BTreeMap;

use annals_schemas::ActorKind;
use proptest::prelude::*;

use super::oracle::expected;
use super::world::{Translated, World, random_filter, random_laziness, random_snapshot};
use crate::fixture::Dice;
use crate::query::Filter;
use crate::query::facet_request::FacetBy;
use crate::query::kept::visit_keeping;
use crate::query::tally::{Tallies, Tally};
use crate::query::visit::{Visitor, visit_group};
use crate::segment::KeptCounts;

/// Shows a visitor all groups of a world, and says in how many steps. Counts of the sealed ones are
/// kept for the next time.
pub(super) fn visit_all(
    world: &World,
    filter: &Filter,
    (snapshot, lazy): (u64, Option<u64>),
    kept: &KeptCounts,
    visitor: &mut impl Visitor,
) -> u64 {
    let mut translated = Translated::new(world, filter, snapshot, (None, lazy));
    let mut search = translated.search(world.catalog.view(), false);
    for rows in &world.live {
        visit_group(rows, visitor, &mut search).unwrap();
    }
    let sealed = world.catalog.sealed();
    let mut search = translated.search(sealed.view(), true);
    for rows in &world.frozen {
        visit_group(rows, visitor, &mut search).unwrap();
    }
    for (group, rows) in (0..).zip(&world.groups) {
        visit_keeping(rows, (kept, group), visitor, &mut search).unwrap();
    }
    translated.work.steps
}

const ALL: [FacetBy; 5] =
    [FacetBy::Actor, FacetBy::ResourceType, FacetBy::Action, FacetBy::Kind, FacetBy::Outcome];

/// Counts by text.
fn named(world: &World, tally: &Tally) -> BTreeMap<String, u64> {
    let view = world.catalog.view();
    let counted = (0_u32..).zip(&tally.counts).filter(|(_, count)| **count > 0);
    let text = |code: u32| match tally.by {
        FacetBy::Actor => {
            let actor = view.actor(code).unwrap();
            format!("{} {}", actor.kind.as_str(), actor.id.unwrap_or_default())
        }
        FacetBy::ResourceType => view.type_text(code).unwrap().to_owned(),
        FacetBy::Action => view.action(code).unwrap().to_owned(),
        FacetBy::Kind | FacetBy::Outcome => code.to_string(),
    };
    counted.map(|(code, count)| (text(code), *count)).collect()
}

/// The values that some event has, each with a filter that asks for it alone.
fn by_oracle(world: &World, filter: &Filter, snapshot: u64, by: FacetBy) -> BTreeMap<String, u64> {
    let filter = by.ignored(filter);
    let mut values: BTreeMap<String, Filter> = BTreeMap::new();
    for known in &world.known {
        let mut asked = filter.clone();
        let event = &known.event;
        match by {
            FacetBy::Actor => {
                let actor = &event.actor.principal;
                let id = actor.id.clone().unwrap();
                asked.actors = vec![id.clone()];
                asked.actor_kinds = vec![actor.kind];
                values.insert(format!("{} {id}", actor.kind.as_str()), asked);
            }
            FacetBy::ResourceType => {
                for resource in &event.resources {
                    let text = resource.resource_type.clone();
                    let resource_types = vec![text.clone()];
                    values.insert(text, Filter { resource_types, ..asked.clone() });
                }
            }
            FacetBy::Action => {
                asked.actions = vec![event.action.clone()];
                values.insert(event.action.clone(), asked);
            }
            FacetBy::Kind => {
                asked.kinds = vec![event.kind()];
                values.insert(event.kind().code().to_string(), asked);
            }
            FacetBy::Outcome => {
                asked.outcomes = vec![event.outcome];
                values.insert(event.outcome.code().to_string(), asked);
            }
        }
    }
    let count = |asked: Filter| expected(&asked, &world.known, snapshot).len() as u64;
    let counts = values.into_iter().map(|(value, asked)| (value, count(asked)));
    counts.filter(|(_, count)| *count > 0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// A facet's count is the number of rows one gets by asking for its value alone.
    #[test]
    fn a_facet_counts_what_asking_for_its_value_gives(seed in any::<u64>()) {
        let world = World::new(seed, 400);
        let mut dice = Dice::new(seed ^ 11);
        let kept = KeptCounts::default();
        for _ in 0..20 {
            let filter = random_filter(&mut dice);
            let filter = dice.pick(&[&filter, &filter, &Filter::default()]).clone();
            let snapshot = random_snapshot(&mut dice, &world);
            let by = dice.pick(&ALL);
            let lazy = random_laziness(&mut dice);
            let expected = by_oracle(&world, &filter, snapshot, by);
            for again in [false, true] {
                let mut tallies = Tallies(vec![Tally::new(by)]);
                let ignoring = by.ignored(&filter);
                visit_all(&world, &ignoring, (snapshot, lazy), &kept, &mut tallies);
                let found = named(&world, &tallies.0[0]);
                prop_assert_eq!(
                    &found, &expected, "{:?} {:?} {} {}", by, &filter, snapshot, again
                );
            }
        }
    }
}

/// The closed sets have no member that a filter could not ask for.
#[test]
fn kinds_of_actors_are_all_asked_for_by_name() {
    for kind in ActorKind::ALL {
        assert_eq!(ActorKind::parse(kind.as_str()), Some(*kind));
    }
}
