//! Pages over sealed groups, frozen chunks and live ones.

use proptest::prelude::*;

use super::names::TestIndex;
use super::oracle::expected;
use super::world::{Translated, World, random_filter, random_laziness, random_snapshot};
use crate::StoreError;
use crate::catalog::OrderKey;
use crate::fixture::Dice;
use crate::names::NameIndex;
use crate::query::Filter;
use crate::query::merge::{Groups, Sources, Stretch, merge};
use crate::query::page_request::Direction;
use crate::query::plan::Wanted;
use crate::query::walk::{Next, Walk};
use crate::rows::Rows;

/// What a page is asked for with.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) filter: &'a Filter,
    pub(super) snapshot: u64,
    pub(super) direction: Direction,
    pub(super) after: Option<OrderKey>,
    pub(super) limit: usize,
    pub(super) max_steps: u64,
    pub(super) index: Option<&'a dyn NameIndex>,
    pub(super) lazy: Option<u64>,
}

/// The keys of a page, in the order of the walk, and the steps it took.
pub(super) fn page(world: &World, asked: Asked<'_>) -> Result<(Vec<OrderKey>, u64), StoreError> {
    let Asked { filter, snapshot, direction, after, limit, .. } = asked;
    let mut translated = Translated::new(world, filter, snapshot, (asked.index, asked.lazy));
    translated.work.bound(asked.max_steps);
    let span = translated.compiled.span.beyond(direction, after);
    let mut search = translated.search(world.catalog.view(), false);
    let compiled = search.compiled;
    let mut live = Vec::new();
    for rows in &world.live {
        let wanted = Wanted { range: span.rows(rows), direction, hits: Some(limit) };
        let mut walk = Walk::new(rows, wanted, compiled, &mut search)?;
        for _ in 0..limit {
            let Next::Row(row) = walk.next(&mut search)? else { break };
            live.push(rows.key(row));
        }
    }
    live.sort_unstable();
    if direction == Direction::Older {
        live.reverse();
    }
    let sealed = world.catalog.sealed();
    let mut search = translated.search(sealed.view(), true);
    let groups = Groups {
        sealed: Sources::new(world.groups.iter()),
        frozen: Sources::new(world.frozen.iter()),
    };
    let stretch = Stretch { span, direction, limit };
    let hits = merge(&groups, &live, stretch, &mut search, None)?;
    Ok((hits.iter().map(|hit| hit.key).collect(), translated.work.steps))
}

/// Keys of all pages, newest first.
fn pages(world: &World, mut asked: Asked<'_>) -> Vec<OrderKey> {
    let mut all = Vec::new();
    loop {
        let (keys, _) = page(world, asked).unwrap();
        all.extend_from_slice(&keys);
        match keys.last().filter(|_| keys.len() == asked.limit) {
            Some(last) => asked.after = Some(*last),
            None => break,
        }
    }
    if asked.direction == Direction::Newer {
        all.reverse();
    }
    all
}

/// Names come from the index, and not only from scans: from one that is behind, says too much, or
/// fails when it is asked.
#[test]
fn names_are_asked_of_an_index_whatever_it_is_like() {
    let (mut told, mut failed, mut dice) = (0, 0, Dice::new(3));
    for seed in 0..12 {
        let world = World::new(seed, 600);
        for _ in 0..60 {
            let filter = random_filter(&mut dice);
            if filter.name.is_none() {
                continue;
            }
            let names = TestIndex::of(&world, &mut dice);
            let asked = Asked {
                filter: &filter,
                snapshot: world.last_seq(),
                direction: Direction::Older,
                after: None,
                limit: 50,
                max_steps: u64::MAX,
                index: Some(&names),
                lazy: random_laziness(&mut dice),
            };
            let wanted = expected(&filter, &world.known, world.last_seq());
            let wanted: Vec<OrderKey> = wanted.iter().map(|known| known.key).collect();
            assert_eq!(pages(&world, asked), wanted, "{filter:?}");
            let (of_whole, of_broken) = names.asked();
            (told, failed) = (told + of_whole, failed + of_broken);
        }
    }
    assert!(told > 100 && failed > 10, "asked {told} times, in vain {failed} times");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    /// INV-8 and INV-11: pages of any size, either way, together are the brute-force answer.
    #[test]
    fn pages_together_are_the_whole_answer(seed in any::<u64>()) {
        let world = World::new(seed, 800);
        let mut dice = Dice::new(seed ^ 5);
        for _ in 0..50 {
            let filter = random_filter(&mut dice);
            let snapshot = random_snapshot(&mut dice, &world);
            let expected: Vec<OrderKey> = expected(&filter, &world.known, snapshot)
                .iter()
                .map(|known| known.key)
                .collect();
            let index = TestIndex::of(&world, &mut dice);
            let index = (dice.below(2) == 0).then_some(&index as &dyn NameIndex);
            let limit = dice.pick(&[1, 7, 50, 1_000]);
            let lazy = random_laziness(&mut dice);
            for direction in [Direction::Older, Direction::Newer] {
                let asked = Asked {
                    filter: &filter, snapshot, direction, after: None, limit,
                    max_steps: u64::MAX, index, lazy,
                };
                let found = pages(&world, asked);
                prop_assert_eq!(
                    &found, &expected,
                    "{:?} {:?} {} {}", &filter, direction, limit, snapshot
                );
            }
        }
    }

    /// A page that costs more than it may is an error, whatever the limit: never a shorter page.
    #[test]
    fn a_budget_ends_in_an_error_and_never_in_a_short_page(seed in any::<u64>()) {
        let world = World::new(seed, 500);
        let mut dice = Dice::new(seed ^ 7);
        for _ in 0..20 {
            let filter = random_filter(&mut dice);
            let snapshot = world.last_seq();
            let lazy = random_laziness(&mut dice);
            let asked = Asked {
                filter: &filter, snapshot, direction: Direction::Older, after: None, limit: 20,
                max_steps: u64::MAX, index: None, lazy,
            };
            let (whole, steps) = page(&world, asked).unwrap();
            for max_steps in [0, steps / 2, steps.saturating_sub(1), steps, steps + 1] {
                match page(&world, Asked { max_steps, ..asked }) {
                    Ok((found, _)) => prop_assert_eq!(&found, &whole, "{} of {}", max_steps, steps),
                    Err(StoreError::OverBudget { limit, .. }) => {
                        prop_assert_eq!(limit, max_steps);
                        prop_assert!(max_steps < steps, "{} of {}", max_steps, steps);
                    }
                    Err(other) => panic!("{other}"),
                }
            }
        }
    }
}
