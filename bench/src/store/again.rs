//! What looking for duplicates takes: of the first tenth, folded a second time, and of events that
//! are new.

use std::error::Error;
use std::path::Path;

use super::engine::Engine;
use super::load::{Batches, rates};
use crate::generator::{Plan, World};
use crate::report::{ShortClock, Spent, Table};

/// New events that are asked for.
const NEW_EVENTS: u64 = 500_000;

/// Folds the duplicates into a store just opened, and then asks for new events.
pub(super) async fn measure(world: &World, directory: &Path) -> Result<(), Box<dyn Error>> {
    let mut engine = Engine::open(directory).await?;
    let before = engine.counts();
    let tenth = usize::try_from(before.visible / 10)?;
    let mut batches = Batches::from(world.events().take(tenth), engine.next_offset());
    loop {
        let records = batches.take();
        if records.is_empty() {
            break;
        }
        engine.append(records).await?;
    }
    let found = engine.counts().duplicate - before.duplicate;
    if found != tenth as u64 {
        return Err(format!("of {tenth} duplicates {found} were found").into());
    }
    let table = Table::of_figures("**The first tenth again: duplicates only, after a restart**");
    rates(&table, &engine, found);
    ask_for_new(world.plan, &engine)
}

/// Events of another seed, which nobody has folded.
fn ask_for_new(plan: Plan, engine: &Engine) -> Result<(), Box<dyn Error>> {
    let others = World::new(Plan { events: NEW_EVENTS, seed: !plan.seed, ..plan });
    let mut batches = Batches::from(others.events(), 0);
    let (clock, mut asked, mut spent) = (ShortClock::new(), 0, Spent::default());
    loop {
        let records = batches.take();
        if records.is_empty() {
            break;
        }
        asked += records.len();
        let (found, took) = engine.ask_for(records, clock);
        if found > 0 {
            return Err(format!("{found} events of another seed are there").into());
        }
        spent += took;
    }
    let table = Table::of_figures("**Looking for new events in every segment, as folding does**");
    let micros = spent.cpu.as_secs_f64() * 1e6 / asked as f64;
    table.row("dedupe of new events", &[format!("{micros:.2} µs an event")]);
    table.row("segments asked", &[engine.segments().to_string()]);
    Ok(())
}
