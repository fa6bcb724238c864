//! How long answers take: pages by shape, pages by random filters, counts.

use std::error::Error;
use std::path::Path;

use annals_store::NameScope;

use super::asked::{Asked, thrice};
use super::engine::Engine;
use super::topics::{Shape, Topics};
use super::ways::{PAGES, TOTALS};
use super::{combinations, shapes};
use crate::generator::World;
use crate::report::{Memory, Samples, Table, Timings, bytes, memory_bytes, say, thousands};

/// What the random filters are called by `--only`.
const RANDOM: &str = "random";

/// Half, 99 of 100, and the greatest.
const RANKS: [usize; 3] = [500, 990, 1_000];

/// Asks everything of the store in a directory; briefly, pages by shape alone.
pub(super) async fn measure(
    world: &World,
    directory: &Path,
    brief: bool,
    only: Option<&str>,
) -> Result<(), Box<dyn Error>> {
    let mut engine = Engine::open(directory).await?;
    engine.open_names()?;
    say(&format!("\n{} live segments.", engine.segments()));
    let topics = Topics::new(world);
    let largest = &topics.largest;
    say(&format!(
        "\nLargest workspace: about {} events, {} users, {} resources. Times are of the thread\n\
         unless they say wall; everything has been asked before.",
        thousands(largest.events),
        thousands(largest.actors.ranks() as u64),
        thousands(largest.resources),
    ));
    pages(&engine, &topics, only)?;
    if !brief {
        if only.is_none_or(|only| RANDOM.contains(only)) {
            random_pages(&engine, &topics)?;
        }
        totals(&engine, directory, &topics, only).await?;
        if only.is_none() {
            rebuild(&mut engine)?;
        }
    }
    say(&format!("\nResident after all questions: {}.", bytes(memory_bytes(Memory::Resident))));
    Ok(())
}

fn rebuild(engine: &mut Engine) -> Result<(), Box<dyn Error>> {
    let report = engine.rebuild_names()?;
    let seconds = report.elapsed.as_secs_f64();
    let names = thousands(report.names_added);
    say(&format!("\nName index rebuilt from catalogs: {names} names in {seconds:.2} s (wall)."));
    Ok(())
}

fn pages(engine: &Engine, topics: &Topics<'_>, only: Option<&str>) -> Result<(), Box<dyn Error>> {
    let mut columns = vec!["Page of 50, µs".to_owned(), "rows".to_owned()];
    for (way, _) in PAGES {
        columns.extend(["p50", "p99", "max"].map(|rank| format!("{way}, {rank}")));
    }
    let table = Table::new("**Pages by shape of filter**", &columns);
    let mut shapes = shapes::all(topics);
    shapes.retain(|shape| only.is_none_or(|only| format!("page: {}", shape.label).contains(only)));
    let mut measured: Vec<Vec<Asked>> = Vec::new();
    for shape in &shapes {
        let asked: Result<Vec<Asked>, _> =
            PAGES.iter().map(|(_, ask)| Asked::of(engine, shape, *ask)).collect();
        let asked = asked?;
        let rows = asked.iter().map(|asked| format!("{:.1}", asked.found)).take(1);
        let times = asked.iter().flat_map(|asked| asked.timings.cpu.cells(&RANKS));
        table.row(&shape.label, &rows.chain(times).collect::<Vec<_>>());
        measured.push(asked);
    }
    let mut every = vec![Timings::default(); PAGES.len()];
    for asked in &measured {
        every.iter_mut().zip(asked).for_each(|(sum, asked)| sum.extend(&asked.timings));
    }
    let row = |clock: &str, of: fn(&Timings) -> &Samples| {
        let times = every.iter().flat_map(|timings| of(timings).cells(&RANKS));
        let cells: Vec<String> = std::iter::once(String::new()).chain(times).collect();
        table.row(&format!("all {} shapes{clock}", shapes.len()), &cells);
    };
    row("", |timings| &timings.cpu);
    row(", wall", |timings| &timings.wall);
    slowest(&shapes, &measured);
    depth(topics, &shapes, &measured);
    Ok(())
}

