//! A workspace of random events, part of it sealed, in codes of a real catalog.

use annals_schemas::{ActorKind, Event, Instant, Kind, Outcome, Principal, Resource};

use super::oracle::Known;
use super::rows::TestRows;
use crate::catalog::{Catalog, NamesView, OrderKey};
use crate::codes::EventCodes;
use crate::fixture::{self, ACTIONS, Dice, NAMES, TYPES};
use crate::names::{NameIndex, NameMatch};
use crate::query::compiled::{Compiled, Draft};
use crate::query::names::{NameSearch, SealedWithin};
use crate::query::search::Search;
use crate::query::work::Work;
use crate::query::{Budget, Filter, NameFilter, NameScope};
use crate::rows::Rows;

const SECONDS: u64 = 400;
const START_MICROS: i64 = 1_700_000_000_000_000;
/// Each later event is this much later on average, so that groups follow each other in time.
const STRIDE: u64 = 4;

/// Events in log order, the first of them sealed in groups with lists, some in chunks without, and
/// the others live.
pub(super) struct World {
    pub(super) known: Vec<Known>,
    pub(super) catalog: Catalog,
    pub(super) groups: Vec<TestRows>,
    pub(super) frozen: Vec<TestRows>,
    pub(super) live: Vec<TestRows>,
}

/// Many actors and resources, so that filters have few codes and many.
fn event(dice: &mut Dice, number: u64) -> Event {
    let mut event = fixture::event(dice, u128::from(number) + 1);
    // Some are much more frequent than others.
    let skewed = |dice: &mut Dice, bound: u64| {
        let bound = dice.below(bound) + 1;
        dice.below(bound)
    };
    let id = |dice: &mut Dice| Some(format!("u{}", skewed(dice, 200)));
    let kind = dice.pick(&[ActorKind::User, ActorKind::User, ActorKind::ApiKey]);
    event.actor.principal = Principal { kind, id: id(dice), name: None, email: None };
    let resource = |dice: &mut Dice| Resource {
        resource_type: dice.pick(&TYPES).to_owned(),
        id: format!("r{}", skewed(dice, 150)),
        name: (dice.below(6) > 0).then(|| match dice.below(3) {
            0 => dice.pick(&NAMES).to_owned(),
            _ => format!("{} {}", dice.pick(&NAMES), dice.below(40)),
        }),
    };
    let resources = dice.pick(&[0, 1, 1, 1, 1, 2, 3]);
    event.resources = (0..resources).map(|_| resource(dice)).collect();
    event
}

impl World {
    pub(super) fn new(seed: u64, events: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut catalog = Catalog::default();
        let (mut known, mut coded) = (Vec::new(), Vec::new());
        // Some worlds are all live or all sealed.
        let sealed = dice.pick(&[events, events * 3 / 4, events * 3 / 4, events / 2, 0]);
        for number in 0..events {
            if number == sealed {
                catalog.freeze();
            }
            let event = event(&mut dice, number);
            let jitter = dice.below(SECONDS / 8) * u64::from(dice.below(3) == 0);
            let seconds = number / STRIDE + jitter * dice.below(2) + dice.below(3);
            let micros = START_MICROS + i64::try_from(seconds).unwrap() * 1_000_000;
            let key = OrderKey { effective_at: micros, seq: number + 1 };
            coded.push((key, catalog.record(&(&event).into(), key).unwrap()));
            known.push(Known { key, event });
        }
        if sealed == events {
            catalog.freeze();
        }
        let live = coded.split_off(usize::try_from(sealed).unwrap());
        let frozen = coded.split_off(coded.len() * 9 / 10);
        Self {
            known,
            catalog,
            groups: in_groups(&coded, 1 + dice.below(4), true),
            frozen: in_groups(&frozen, 1 + dice.below(2), false),
            live: in_groups(&live, 1 + dice.below(3), false),
        }
    }

    pub(super) fn last_seq(&self) -> u64 {
        self.known.len() as u64
    }

    /// The greatest seq that is not live.
    fn last_sealed_seq(&self) -> u64 {
        self.groups.iter().chain(&self.frozen).map(Rows::last_seq).max().unwrap_or(0)
    }
}

fn in_groups(events: &[(OrderKey, EventCodes)], groups: u64, lists: bool) -> Vec<TestRows> {
    let len = events.len().div_ceil(usize::try_from(groups).unwrap()).max(1);
    events.chunks(len).map(|events| TestRows::new(events.to_vec(), lists)).collect()
}

/// A filter translated for a world as a pin does it.
pub(super) struct Translated {
    pub(super) compiled: Compiled,
    pub(super) names: Option<NameSearch>,
    pub(super) work: Work,
}

