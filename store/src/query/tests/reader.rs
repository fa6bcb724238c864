//! The whole way: records folded, sealed and read through a workspace's handle.

use std::sync::Arc;

use annals_schemas::{Event, Instant, LogId, Record, decode};
use proptest::prelude::*;

use super::oracle::{Known, expected};
use crate::OrderKey;
use crate::fixture::{self, ACTIONS, Dice, TYPES, log};
use crate::fold::Decoded;
use crate::names::NameMatch;
use crate::partition::{CompactionOptions, PartitionStore, Surroundings};
use crate::query::{
    Budget, CountMode, Direction, Driver, FacetBy, FacetRequest, Filter, GroupPlace, GroupPlan,
    HistogramBy, HistogramRequest, ListDimension, NameFilter, NameScope, PageRequest, Restriction,
    Row, WorkspaceReader,
};
use crate::storage::{BoundaryHook, Storage};

const LOG_ID: LogId = LogId([9; 16]);

pub(super) async fn open() -> Arc<PartitionStore> {
    let shared = Surroundings {
        storage: Storage::memory(),
        log_id: LOG_ID,
        read_only: false,
        boundary: BoundaryHook::default(),
        random: fixture::random,
        now: Arc::new(|| Instant::from_micros(1_700_000_000_000_000).unwrap()),
        grace: std::time::Duration::from_secs(600),
        compaction: Arc::new(CompactionOptions { tiers: vec![24, 90], width: 4, level: 1 }),
        recent_bytes: 4_000,
    };
    Arc::new(PartitionStore::open(shared, 0).await.unwrap())
}

pub(super) fn fold(store: &PartitionStore, records: &[Record]) {
    let decode = |record: &Record| Decoded::new(record.clone(), &LOG_ID, 1);
    store.fold(records.iter().map(decode)).unwrap();
}

pub(super) async fn seal(store: &PartitionStore) {
    if let Some(job) = store.freeze() {
        store.commit(&mut job.build(store).unwrap()).await.unwrap();
    }
}

pub(super) async fn compact(store: &PartitionStore) {
    while let Some(job) = store.compact_plan() {
        store.commit_compaction(&mut job.build(store).unwrap()).await.unwrap();
    }
}

pub(super) fn reader(store: &Arc<PartitionStore>, workspace: u64) -> WorkspaceReader {
    WorkspaceReader::new(fixture::workspace(workspace), store.clone())
}

/// The fold by its definition: first of an id wins, seq in log order.
pub(super) fn known_events(records: &[Record], workspace: u64) -> Vec<Known> {
    let mut ids = std::collections::HashSet::new();
    let wanted = fixture::workspace(workspace);
    let mut known = Vec::new();
    for record in records {
        let Ok(event) = decode(record, &LOG_ID) else { continue };
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

pub(super) fn random_filter(dice: &mut Dice) -> Filter {
    let some = |dice: &mut Dice, all: &[&str]| -> Vec<String> {
        (0..dice.below(6).saturating_sub(3)).map(|_| dice.pick(all).to_owned()).collect()
    };
    let of_world = super::world::random_filter(dice);
    Filter {
        actors: some(dice, &["u0", "u1", "u2", "nobody"]),
        actions: some(dice, &[ACTIONS[0], ACTIONS[1], "segment.*", "x.*"]),
        resource_types: some(dice, &TYPES),
        resource_ids: some(dice, &["r0", "r1", "r2"]),
        ..of_world
    }
}

pub(super) fn request(filter: &Filter, direction: Direction, limit: usize) -> PageRequest<'_> {
    PageRequest {
        filter,
        direction,
        after: None,
        limit,
        snapshot: None,
        count: CountMode::None,
        budget: Budget::UNLIMITED,
        explain: false,
    }
}

/// Walks all pages in one direction; the seqs in page order.
fn walk(reader: &WorkspaceReader, filter: &Filter, limit: usize, way: Direction) -> Vec<u64> {
    let mut request = request(filter, way, limit);
    let mut seqs = Vec::new();
    loop {
        let page = reader.page(&request).unwrap();
        let keys: Vec<OrderKey> = page.rows.iter().map(Row::key).collect();
        assert_eq!(reader.keys(&request).unwrap(), keys);
        request.snapshot = Some(page.snapshot);
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
            Some(row) => request.after = Some(row.key()),
            None => return seqs,
        }
    }
}

