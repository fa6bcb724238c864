//! Resources against a brute-force fold over the same events.

use std::collections::BTreeMap;

use annals_schemas::{Instant, Kind, Principal, Record};
use proptest::prelude::*;
use uuid::Uuid;

use super::resource_fixture::{Known, is_former, known_events, layered, reader, run};
use super::workspace::{ActorNow, WorkspaceReader};
use super::{
    Budget, Direction, NameFilter, NameScope, ResourceActor, ResourceFilter, ResourceName,
    ResourceRequest, ResourceRow,
};
use crate::StoreError;
use crate::catalog::OrderKey;
use crate::fixture::{Dice, TYPES, event, log, record, workspace};
use crate::names::{NameMatch, Needle, fold_name};

const NO_LIMIT: Budget = Budget::UNLIMITED;

fn instant(key: OrderKey) -> Instant {
    Instant::from_micros(key.effective_at).unwrap()
}

/// What is known of a resource.
#[derive(Default)]
struct Folded<'k> {
    /// By log order.
    names: Vec<(&'k str, OrderKey)>,
    /// Whether in first place, then the key.
    current: Option<((bool, OrderKey), &'k str)>,
    deleted: Option<(OrderKey, bool)>,
    creation: Option<&'k Known>,
    last_edit: Option<&'k Known>,
    keys: Vec<OrderKey>,
    changes: u32,
}

impl<'k> Folded<'k> {
    fn names(&mut self, known: &'k Known, name: Option<&'k str>, is_first: bool) {
        let key = known.key;
        self.keys.push(key);
        let Some(name) = name else { return };
        if self.names.iter().all(|(other, _)| *other != name) {
            self.names.push((name, key));
        }
        if self.current.is_none_or(|(rank, _)| rank < (is_first, key)) {
            self.current = Some(((is_first, key), name));
        }
    }

    fn acts(&mut self, known: &'k Known) {
        let kind = known.event.kind();
        if kind == Kind::Create && self.creation.is_none_or(|other| known.key < other.key) {
            self.creation = Some(known);
        }
        if matches!(kind, Kind::Create | Kind::Delete)
            && self.deleted.is_none_or(|(key, _)| key < known.key)
        {
            self.deleted = Some((known.key, kind == Kind::Delete));
        }
        if matches!(kind, Kind::Create | Kind::Update | Kind::Delete) {
            self.changes += 1;
            if self.last_edit.is_none_or(|other| other.key < known.key) {
                self.last_edit = Some(known);
            }
        }
    }
}

/// Every resource by its definition, in the order of pages. The codes in keys are not folded.
fn folded(known: &[Known]) -> Vec<ResourceRow> {
    let mut resources: BTreeMap<(&str, &str), Folded<'_>> = BTreeMap::new();
    for event in known {
        for (place, resource) in event.event.resources.iter().enumerate() {
            let of = resources.entry((&resource.resource_type, &resource.id)).or_default();
            of.names(event, resource.name.as_deref(), place == 0);
            if place == 0 {
                of.acts(event);
            }
        }
    }
    let mut rows: Vec<ResourceRow> =
        resources.into_iter().map(|(id, resource)| row(known, id, resource)).collect();
    rows.sort_by_key(|row| {
        (std::cmp::Reverse(row.last_at), row.resource_type.clone(), row.id.clone())
    });
    rows
}

fn row(known: &[Known], (resource_type, id): (&str, &str), of: Folded<'_>) -> ResourceRow {
    let actor = |event: &Known| {
        let Principal { kind, id, name, email } = event.event.actor.principal.clone();
        let former = is_former(known, &event.event.actor.principal);
        let actor = ActorNow { kind, id, name, email, former };
        ResourceActor { actor, event_id: event.event.event_id, at: instant(event.key) }
    };
    let mut names = of.names;
    names.sort_by_key(|(_, first)| *first);
    let last_at = instant(*of.keys.iter().max().unwrap());
    ResourceRow {
        resource_type: resource_type.to_owned(),
        id: id.to_owned(),
        name: of.current.map(|(_, name)| name.to_owned()),
        names: names
            .into_iter()
            .map(|(name, first)| ResourceName { name: name.to_owned(), from: instant(first) })
            .collect(),
        deleted: of.deleted.is_some_and(|(_, deleted)| deleted),
        creator: of.creation.map(actor),
        last_editor: of.last_edit.map(actor),
        first_at: instant(*of.keys.iter().min().unwrap()),
        last_at,
        changes: of.changes,
        key: super::ResourceKey { last_at, code: 0 },
    }
}

fn fits(filter: &ResourceFilter, row: &ResourceRow) -> bool {
    let any = |asked: &[String], value: &str| asked.is_empty() || asked.iter().any(|v| v == value);
    let by = |asked: &[String], actor: &Option<ResourceActor>| {
        let id = actor.as_ref().and_then(|actor| actor.actor.id.as_deref());
        asked.is_empty() || id.is_some_and(|id| any(asked, id))
    };
    let matches = |name: &NameFilter| {
        let needle = Needle::new(&name.text, name.mode);
        match name.scope {
            NameScope::Ever => row.names.iter().any(|n| needle.is_in(fold_name(&n.name))),
            NameScope::Event => row.name.as_ref().is_some_and(|n| needle.is_in(fold_name(n))),
        }
    };
    let identity = |actor: &ResourceActor| (actor.actor.kind, actor.actor.id.clone());
    let pair = row.creator.as_ref().zip(row.last_editor.as_ref());
    any(&filter.types, &row.resource_type)
        && any(&filter.ids, &row.id)
        && filter.name.as_ref().is_none_or(matches)
        && by(&filter.creators, &row.creator)
        && by(&filter.last_editors, &row.last_editor)
        && (!filter.edited_by_other || pair.is_some_and(|(a, b)| identity(a) != identity(b)))
        && filter.from.is_none_or(|from| row.last_at >= from)
        && filter.to.is_none_or(|to| row.last_at < to)
}

fn random_filter(dice: &mut Dice) -> ResourceFilter {
    let some = |dice: &mut Dice, all: &[&str]| -> Vec<String> {
        (0..dice.below(6).saturating_sub(3)).map(|_| dice.pick(all).to_owned()).collect()
    };
    let moment = |dice: &mut Dice| {
        let micros = 1_700_000_000_000_000 + i64::try_from(dice.below(42)).unwrap() * 1_000_000;
        (dice.below(4) == 0).then(|| Instant::from_micros(micros).unwrap())
    };
    let name = (dice.below(3) == 0).then(|| NameFilter {
        text: dice.pick(&["vip", "v", "zoe", "東", "a_b", "nothing", "eu vip"]).to_owned(),
        scope: dice.pick(&[NameScope::Ever, NameScope::Event]),
        mode: dice.pick(&[NameMatch::Contains, NameMatch::Exact, NameMatch::Prefix]),
    });
    let types = some(dice, &[TYPES[0], TYPES[1], "nothing"]);
    let ids = match types.is_empty() {
        true => Vec::new(),
        false => some(dice, &["r0", "r1", "r2", "r5", "nothing"]),
    };
    ResourceFilter {
        types,
        ids,
        name,
        creators: some(dice, &["u0", "u1", "u2", "nobody"]),
        last_editors: some(dice, &["u0", "u1", "u3"]),
        edited_by_other: dice.below(3) == 0,
        from: moment(dice),
        to: moment(dice),
    }
}

/// All pages in one direction, in page order.
fn walk(
    reader: &WorkspaceReader,
    filter: &ResourceFilter,
    limit: usize,
    direction: Direction,
) -> Vec<ResourceRow> {
    let (mut after, mut rows) = (None, Vec::new());
    loop {
        let request = ResourceRequest { filter, direction, after, limit, budget: NO_LIMIT };
        let page = reader.resources(&request).unwrap();
        assert!(page.rows.len() <= limit);
        after = match direction {
            Direction::Older => page.rows.last().map(|row| row.key),
            Direction::Newer => page.rows.first().map(|row| row.key),
        };
        match direction {
            Direction::Older => rows.extend(page.rows),
            Direction::Newer => rows.splice(0..0, page.rows).for_each(drop),
        }
        if !page.more {
            return rows;
        }
    }
}

/// Without codes, which the oracle does not know.
fn plain(mut rows: Vec<ResourceRow>) -> Vec<ResourceRow> {
    rows.iter_mut().for_each(|row| row.key.code = 0);
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn resources_equal_the_brute_force_answer(seed in any::<u64>()) {
        let records = log(seed, 360);
        let store = run(layered(&records));
        let mut dice = Dice::new(seed ^ 5);
        for workspace in 0..3 {
            let all = folded(&known_events(&records, workspace));
            let reader = reader(&store, workspace);
            for round in 0..40 {
                let filter =
                    if round == 0 { ResourceFilter::default() } else { random_filter(&mut dice) };
                let expected: Vec<ResourceRow> =
                    all.iter().filter(|row| fits(&filter, row)).cloned().collect();
                let limit = dice.pick(&[1, 2, 5, 1000]);
                for way in [Direction::Older, Direction::Newer] {
                    let rows = plain(walk(&reader, &filter, limit, way));
                    let differing = rows.iter().zip(&expected).find(|(row, other)| row != other);
                    prop_assert_eq!(differing, None, "{:?} {:?} {}", filter, way, limit);
                    prop_assert_eq!(rows.len(), expected.len(), "{:?} {:?}", filter, way);
                }
            }
            for expected in all {
                let found = reader.resource(&expected.resource_type, &expected.id, NO_LIMIT);
                let (row, snapshot) = found.unwrap().unwrap();
                prop_assert_eq!(snapshot, reader.last_seq());
                prop_assert_eq!(plain(vec![row]), vec![expected]);
            }
            prop_assert!(reader.resource("segment", "none", NO_LIMIT).unwrap().is_none());
            prop_assert!(reader.resource("none", "r0", NO_LIMIT).unwrap().is_none());
        }
    }
}

#[test]
fn a_workspace_without_records_has_no_resources() {
    let store = run(layered(&[]));
    let reader = reader(&store, 0);
    let filter = ResourceFilter::default();
    assert_eq!(walk(&reader, &filter, 10, Direction::Older), []);
    assert!(reader.resource("segment", "r0", NO_LIMIT).unwrap().is_none());
}

#[test]
fn a_limit_on_steps_ends_in_an_error() {
    let records = log(7, 300);
    let store = run(layered(&records));
    let (filter, direction) = (ResourceFilter::default(), Direction::Older);
    let limited = |steps| {
        let budget = Budget::steps(steps);
        let request = ResourceRequest { filter: &filter, direction, after: None, limit: 3, budget };
        reader(&store, 0).resources(&request)
    };
    assert!(matches!(limited(3), Err(StoreError::OverBudget { limit: 3, .. })));
    assert_eq!(limited(1000).unwrap().rows.len(), 3);
}

/// A replica that is behind may be asked to go on from a resource that it does not know yet.
#[test]
fn a_key_that_is_not_known_yet_loses_nothing() {
    let records = log(11, 300);
    let store = run(layered(&records));
    let reader = reader(&store, 0);
    let filter = ResourceFilter::default();
    let all = walk(&reader, &filter, 1000, Direction::Older);
    let after = Some(super::ResourceKey { last_at: all[0].last_at, code: u32::MAX });
    let direction = Direction::Older;
    let request =
        ResourceRequest { filter: &filter, direction, after, limit: 1000, budget: NO_LIMIT };
    assert_eq!(reader.resources(&request).unwrap().rows, all);
}

/// Events by an actor without id on one segment: created by `u1`, then changed.
fn changed_by(kind: annals_schemas::ActorKind) -> Vec<Record> {
    let mut dice = Dice::new(3);
    let mut made = |id: u128, action: &str, actor: Principal| {
        let mut event = event(&mut dice, id);
        event.workspace_id = workspace(0);
        event.action = action.into();
        event.explicit_kind = None;
        event.occurred_at = None;
        event.actor.principal = actor;
        event.resources = vec![annals_schemas::Resource {
            resource_type: "segment".into(),
            id: "s1".into(),
            name: None,
        }];
        record(&event, u64::try_from(id).unwrap())
    };
    let by = |kind, id: Option<&str>| {
        let id = id.map(str::to_owned);
        Principal { kind, id, name: None, email: None }
    };
    let ana = by(annals_schemas::ActorKind::User, Some("u1"));
    vec![made(1, "segment.created", ana), made(2, "segment.updated", by(kind, None))]
}

/// Nobody known cannot be said to be someone other than the creator.
#[test]
fn edited_by_other_wants_both_known() {
    use annals_schemas::ActorKind::{System, Unknown};
    let filter = ResourceFilter { edited_by_other: true, ..ResourceFilter::default() };
    for (kind, expected) in [(System, 1), (Unknown, 0)] {
        let store = run(layered(&changed_by(kind)));
        let found = walk(&reader(&store, 0), &filter, 10, Direction::Older);
        assert_eq!(found.len(), expected, "{kind:?}");
    }
    let store = run(layered(&changed_by(Unknown)));
    let all = walk(&reader(&store, 0), &ResourceFilter::default(), 10, Direction::Older);
    let editor = all[0].last_editor.as_ref().map(|editor| editor.event_id);
    assert_eq!((all[0].changes, editor), (2, Some(Uuid::from_u128(2))));
}
