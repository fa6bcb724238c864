//! Pages against a brute-force oracle over the same records.

use annals_schemas::{ActorKind, Event, Instant, Kind, Outcome, Record, decode};
use proptest::prelude::*;

use super::{CountMode, Direction, Filter, NameFilter, NameScope, PageRequest, Row};
use crate::fixture::{self, ACTIONS, Dice, TYPES, fold, log, open, seal};
use crate::names::NameMatch;
use crate::{OrderKey, Storage, Store, fold_name};

/// One visible event as the oracle keeps it.
struct Known {
    key: OrderKey,
    event: Event,
}

/// The fold by its definition: first of an id wins, seq in log order.
fn known_events(records: &[Record], store: &Store, workspace: u64) -> Vec<Known> {
    let mut ids = std::collections::HashSet::new();
    let wanted = fixture::workspace(workspace);
    let mut known = Vec::new();
    for record in records {
        let Ok(event) = decode(record, &store.log_id()) else { continue };
        let keyed = record.key.as_deref() == Some(event.workspace_id.as_str().as_bytes());
        if !keyed || event.workspace_id != wanted || !ids.insert(event.event_id) {
            continue;
        }
        let recorded = record.timestamp_ms * 1000;
        let told = event.occurred_at.map(Instant::micros);
        let effective_at = told.filter(|at| *at <= recorded + 600_000_000).unwrap_or(recorded);
        known.push(Known { key: OrderKey { effective_at, seq: known.len() as u64 + 1 }, event });
    }
    known
}

fn matches_name(filter: &NameFilter, name: &str) -> bool {
    let (name, text) = (fold_name(name), fold_name(&filter.text));
    match filter.mode {
        NameMatch::Contains => text.split(' ').all(|part| name.contains(part)),
        NameMatch::Exact => name == text,
        NameMatch::Prefix => name.starts_with(&text),
    }
}

fn expected(filter: &Filter, known: &[Known], snapshot: u64) -> Vec<u64> {
    let visible = || known.iter().filter(|known| known.key.seq <= snapshot);
    let ever = |resource: &annals_schemas::Resource, name: &NameFilter| {
        let same = |other: &&annals_schemas::Resource| {
            other.resource_type == resource.resource_type && other.id == resource.id
        };
        visible()
            .flat_map(|known| &known.event.resources)
            .filter(same)
            .any(|other| other.name.as_ref().is_some_and(|text| matches_name(name, text)))
    };
    let asks = !filter.resource_types.is_empty()
        || !filter.resource_ids.is_empty()
        || filter.name.is_some();
    let mut found: Vec<&Known> = visible()
        .filter(|Known { key, event }| {
            let any =
                |list: &[String], value: &str| list.is_empty() || list.iter().any(|v| v == value);
            let actor = &event.actor.principal;
            let other = event.actor.on_behalf_of.as_ref();
            let action = |pattern: &String| match pattern.strip_suffix('*') {
                Some(prefix) => event.action.starts_with(prefix),
                None => *pattern == event.action,
            };
            any(&filter.actors, actor.id.as_deref().unwrap_or_default())
                && (filter.actor_kinds.is_empty() || filter.actor_kinds.contains(&actor.kind))
                && (filter.on_behalf_of.is_empty()
                    || other.is_some_and(|o| any(&filter.on_behalf_of, o.id.as_deref().unwrap())))
                && (filter.actions.is_empty() || filter.actions.iter().any(action))
                && (filter.kinds.is_empty() || filter.kinds.contains(&event.kind()))
                && (filter.outcomes.is_empty() || filter.outcomes.contains(&event.outcome))
                && filter.from.is_none_or(|from| key.effective_at >= from.micros())
                && filter.to.is_none_or(|to| key.effective_at < to.micros())
                && (!asks
                    || event.resources.iter().any(|resource| {
                        any(&filter.resource_types, &resource.resource_type)
                            && any(&filter.resource_ids, &resource.id)
                            && filter.name.as_ref().is_none_or(|name| match name.scope {
                                NameScope::Ever => ever(resource, name),
                                NameScope::Event => resource
                                    .name
                                    .as_ref()
                                    .is_some_and(|text| matches_name(name, text)),
                            })
                    }))
        })
        .collect();
    found.sort_by_key(|known| std::cmp::Reverse(known.key));
    found.iter().map(|known| known.key.seq).collect()
}