impl Translated {
    pub(super) fn new(
        world: &World,
        filter: &Filter,
        snapshot: u64,
        (index, lazy): (Option<&dyn NameIndex>, Option<u64>),
    ) -> Self {
        let mut work = Work::new(Budget::UNLIMITED);
        let sealed = world.catalog.sealed();
        let view = sealed.view();
        let mut draft = Draft::new(filter);
        draft.read(&view, &mut work).unwrap();
        let asks = filter.name.is_some() || !filter.resource_ids.is_empty();
        let index = index.map(|index| (index, "w"));
        let name = filter.name.as_ref();
        let within = SealedWithin { snapshot, all: world.last_sealed_seq() <= snapshot };
        let mut names =
            asks.then(|| NameSearch::new(&draft, name, (&view, index), within, &mut work).unwrap());
        let view = world.catalog.view();
        draft.read(&view, &mut work).unwrap();
        if let Some(names) = &mut names {
            // So few names are resolved at once: lazy ones need to be asked for.
            if let Some(cost) = lazy {
                names.forget(cost);
            }
            names.extend(&draft, &view, snapshot, &mut work).unwrap();
        }
        Self { compiled: draft.finish(snapshot), names, work }
    }

    /// At work on rows that are sealed, or on live ones.
    pub(super) fn search<'s>(
        &'s mut self,
        view: crate::catalog::CatalogView<'s>,
        is_sealed: bool,
    ) -> Search<'s> {
        Search {
            compiled: &self.compiled,
            names: self.names.as_mut(),
            view,
            texts: NamesView::new(view),
            work: &mut self.work,
            groups_left: 1,
            may_resolve: is_sealed,
        }
    }
}

pub(super) fn moment(seconds: u64) -> Instant {
    let micros = START_MICROS + i64::try_from(seconds).unwrap() * 1_000_000;
    Instant::from_micros(micros).unwrap()
}

/// Conditions of all sorts, each one mostly absent.
pub(super) fn random_filter(dice: &mut Dice) -> Filter {
    let some = |dice: &mut Dice, all: &[&str]| -> Vec<String> {
        (0..dice.below(8).saturating_sub(5)).map(|_| dice.pick(all).to_owned()).collect()
    };
    let range = |dice: &mut Dice| (dice.below(5) == 0).then(|| moment(dice.below(SECONDS)));
    let needles =
        ["vip", "VIP eu", "v", "zoe", "lodz", "東", "%", "a_b", "nothing", "us vip", "1", "vip 3"];
    let name = (dice.below(3) == 0).then(|| NameFilter {
        text: dice.pick(&needles).to_owned(),
        scope: dice.pick(&[NameScope::Ever, NameScope::Event]),
        mode: dice.pick(&[
            NameMatch::Contains,
            NameMatch::Contains,
            NameMatch::Exact,
            NameMatch::Prefix,
        ]),
    });
    let count = dice.pick(&[0, 0, 0, 1, 1, 3, 20, 90]);
    let ids = dice.pick(&[0, 0, 0, 0, 1, 3, 20]);
    Filter {
        actors: (0..count).map(|_| format!("u{}", dice.below(220))).collect(),
        actor_kinds: if dice.below(6) == 0 { vec![dice.pick(ActorKind::ALL)] } else { vec![] },
        on_behalf_of: if dice.below(8) == 0 { vec!["u1".into(), "u2".into()] } else { vec![] },
        actions: some(dice, &[ACTIONS[0], ACTIONS[1], "segment.*", "x.*"]),
        hidden_actions: some(dice, &[ACTIONS[0], ACTIONS[1], "never.seen"]),
        kinds: if dice.below(6) == 0 { vec![dice.pick(Kind::ALL)] } else { vec![] },
        outcomes: if dice.below(6) == 0 { vec![dice.pick(Outcome::ALL)] } else { vec![] },
        resource_types: some(dice, &TYPES),
        resource_ids: (0..ids).map(|_| format!("r{}", dice.below(150))).collect(),
        name,
        from: range(dice),
        to: range(dice),
        ..Filter::default()
    }
}

/// Whether names are tested as they come, and what resolving them pretends to cost in nanoseconds.
pub(super) fn random_laziness(dice: &mut Dice) -> Option<u64> {
    dice.pick(&[None, Some(0), Some(800), Some(5_000), Some(u64::MAX)])
}

/// The newest snapshot, or an earlier one.
pub(super) fn random_snapshot(dice: &mut Dice, world: &World) -> u64 {
    let last = world.last_seq();
    let earlier = dice.below(last + 1);
    dice.pick(&[last, last, earlier])
}
