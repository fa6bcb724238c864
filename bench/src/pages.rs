//! Pages of 50 rows, decoded, in the largest workspace, by filter shape.

use std::collections::HashMap;
use std::hash::Hash;

use annals_schemas::Event;
use annals_store::{
    Budget, CountMode, Direction, Filter, NameFilter, NameMatch, NameScope, OrderKey, PageRequest,
    WorkspaceReader,
};

use crate::load::Loaded;
use crate::report::{Samples, Started, micros};

const RUNS: usize = 300;
const LIMIT: usize = 50;

/// Prints p50 and p99 of each shape, and how many rows its page has.
#[expect(clippy::print_stdout, reason = "figures are the output")]
pub(crate) fn measure(loaded: &Loaded) {
    let reader = loaded.store.workspace(&loaded.largest).expect("the only partition is open");
    let own: Vec<&Event> =
        loaded.events.iter().filter(|event| event.workspace_id == loaded.largest).collect();
    println!("pages of {LIMIT} rows in {} ({} events):", loaded.largest, own.len());
    println!("{:<44} {:>9} {:>9} {:>6}", "", "p50 µs", "p99 µs", "rows");
    for (shape, filter) in shapes(&own) {
        line(&shape, &reader, &filter, None);
    }
    let deep = key_at(&reader, own.len() * 9 / 10);
    line("no filter, nine tenths down", &reader, &Filter::default(), deep);
}

#[expect(clippy::print_stdout, reason = "figures are the output")]
fn line(shape: &str, reader: &WorkspaceReader, filter: &Filter, after: Option<OrderKey>) {
    let request = request(filter, after, LIMIT);
    let ask = || reader.page_of(&request, |row| row.key()).map_or(0, |page| page.rows.len());
    let rows = (0..=RUNS / 10).fold(0, |_, _| ask());
    let mut samples = Samples::default();
    for _ in 0..RUNS {
        let started = Started::now();
        ask();
        samples.push(started.spent().wall);
    }
    let [median, tail] = [500, 990].map(|rank| micros(samples.per_mille(rank)));
    println!("{shape:<44} {median:>9} {tail:>9} {rows:>6}");
}

fn request(filter: &Filter, after: Option<OrderKey>, limit: usize) -> PageRequest<'_> {
    PageRequest {
        filter,
        direction: Direction::Older,
        after,
        limit,
        snapshot: None,
        count: CountMode::None,
        budget: Budget::UNLIMITED,
        explain: false,
    }
}

fn key_at(reader: &WorkspaceReader, row: usize) -> Option<OrderKey> {
    let filter = Filter::default();
    let page = reader.page(&request(&filter, None, row)).ok()?;
    page.rows.last().map(annals_store::Row::key)
}

fn shapes(events: &[&Event]) -> Vec<(String, Filter)> {
    let actors = ranked(events.iter().filter_map(|e| e.actor.principal.id.clone()));
    let types = ranked(events.iter().flat_map(|e| &e.resources).map(|r| r.resource_type.clone()));
    let common = |list: &[String]| list.first().cloned().into_iter().collect::<Vec<_>>();
    let rare = |list: &[String]| list.last().cloned().into_iter().collect::<Vec<_>>();
    let name = |text: &str, scope| {
        Some(NameFilter { text: text.to_owned(), scope, mode: NameMatch::Contains })
    };
    let none = Filter::default;
    let ever = NameScope::Ever;
    let mut shapes = vec![
        ("no filter", none()),
        ("common user", Filter { actors: common(&actors), ..none() }),
        ("rare user", Filter { actors: rare(&actors), ..none() }),
        ("unknown user", Filter { actors: vec!["nobody".into()], ..none() }),
        ("common type", Filter { resource_types: common(&types), ..none() }),
        ("rare type", Filter { resource_types: rare(&types), ..none() }),
        ("name of one letter", Filter { name: name("e", ever), ..none() }),
        ("name of three letters", Filter { name: name("exe", ever), ..none() }),
        (
            "name in the event, two words",
            Filter { name: name("system32 exe", NameScope::Event), ..none() },
        ),
        ("name that nothing has", Filter { name: name("qqqqzz", ever), ..none() }),
        (
            "common user, common type, name",
            Filter {
                actors: common(&actors),
                resource_types: common(&types),
                name: name("e", ever),
                ..none()
            },
        ),
        (
            "rare user, rare type",
            Filter { actors: rare(&actors), resource_types: rare(&types), ..none() },
        ),
    ];
    shapes.drain(..).map(|(shape, filter)| (shape.to_owned(), filter)).collect()
}

/// Distinct values, most frequent first.
fn ranked<T: Hash + Ord + Clone>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut counts: HashMap<T, usize> = HashMap::new();
    values.for_each(|value| *counts.entry(value).or_default() += 1);
    let mut ranked: Vec<(usize, T)> =
        counts.into_iter().map(|(value, count)| (count, value)).collect();
    ranked.sort_unstable_by(|a, b| b.cmp(a));
    ranked.into_iter().map(|(_, value)| value).collect()
}