fn random_filter(dice: &mut Dice) -> Filter {
    let some = |dice: &mut Dice, all: &[&str]| -> Vec<String> {
        (0..dice.below(6).saturating_sub(3)).map(|_| dice.pick(all).to_owned()).collect()
    };
    let moment = |dice: &mut Dice| {
        let micros = 1_700_000_000_000_000 + i64::try_from(dice.below(42)).unwrap() * 1_000_000;
        (dice.below(3) == 0).then(|| Instant::from_micros(micros).unwrap())
    };
    let needles = ["vip", "VIP eu", "v", "zoe", "lodz", "東", "%", "a_b", "nothing", "us vip"];
    let name = (dice.below(2) == 0).then(|| NameFilter {
        text: dice.pick(&needles).to_owned(),
        scope: dice.pick(&[NameScope::Ever, NameScope::Event]),
        mode: dice.pick(&[
            NameMatch::Contains,
            NameMatch::Contains,
            NameMatch::Exact,
            NameMatch::Prefix,
        ]),
    });
    Filter {
        actors: some(dice, &["u0", "u1", "u2", "nobody"]),
        actor_kinds: if dice.below(5) == 0 { vec![dice.pick(ActorKind::ALL)] } else { vec![] },
        on_behalf_of: if dice.below(6) == 0 { vec!["u1".into(), "u2".into()] } else { vec![] },
        actions: some(dice, &[ACTIONS[0], ACTIONS[1], "segment.*", "x.*"]),
        kinds: if dice.below(5) == 0 { vec![dice.pick(Kind::ALL)] } else { vec![] },
        outcomes: if dice.below(6) == 0 { vec![dice.pick(Outcome::ALL)] } else { vec![] },
        resource_types: some(dice, &TYPES),
        resource_ids: some(dice, &["r0", "r1", "r2"]),
        name,
        from: moment(dice),
        to: moment(dice),
    }
}

/// Walks all pages in one direction; the seqs in page order.
fn walk(store: &Store, workspace: u64, filter: &Filter, limit: usize, way: Direction) -> Vec<u64> {
    let reader = store.workspace(&fixture::workspace(workspace));
    let (mut after, mut snapshot, mut seqs) = (None, None, Vec::new());
    loop {
        let page = reader
            .page(&PageRequest {
                filter,
                direction: way,
                after,
                limit,
                snapshot,
                count: CountMode::None,
                max_rows: u64::MAX,
            })
            .unwrap();
        snapshot = Some(page.snapshot);
        let of_page = page.rows.iter().map(|row| row.seq);
        match way {
            Direction::Older => seqs.extend(of_page),
            Direction::Newer => seqs.splice(0..0, of_page).for_each(drop),
        }
        let last = match way {
            Direction::Older => page.rows.last(),
            Direction::Newer => page.rows.first(),
        };
        match last.filter(|_| page.more) {
            Some(row) => after = Some(row.key()),
            None => return seqs,
        }
    }
}

/// A store with three segments, a frozen tail and a live one.
async fn layered(records: &[Record]) -> Store {
    let store = open(&Storage::memory()).await;
    let part = records.len() / 5;
    for number in 0..3 {
        fold(&store, &records[number * part..(number + 1) * part]);
        seal(&store).await.unwrap();
    }
    fold(&store, &records[3 * part..4 * part]);
    store.partition(0).unwrap().freeze().unwrap();
    fold(&store, &records[4 * part..]);
    store
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// INV-11 and INV-8: every filter, page size and direction equals the brute-force answer.
    #[test]
    fn pages_equal_the_brute_force_answer(seed in any::<u64>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let records = log(seed, 300);
        let store = runtime.block_on(layered(&records));
        let mut dice = Dice::new(seed ^ 2);
        for workspace in 0..3 {
            let known = known_events(&records, &store, workspace);
            for _ in 0..60 {
                let filter = random_filter(&mut dice);
                let expected = expected(&filter, &known, u64::MAX);
                let limit = dice.pick(&[1, 3, 7, 50, 1000]);
                for way in [Direction::Older, Direction::Newer] {
                    let seqs = walk(&store, workspace, &filter, limit, way);
                    prop_assert_eq!(&seqs, &expected, "{:?} {:?} {}", filter, way, limit);
                }
            }
        }
    }
}

/// In segments, in a frozen tail and in the live one.
#[tokio::test]
async fn the_content_hash_is_that_of_the_visible_event() {
    let records = log(29, 300);
    let store = layered(&records).await;
    let reader = store.workspace(&fixture::workspace(0));
    let known = known_events(&records, &store, 0);
    assert!(known.len() > 50, "{} events", known.len());
    for Known { event, .. } in known {
        let expected = annals_schemas::content_hash(&event);
        assert_eq!(reader.content_hash_of(event.event_id).unwrap(), Some(expected));
    }
    assert_eq!(reader.content_hash_of(uuid::Uuid::from_u128(u128::MAX)).unwrap(), None);
}

