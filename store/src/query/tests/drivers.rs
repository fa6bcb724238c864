//! Walks of one group with every driver that there is.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::oracle::expected;
use super::rows::{TestRows, assert_known};
use super::world::{Translated, World, random_filter, random_laziness, random_snapshot};
use crate::fixture::Dice;
use crate::query::page_request::Direction;
use crate::query::plan::{Offer, Wanted};
use crate::query::span::Span;
use crate::query::walk::{Next, Walk};
use crate::query::{Driver, Filter, GroupPlace};
use crate::rows::Rows;

/// Which walk is tried.
#[derive(Debug, Clone, Copy)]
struct Try {
    direction: Direction,
    limit: Option<usize>,
    /// Number of the offer; the slice if there are not so many.
    offer: usize,
    /// As `random_laziness` says.
    lazy: Option<u64>,
}

/// Seqs that a walk of a group comes to, and what drove it.
fn walk(
    world: &World,
    rows: &TestRows,
    (filter, snapshot): (&Filter, u64),
    this: Try,
) -> (Vec<u64>, Driver) {
    let mut translated = Translated::new(world, filter, snapshot, (None, this.lazy));
    let sealed = world.catalog.sealed();
    assert_known(&sealed.view(), rows);
    let mut search = translated.search(sealed.view(), true);
    let compiled = search.compiled;
    let range = compiled.span.rows(rows);
    let wanted = Wanted { range, direction: this.direction, hits: this.limit };
    let choice = |_: f64, offers: &[Offer<'_>]| (this.offer < offers.len()).then_some(this.offer);
    let mut walk = Walk::choosing(rows, wanted, (compiled, &choice), &mut search).unwrap();
    let mut found = Vec::new();
    while found.len() < this.limit.unwrap_or(usize::MAX) {
        match walk.next(&mut search).unwrap() {
            Next::Row(row) => found.push(rows.key(row).seq),
            Next::End => break,
            Next::Resolve => {
                search.resolve().unwrap();
                walk.plan_anew(&mut search).unwrap();
            }
        }
    }
    (found, walk.report(GroupPlace::Live).driver)
}

/// Compares walks of some random filters with the brute-force answer.
fn compare(seed: u64, events: u64, filters: u64) -> Result<(), TestCaseError> {
    let world = World::new(seed, events);
    let mut dice = Dice::new(seed ^ 3);
    for _ in 0..filters {
        let filter = random_filter(&mut dice);
        let snapshot = random_snapshot(&mut dice, &world);
        let all = expected(&filter, &world.known, snapshot);
        let limit = dice.pick(&[None, Some(1), Some(8), Some(60)]);
        let lazy = random_laziness(&mut dice);
        for rows in &world.groups {
            let mut expected: Vec<u64> = all
                .iter()
                .filter(|known| rows.keys.binary_search(&known.key).is_ok())
                .map(|known| known.key.seq)
                .collect();
            for direction in [Direction::Older, Direction::Newer] {
                for offer in 0..6 {
                    let this = Try { direction, limit, offer, lazy };
                    let (found, driver) = walk(&world, rows, (&filter, snapshot), this);
                    let until = limit.unwrap_or(usize::MAX).min(expected.len());
                    prop_assert_eq!(
                        &found[..],
                        &expected[..until],
                        "{:?} {:?} {:?} {}",
                        this,
                        driver,
                        filter,
                        snapshot
                    );
                    if driver == Driver::Slice {
                        break;
                    }
                }
                expected.reverse();
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever drives, the rows are those of the brute-force answer, in order.
    #[test]
    fn every_driver_finds_the_same_rows(seed in any::<u64>()) {
        compare(seed, 900, 40)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    /// The same over many windows of rows, where slices are given up for lists.
    #[test]
    fn every_driver_finds_the_same_rows_of_large_groups(seed in any::<u64>()) {
        compare(seed, 12_000, 12)?;
    }
}

/// A span of a group is found by binary search, also where keys share a moment.
#[test]
fn a_span_holds_the_rows_between_its_keys() {
    let world = World::new(5, 900);
    for rows in &world.groups {
        for (first, last) in [(3, 7), (0, 0), (10, 9)] {
            let span = Span { first: rows.key(first), last: rows.key(last) };
            let range = span.rows(rows);
            assert_eq!(range.end.saturating_sub(range.start), (last + 1).saturating_sub(first));
        }
    }
}