/// A store with segments, some of them merged, a frozen tail and a live one.
pub(super) async fn layered(records: &[Record]) -> Arc<PartitionStore> {
    let store = open().await;
    let part = records.len() / 8;
    for number in 0..6 {
        fold(&store, &records[number * part..(number + 1) * part]);
        seal(&store).await;
        if number == 3 {
            compact(&store).await;
        }
    }
    fold(&store, &records[6 * part..7 * part]);
    store.freeze().unwrap();
    fold(&store, &records[7 * part..]);
    store
}

pub(super) fn layered_now(records: &[Record]) -> Arc<PartitionStore> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(layered(records))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// INV-11 and INV-8: every filter, page size and direction equals the brute-force answer.
    #[test]
    fn pages_equal_the_brute_force_answer(seed in any::<u64>()) {
        let records = log(seed, 300);
        let store = layered_now(&records);
        let mut dice = Dice::new(seed ^ 2);
        for workspace in 0..3 {
            let known = known_events(&records, workspace);
            let reader = reader(&store, workspace);
            for _ in 0..60 {
                let filter = random_filter(&mut dice);
                let expected: Vec<u64> =
                    expected(&filter, &known, u64::MAX).iter().map(|it| it.key.seq).collect();
                let limit = dice.pick(&[1, 3, 7, 50, 1000]);
                for way in [Direction::Older, Direction::Newer] {
                    let seqs = walk(&reader, &filter, limit, way);
                    prop_assert_eq!(&seqs, &expected, "{:?} {:?} {}", filter, way, limit);
                }
                let unlimited = Budget::UNLIMITED;
                let total = reader.count(&filter, None, CountMode::Exact, unlimited).unwrap();
                prop_assert_eq!(total.unwrap().value, expected.len() as u64, "{:?}", filter);
            }
        }
    }

    /// Whatever is asked through a confined handle, nothing else comes: pages, counts, facets.
    #[test]
    fn a_confined_handle_gives_what_it_is_confined_to(seed in any::<u64>()) {
        let records = log(seed, 300);
        let store = layered_now(&records);
        let mut dice = Dice::new(seed ^ 8);
        let known = known_events(&records, 0);
        for _ in 0..40 {
            let filter = random_filter(&mut dice);
            let resource = (dice.pick(&TYPES).to_owned(), dice.pick(&["r0", "r1"]).to_owned());
            let resource = Some(resource).filter(|_| dice.below(2) == 0);
            let actor = Some(dice.pick(&["u0", "u1"]).to_owned()).filter(|_| dice.below(2) == 0);
            let confined = |mut filter: Filter| {
                let clash = |list: &[String], value: &str| {
                    !list.is_empty() && !list.iter().any(|other| other == value)
                };
                let mut clashes = false;
                if let Some((resource_type, id)) = &resource {
                    clashes |= clash(&filter.resource_types, resource_type);
                    clashes |= clash(&filter.resource_ids, id);
                    filter.resource_types = vec![resource_type.clone()];
                    filter.resource_ids = vec![id.clone()];
                }
                if let Some(actor) = &actor {
                    clashes |= clash(&filter.actors, actor);
                    filter.actors = vec![actor.clone()];
                    // Names that others gave later are not to be found out by searching.
                    if let Some(name) = &mut filter.name {
                        name.scope = NameScope::Event;
                    }
                }
                (!clashes).then_some(filter)
            };
            let rows = |filter: Filter| {
                let confined = confined(filter);
                let found = confined.map(|filter| expected(&filter, &known, u64::MAX));
                found.unwrap_or_default().iter().map(|it| it.key.seq).collect::<Vec<u64>>()
            };
            let restriction = Restriction { resource: resource.clone(), actor: actor.clone() };
            let reader = reader(&store, 0).restricted(restriction);
            let seqs = walk(&reader, &filter, 7, Direction::Older);
            prop_assert_eq!(&seqs, &rows(filter.clone()), "{:?}", filter);
            let total = reader.count(&filter, None, CountMode::Exact, Budget::UNLIMITED).unwrap();
            prop_assert_eq!(total.unwrap().value, seqs.len() as u64, "{:?}", filter);
            // A facet of people ignores what was asked of them, not what the handle is confined to.
            let facets = reader.facets(&FacetRequest {
                filter: &filter,
                snapshot: None,
                by: &[FacetBy::Actor],
                limit: 1_000,
                budget: Budget::UNLIMITED,
            });
            let values = &facets.unwrap().facets[0].values;
            let counted: u64 = values.iter().map(|value| value.count).sum();
            let asked = Filter { actors: vec![], actor_kinds: vec![], ..filter.clone() };
            prop_assert_eq!(rows(asked).len() as u64, counted, "{:?}", filter);
            for known in &known {
                let seen = reader.event(known.event.event_id).unwrap().is_some();
                prop_assert_eq!(seen, rows(Filter::default()).contains(&known.key.seq));
            }
        }
    }

    /// Buckets are those of the brute-force answer, empty ones too, and their parts add up.
    #[test]
    fn histograms_equal_the_brute_force_answer(seed in any::<u64>()) {
        let records = log(seed, 300);
        let store = layered_now(&records);
        let mut dice = Dice::new(seed ^ 4);
        let known = known_events(&records, 0);
        let reader = reader(&store, 0);
        for _ in 0..60 {
            let random = random_filter(&mut Dice::new(seed));
            let filter = dice.pick(&[&random, &Filter::default()]).clone();
            let snapshot = dice.below(known.len() as u64 + 1);
            let snapshot = dice.pick(&[None, Some(snapshot)]);
            let mut edges: Vec<Instant> =
                (0..dice.below(9)).map(|_| super::world::moment(dice.below(60))).collect();
            edges.sort_unstable();
            let by = dice.pick(&[None, Some(HistogramBy::Kind), Some(HistogramBy::Outcome)]);
            let budget = Budget::UNLIMITED;
            let request =
                HistogramRequest { filter: &filter, snapshot, edges: &edges, by, budget };
            let found = reader.histogram(&request).unwrap();
            let rows = expected(&filter, &known, snapshot.unwrap_or(u64::MAX));
            prop_assert_eq!(found.buckets.len(), edges.len().saturating_sub(1));
            for bucket in found.buckets {
                let is_in = |known: &&&Known| {
                    let at = known.key.effective_at;
                    at >= bucket.start.micros() && at < bucket.end.micros()
                };
                let inside: Vec<&Event> = rows.iter().filter(is_in).map(|it| &it.event).collect();
                prop_assert_eq!(bucket.count, inside.len() as u64, "{:?}", &filter);
                for (name, count) in bucket.by {
                    let of_name = inside.iter().filter(|event| match by {
                        Some(HistogramBy::Kind) => event.kind().as_str() == name,
                        _ => event.outcome.as_str() == name,
                    });
                    prop_assert_eq!(of_name.count() as u64, count, "{}", name);
                }
            }
        }
    }
}

