//! How much is done, and not how long it takes.

use annals_schemas::Resource;

use super::oracle::{Known, expected};
use super::rows::TestRows;
use super::tallies::visit_all;
use super::world::{Translated, World};
use crate::catalog::{Catalog, OrderKey};
use crate::fixture::{self, Dice};
use crate::names::NameMatch;
use crate::query::facet_request::FacetBy;
use crate::query::page_request::Direction;
use crate::query::plan::Wanted;
use crate::query::plan_report::NameTreatment;
use crate::query::tally::{Tallies, Tally};
use crate::query::walk::{Next, Walk};
use crate::query::{Driver, Filter, GroupPlace, ListDimension, NameFilter, NameScope};
use crate::rows::Rows;
use crate::segment::KeptCounts;

/// One sealed group of events whose only resource and its name follow from their number.
fn world(events: u64, resource: impl Fn(u64) -> (String, String)) -> World {
    let (mut dice, mut catalog) = (Dice::new(7), Catalog::default());
    let (mut known, mut coded) = (Vec::new(), Vec::new());
    for number in 0..events {
        let mut event = fixture::event(&mut dice, u128::from(number) + 1);
        let (id, name) = resource(number);
        event.resources = vec![Resource { resource_type: "source".into(), id, name: Some(name) }];
        let key = OrderKey { effective_at: i64::try_from(number).unwrap(), seq: number + 1 };
        coded.push((key, catalog.record(&(&event).into(), key).unwrap()));
        known.push(Known { key, event });
    }
    catalog.freeze();
    let groups = vec![TestRows::new(coded, true)];
    World { known, catalog, groups, frozen: Vec::new(), live: Vec::new() }
}

fn named(text: &str) -> Filter {
    let name = NameFilter { text: text.into(), scope: NameScope::Ever, mode: NameMatch::Contains };
    Filter { name: Some(name), ..Filter::default() }
}

/// The newest 51 seqs that match, the driver at the end, the steps and how names were treated.
fn page(world: &World, filter: &Filter) -> (Vec<u64>, Driver, u64, (NameTreatment, u64)) {
    let mut translated = Translated::new(world, filter, world.last_seq(), (None, None));
    let sealed = world.catalog.sealed();
    let mut search = translated.search(sealed.view(), true);
    let rows = &world.groups[0];
    let (compiled, direction) = (search.compiled, Direction::Older);
    let wanted = Wanted { range: compiled.span.rows(rows), direction, hits: Some(51) };
    let mut walk = Walk::new(rows, wanted, compiled, &mut search).unwrap();
    let mut found = Vec::new();
    while found.len() < 51 {
        match walk.next(&mut search).unwrap() {
            Next::Row(row) => found.push(rows.key(row).seq),
            Next::End => break,
            Next::Resolve => {
                search.resolve().unwrap();
                walk.plan_anew(&mut search).unwrap();
            }
        }
    }
    let report = walk.report(GroupPlace::Frozen);
    let names = search.names.as_ref().unwrap().report(&mut search.texts).unwrap();
    (found, report.driver, report.steps, (names.treatment, names.verified))
}

fn newest(world: &World, filter: &Filter) -> Vec<u64> {
    let all = expected(filter, &world.known, u64::MAX);
    all.iter().take(51).map(|known| known.key.seq).collect()
}

/// Resources whose rows are all old looked as frequent as any.
#[test]
fn a_slice_that_finds_nothing_is_given_up_for_lists() {
    let world = world(60_000, |number| match number < 400 {
        true => (format!("r{}", number % 100), format!("vip {}", number % 100)),
        false => (format!("s{}", number % 200), format!("other {}", number % 200)),
    });
    let filter = named("vip");
    let (found, driver, steps, (treatment, _)) = page(&world, &filter);
    assert_eq!(found, newest(&world, &filter));
    let is_by_resource =
        matches!(driver, Driver::Lists { dimension: ListDimension::Resource, lists: 100, .. });
    assert!(is_by_resource, "{driver:?}");
    assert_eq!(treatment, NameTreatment::Resolved { names: 100, resources: 100 });
    assert!(steps < 30_000, "{steps} steps");
}

#[test]
fn of_many_candidates_only_those_of_the_page_are_judged() {
    let world = world(6_000, |number| {
        let number = number % 3_000;
        (format!("r{number}"), format!("vip {number}"))
    });
    // Names are looked through for one of the words; the other one is left to judge.
    let filter = named("vip 2");
    let (found, driver, steps, (treatment, judged)) = page(&world, &filter);
    assert_eq!(found, newest(&world, &filter));
    assert_eq!((driver, treatment), (Driver::Slice, NameTreatment::Hinted { names: 3_000 }));
    assert!(judged <= 128 && steps <= 512, "{judged} judged in {steps} steps");
}

#[test]
fn counts_that_are_kept_are_not_counted_again() {
    let world = world(6_000, |number| (format!("r{}", number % 10), format!("n {}", number % 10)));
    let filter = Filter { kinds: vec![annals_schemas::Kind::Delete], ..named("n 1") };
    let kept = KeptCounts::default();
    let count = || {
        let mut tallies = Tallies(vec![Tally::new(FacetBy::Actor)]);
        let steps = visit_all(&world, &filter, (6_000, None), &kept, &mut tallies);
        (steps, tallies.0.remove(0).counts.iter().sum::<u64>())
    };
    let (first, again) = (count(), count());
    let all = expected(&filter, &world.known, u64::MAX).len() as u64;
    assert_eq!((first.1, again.1), (all, all));
    assert!(first.0 > 100 && again.0 < 40, "{first:?} {again:?}");
}
