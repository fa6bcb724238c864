//! The first tenth of the events, folded a second time: nothing but duplicates.

use std::error::Error;
use std::path::Path;

use super::engine::Engine;
use super::load::{Batches, rates};
use crate::generator::World;
use crate::report::Table;

/// Folds the duplicates into a store just opened.
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
    Ok(())
}