/// In segments, in a frozen tail and in the live one.
#[tokio::test]
async fn an_event_is_found_with_the_hash_of_its_content() {
    let records = log(29, 400);
    let store = layered(&records).await;
    let reader = reader(&store, 0);
    let known = known_events(&records, 0);
    assert!(known.len() > 50, "{} events", known.len());
    for Known { event, key } in known {
        let expected = annals_schemas::content_hash(&event);
        assert_eq!(reader.content_hash_of(event.event_id).unwrap(), Some(expected));
        assert!(reader.is_known(event.event_id).unwrap());
        let (row, _) = reader.event(event.event_id).unwrap().unwrap();
        assert_eq!((row.key(), row.resources.len()), (key, event.resources.len()));
        assert_eq!(*row.event, event);
    }
    assert_eq!(reader.content_hash_of(uuid::Uuid::from_u128(u128::MAX)).unwrap(), None);
}

#[tokio::test]
async fn a_walk_keeps_its_snapshot_while_records_arrive() {
    let records = log(23, 600);
    let store = open().await;
    fold(&store, &records[..200]);
    let filter = Filter::default();
    let reader = reader(&store, 0);
    let last_seq = reader.last_seq();
    let mut request = PageRequest {
        snapshot: Some(last_seq),
        count: CountMode::Exact,
        ..request(&filter, Direction::Older, 7)
    };
    let (mut seqs, mut next) = (Vec::new(), 200);
    loop {
        let page = reader.page(&request).unwrap();
        assert_eq!(page.total.unwrap().value, last_seq);
        seqs.extend(page.rows.iter().map(|row| row.seq));
        fold(&store, &records[next..(next + 20).min(600)]);
        next = (next + 20).min(600);
        if next % 100 == 0 {
            seal(&store).await;
            compact(&store).await;
        }
        let Some(row) = page.rows.last().filter(|_| page.more) else { break };
        request.after = Some(row.key());
    }
    let known = known_events(&records, 0);
    let expected: Vec<u64> =
        expected(&filter, &known, last_seq).iter().map(|known| known.key.seq).collect();
    assert_eq!(seqs, expected);
}