/// Targets hold for any shape: the one that is slowest at the median, and in the worst case.
fn slowest(shapes: &[Shape], measured: &[Vec<Asked>]) {
    for (index, (way, _)) in PAGES.iter().enumerate() {
        for (what, rank) in [("p50", 500), ("p99", 990)] {
            let time = |asked: &Vec<Asked>| asked[index].timings.cpu.per_mille(rank);
            let all = shapes.iter().zip(measured).map(|(shape, asked)| (time(asked), &shape.label));
            if let Some((time, label)) = all.max_by_key(|(time, _)| *time) {
                let micros = time.as_secs_f64() * 1e6;
                say(&format!("\nSlowest shape by {what}, {way}: {label}, {micros:.1} µs."));
            }
        }
    }
}

/// How much longer the page far down takes than the first.
fn depth(topics: &Topics<'_>, shapes: &[Shape], measured: &[Vec<Asked>]) {
    let of = |label: &str| {
        shapes.iter().zip(measured).find(|(shape, _)| shape.label == label).map(|(_, asked)| asked)
    };
    let (Some(first), Some(deep)) = (of(shapes::FIRST_PAGE), of(shapes::DEEP_PAGE)) else {
        return;
    };
    let median = |asked: &Asked| asked.timings.cpu.per_mille(500).as_secs_f64();
    for (((way, _), first), deep) in PAGES.iter().zip(first).zip(deep) {
        say(&format!(
            "\nPage 10,000 ({} rows down) against page 1, {way}: {:.2} times (medians).",
            thousands(shapes::deep_rows(topics.largest)),
            median(deep) / median(first).max(1e-9)
        ));
    }
}

fn random_pages(engine: &Engine, topics: &Topics<'_>) -> Result<(), Box<dyn Error>> {
    let columns = ["Random filters, µs", "p50", "p90", "p99", "max"].map(str::to_owned);
    let table = Table::new("**Random combinations of filters, largest workspace**", &columns);
    let questions = combinations::all(topics);
    for (way, ask) in PAGES {
        let (every, best) = thrice(engine, &questions, *ask)?;
        let row = |which: &str, samples: &Samples| {
            let label = format!("{} filters, {way}, {which}", thousands(questions.len() as u64));
            table.row(&label, &samples.cells(&[500, 900, 990, 1_000]));
        };
        row("best of three", &best);
        row("every time", &every.cpu);
        row("every time, wall", &every.wall);
    }
    Ok(())
}

/// Counts are kept with a store while it is open, so that each row has one that was just opened.
async fn totals(
    open: &Engine,
    directory: &Path,
    topics: &Topics<'_>,
    only: Option<&str>,
) -> Result<(), Box<dyn Error>> {
    let mut columns = ["About all rows, µs", "found"].map(str::to_owned).to_vec();
    for time in ["asked first", "asked again"] {
        columns.extend(["p50", "p99", "max"].map(|rank| format!("{time}, {rank}")));
    }
    let table = Table::new("**Counts and facets, largest workspace**", &columns);
    for (way, ask) in TOTALS {
        for shape in filters(topics) {
            let label = format!("{way}: {}", shape.label);
            if only.is_some_and(|only| !label.contains(only)) {
                continue;
            }
            let mut engine = Engine::open(directory).await?;
            engine.share_names(open);
            let asked = Asked::of(&engine, &shape, *ask)?;
            let mut cells = vec![format!("{:.0}", asked.found)];
            cells.extend(asked.first.cells(&RANKS));
            cells.extend(asked.timings.cpu.cells(&RANKS));
            table.row(&label, &cells);
        }
    }
    Ok(())
}

/// Filters that leave much, and filters that leave little.
fn filters(topics: &Topics<'_>) -> Vec<Shape> {
    let all = || topics.all();
    let named = |n| topics.named(&topics.needles.thirty_percent, n, NameScope::Ever);
    vec![
        topics.shape("no filter", |_, _| all()),
        topics.shape("common user", |n, _| all().users([topics.busy(n)])),
        topics.shape("common type", |n, _| all().types([n % 2])),
        topics
            .shape("common user, common type", |n, _| all().users([topics.busy(n)]).types([n % 2])),
        topics.shape("3 users, 3 types", |_, random| {
            all().users(topics.users(3, random)).types(Topics::types(3, random))
        }),
        topics.shape("name 30 %", |n, _| named(n)),
        topics.shape("name 30 %, 3 types", |n, random| named(n).types(Topics::types(3, random))),
        topics.shape("half a year", |n, _| {
            let start = 0.03 * n as f64;
            all().within(start, start + 0.25)
        }),
    ]
}
