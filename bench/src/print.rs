//! Made-up events and questions about them as text, for what runs in other processes: the events as
//! event JSON or as rows of CSV, the classes of questions of `make bench`, workspaces by size.

use std::error::Error;
use std::io::{BufWriter, Write};

use clap::{Parser, ValueEnum};

use crate::generator::{IdVersion, Plan, World};
use crate::rows::Rows;
use crate::store::classes;

/// Prints events on stdout.
#[derive(Debug, Parser)]
struct Options {
    /// How many events.
    #[arg(long, default_value_t = 10_000_000)]
    events: u64,
    /// What the events follow from.
    #[arg(long, default_value_t = 20_261_123)]
    seed: u64,
    /// As event JSON, or as rows for a table.
    #[arg(long, value_enum, default_value = "ndjson")]
    format: Format,
    /// Leave out all resources of an event but the first: a table then has one row an event.
    #[arg(long)]
    first_resource: bool,
    /// Print the questions about them instead, each as a line of JSON.
    #[arg(long)]
    questions: bool,
    /// Print the ids of so many workspaces instead, the largest first.
    #[arg(long)]
    workspaces: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// What `annals import` and `POST /v1/events:batch` take.
    Ndjson,
    /// What a table takes, with the names of its columns first.
    Csv,
}

pub(crate) fn run(arguments: impl Iterator<Item = String>) -> Result<(), Box<dyn Error>> {
    let options =
        Options::parse_from(std::iter::once("annals-bench events".into()).chain(arguments));
    let (events, seed) = (options.events.max(1), options.seed);
    let resources = events / Plan::EVENTS_PER_RESOURCE;
    let world = World::new(Plan { events, resources, seed, ids: IdVersion::V7 });
    let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    if let Some(count) = options.workspaces {
        for number in 0..count {
            writeln!(out, "{}", world.workspace(number).id)?;
        }
    } else if options.questions {
        for question in classes::of(&world) {
            writeln!(out, "{question}")?;
        }
    } else {
        print_events(&world, &options, &mut out)?;
    }
    Ok(out.flush()?)
}

fn print_events(world: &World, options: &Options, out: &mut impl Write) -> std::io::Result<()> {
    let mut rows = Rows::default();
    let mut text = Vec::new();
    if options.format == Format::Csv {
        text.extend_from_slice(Rows::HEAD.as_bytes());
    }
    for mut generated in world.events() {
        if options.first_resource {
            generated.event.resources.truncate(1);
        }
        match options.format {
            Format::Ndjson => {
                generated.event.write_json(&mut text);
                text.push(b'\n');
            }
            Format::Csv => rows.write(&generated.event, &mut text),
        }
        out.write_all(&text)?;
        text.clear();
    }
    out.write_all(&text)
}