/// Rows move from the tail into segments and from segments into others while they are read.
#[test]
fn readers_see_each_row_once_while_rows_move() {
    let records = log(31, 1_500);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = runtime.block_on(open());
    let name = NameFilter { text: "v".into(), scope: NameScope::Ever, mode: NameMatch::Contains };
    let filter = Filter { name: Some(name), ..Filter::default() };
    let known = known_events(&records, 0);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for part in records.chunks(25) {
                fold(&store, part);
                runtime.block_on(seal(&store));
                runtime.block_on(compact(&store));
            }
        });
        let reader = reader(&store, 0);
        while !writer.is_finished() {
            let page = reader.page(&request(&filter, Direction::Older, 10_000)).unwrap();
            let found: Vec<u64> = page.rows.iter().map(|row| row.seq).collect();
            let expected: Vec<u64> = expected(&filter, &known, page.snapshot)
                .iter()
                .map(|known| known.key.seq)
                .collect();
            assert_eq!(found, expected, "snapshot {}", page.snapshot);
        }
    });
}

/// One event a slice: the names that segments of workspace 0 bear in it.
async fn named_segments(events: &[&[(&str, Option<&str>)]]) -> Arc<PartitionStore> {
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
    let store = open().await;
    for (number, record) in records.enumerate() {
        fold(&store, &[record]);
        if number == 1 {
            seal(&store).await;
        }
    }
    store
}

/// Rows whose resource name contains `alp`, newest first.
fn rows_named_alp(store: &Arc<PartitionStore>, scope: NameScope) -> Vec<Row> {
    let name = NameFilter { text: "alp".into(), scope, mode: NameMatch::Contains };
    let filter = Filter { name: Some(name), ..Filter::default() };
    reader(store, 0).page(&request(&filter, Direction::Older, 10)).unwrap().rows
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
        [(Some("Beta"), Some("Beta"), Some("Alpha")), (Some("Alpha"), Some("Beta"), Some("Alpha"))]
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

/// A sealed row is found by a name that its resource was given after the seal.
#[tokio::test]
async fn a_name_given_after_the_seal_finds_the_rows_before_it() {
    let store =
        named_segments(&[&[("s1", None)], &[("s2", Some("x"))], &[("s1", Some("Alpha"))]]).await;
    let rows = rows_named_alp(&store, NameScope::Ever);
    assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [3, 1]);
}

