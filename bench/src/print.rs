//! Made-up events as event JSON, one a line: what `make bench-api` imports.

use std::error::Error;
use std::io::{BufWriter, Write};

use clap::Parser;

use crate::generator::{IdVersion, Plan, World};

/// Events for each resource.
const EVENTS_PER_RESOURCE: u64 = 30;

/// Prints events on stdout.
#[derive(Debug, Parser)]
struct Options {
    /// How many events.
    #[arg(long, default_value_t = 10_000_000)]
    events: u64,
    /// What the events follow from.
    #[arg(long, default_value_t = 20_261_123)]
    seed: u64,
    /// Print the ids of so many workspaces instead, the largest first.
    #[arg(long)]
    workspaces: Option<usize>,
}

pub(crate) fn run(arguments: impl Iterator<Item = String>) -> Result<(), Box<dyn Error>> {
    let Options { events, seed, workspaces } =
        Options::parse_from(std::iter::once("annals-bench events".into()).chain(arguments));
    let resources = events / EVENTS_PER_RESOURCE;
    let world = World::new(Plan { events, resources, seed, ids: IdVersion::V7 });
    let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    if let Some(count) = workspaces {
        for number in 0..count {
            writeln!(out, "{}", world.workspace(number).id)?;
        }
        return Ok(out.flush()?);
    }
    for generated in world.events() {
        serde_json::to_writer(&mut out, &generated.event.to_json())?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}