#[tokio::test]
async fn a_walk_keeps_its_snapshot_while_records_arrive() {
    let records = log(23, 600);
    let store = open(&Storage::memory()).await;
    fold(&store, &records[..200]);
    let filter = Filter::default();
    let reader = store.workspace(&fixture::workspace(0));
    let last_seq = reader.last_seq();
    let (mut after, mut seqs, mut next) = (None, Vec::new(), 200);
    loop {
        let page = reader
            .page(&PageRequest {
                filter: &filter,
                direction: Direction::Older,
                after,
                limit: 7,
                snapshot: Some(last_seq),
                count: CountMode::Exact,
                max_rows: u64::MAX,
            })
            .unwrap();
        assert_eq!(page.total.unwrap().value, last_seq);
        seqs.extend(page.rows.iter().map(|row| row.seq));
        fold(&store, &records[next..(next + 20).min(600)]);
        next = (next + 20).min(600);
        if next % 100 == 0 {
            seal(&store).await.unwrap();
        }
        let Some(row) = page.rows.last().filter(|_| page.more) else { break };
        after = Some(row.key());
    }
    let known = known_events(&records, &store, 0);
    assert_eq!(seqs, expected(&filter, &known, last_seq));
}

/// One event a slice: the names that segments of workspace 0 bear in it.
async fn named_segments(events: &[&[(&str, Option<&str>)]]) -> Store {
    let mut dice = Dice::new(1);
    let records = (0..).zip(events).map(|(at, segments)| {
        let mut event = fixture::event(&mut dice, u128::from(at) + 1);
        event.workspace_id = fixture::workspace(0);
        event.occurred_at = None;
        event.action = "segment.updated".into();
        let resource = |(id, name): &(&str, Option<&str>)| annals_schemas::Resource {
            resource_type: "segment".into(),
            id: (*id).into(),
            name: name.map(str::to_owned),
        };
        event.resources = segments.iter().map(resource).collect();
        fixture::record(&event, at)
    });
    let store = open(&Storage::memory()).await;
    fold(&store, &records.collect::<Vec<_>>());
    store
}

/// Rows whose resource name contains `alp`, newest first.
fn rows_named_alp(store: &Store, scope: NameScope) -> Vec<Row> {
    let name = NameFilter { text: "alp".into(), scope, mode: NameMatch::Contains };
    let filter = Filter { name: Some(name), ..Filter::default() };
    let page = store.workspace(&fixture::workspace(0)).page(&PageRequest {
        filter: &filter,
        direction: Direction::Older,
        after: None,
        limit: 10,
        snapshot: None,
        count: CountMode::Bounded,
        max_rows: u64::MAX,
    });
    page.unwrap().rows
}

fn matched_names(row: &Row) -> Vec<Option<&str>> {
    row.resources.iter().map(|now| now.matched_name.as_deref()).collect()
}

#[tokio::test]
async fn a_row_says_which_name_matched_and_what_it_is_called_now() {
    let store = named_segments(&[&[("s1", Some("Alpha"))], &[("s1", Some("Beta"))]]).await;
    let rows = rows_named_alp(&store, NameScope::Ever);
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            let now = &row.resources[0];
            let name = row.event.resources[0].name.as_deref();
            (name, now.current_name.as_deref(), now.matched_name.as_deref())
        })
        .collect();
    assert_eq!(
        told,
        [(Some("Beta"), Some("Beta"), Some("Alpha")), (Some("Alpha"), Some("Beta"), Some("Alpha")),]
    );
}

/// Under scope `event`, a resource that bore a matching name only elsewhere was said to match.
#[tokio::test]
async fn under_scope_event_only_the_name_in_the_event_matches() {
    let store = named_segments(&[
        &[("s1", Some("Alpha")), ("s2", Some("Alps"))],
        &[("s1", Some("Beta")), ("s2", Some("Alps"))],
        &[("s1", None), ("s2", Some("Alps"))],
        &[("s1", Some("Beta"))],
    ])
    .await;
    let rows = rows_named_alp(&store, NameScope::Event);
    let told: Vec<_> = rows.iter().map(matched_names).collect();
    let (alpha, alps) = (Some("Alpha"), Some("Alps"));
    assert_eq!(told, [vec![None, alps], vec![None, alps], vec![alpha, alps]]);
    let rows = rows_named_alp(&store, NameScope::Ever);
    let told: Vec<_> = rows.iter().map(matched_names).collect();
    assert_eq!(told, [vec![alpha], vec![alpha, alps], vec![alpha, alps], vec![alpha, alps]]);
}