#[tokio::test]
async fn facets_are_ordered_by_count_and_then_by_value() {
    let records = log(37, 400);
    let store = layered(&records).await;
    let known = known_events(&records, 0);
    let filter = Filter::default();
    let by = [FacetBy::Action, FacetBy::Actor, FacetBy::Outcome];
    let ask = |limit| {
        let request = FacetRequest {
            filter: &filter,
            snapshot: None,
            by: &by,
            limit,
            budget: Budget::UNLIMITED,
        };
        reader(&store, 0).facets(&request).unwrap()
    };
    let whole = ask(100);
    assert_eq!(whole.snapshot, known.len() as u64);
    assert_eq!(whole.facets.iter().map(|facet| facet.by).collect::<Vec<_>>(), by);
    for facet in &whole.facets {
        let order: Vec<_> = facet
            .values
            .iter()
            .map(|value| (std::cmp::Reverse(value.count), value.value.order()))
            .collect();
        assert!(order.is_sorted(), "{order:?}");
        assert!(!facet.truncated);
        let sum: u64 = facet.values.iter().map(|value| value.count).sum();
        assert_eq!(sum, known.len() as u64);
    }
    for (cut, facet) in ask(2).facets.iter().zip(&whole.facets) {
        assert_eq!(cut.values, facet.values[..2]);
        assert_eq!(cut.truncated, facet.values.len() > 2);
    }
}

/// Everything a plan tells adds up, and a page that was not asked for one has none.
#[tokio::test]
async fn a_plan_says_what_was_done() {
    let records = log(41, 400);
    let store = layered(&records).await;
    let filter = Filter { actors: vec!["u1".into()], ..Filter::default() };
    let reader = reader(&store, 0);
    let mut request = request(&filter, Direction::Older, 1_000);
    assert_eq!(reader.page(&request).unwrap().plan, None);
    request.explain = true;
    let page = reader.page(&request).unwrap();
    let plan = page.plan.unwrap();
    let hits: u64 = plan.groups.iter().map(|group| group.hits).sum();
    assert_eq!((hits, plan.name), (page.rows.len() as u64, None));
    assert!(plan.groups.iter().map(|group| group.steps).sum::<u64>() <= plan.steps);
    // Each group says of itself what came of it, and what found it.
    let begins = |part: usize| records[part * records.len() / 8].position.offset;
    let is_in = |group: &GroupPlan, offset: u64| match group.place {
        GroupPlace::Segment { start, end } => (start..end).contains(&offset),
        GroupPlace::Frozen => (begins(6)..begins(7)).contains(&offset),
        GroupPlace::Live => offset >= begins(7),
    };
    for group in &plan.groups {
        let here = page.rows.iter().filter(|row| is_in(group, row.position.offset));
        assert_eq!(group.hits, here.count() as u64, "{group:?}");
        assert!(u64::from(group.rows) >= group.hits, "{group:?}");
        if let Driver::Lists { dimension, entries, .. } = group.driver {
            assert_eq!((dimension, entries), (ListDimension::Actor, group.hits), "{group:?}");
        }
    }
    let places: Vec<_> = plan.groups.iter().map(|group| group.place).collect();
    assert!(places.contains(&GroupPlace::Live) && places.contains(&GroupPlace::Frozen));
    let everything = Filter::default();
    let mut request = PageRequest { filter: &everything, ..request };
    request.explain = true;
    let page = reader.page(&request).unwrap();
    for group in page.plan.unwrap().groups {
        assert_eq!((group.driver, group.hits), (Driver::Slice, group.rows.into()), "{group:?}");
    }
}
