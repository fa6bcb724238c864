//! `annals rebuild`: the topic folded anew. With `--check` beside the live store, to be compared
//! with it; without, in its place.
//!
//! Records come from the topic where it still has them, otherwise from the live segments, which
//! keep them byte for byte; how many came from each is said. docs/EVIDENCE.md has the states.

mod check;
mod fold;
mod place;
mod source;

use annals_service::config::Value;
use annals_store::PartitionStore;

use crate::cli::{Cli, RebuildArguments};
use crate::config::Config;
use crate::data_directory::DataDirectory;
use crate::exit::Failure;
use crate::reconcile::live_of;
use crate::sealed_places::{damage, open_live};
use crate::topic::Topic;

pub(crate) fn run(cli: &Cli, arguments: &RebuildArguments) -> Result<(), Failure> {
    let flags: Vec<(&str, Value)> = arguments.source.flags();
    let config = Config::load(cli.config.as_deref(), &flags)?;
    let data = DataDirectory::new(&arguments.source.data.data);
    let runtime = crate::runtime::start()?;
    match arguments.check {
        true => runtime.block_on(check(&config, &data)),
        false => runtime.block_on(replace(&config, &data)),
    }
}

async fn check(config: &Config, data: &DataDirectory) -> Result<(), Failure> {
    let topic = Topic::open(config, data).await?;
    let live = live_of(config, data, &topic).await?;
    let scratch = place::Scratch::make(data, live.identity(), live.log_id()).await?;
    for partition in live.partitions() {
        let said = check::partition(&topic, &partition, scratch.store()).await?;
        say(&said);
    }
    Ok(())
}

async fn replace(config: &Config, data: &DataDirectory) -> Result<(), Failure> {
    if config.storage.is_remote() {
        return Err(Failure::usage("rebuild replaces a store on a local disk; --check takes any"));
    }
    let _occupied = data.occupy()?;
    let topic = Topic::open(config, data).await?;
    let live = open_live(config, data).await?;
    let rebuilt = place::Rebuilt::make(config, data, live.as_ref(), &topic).await?;
    for partition in rebuilt.store().partitions() {
        let before = live.as_ref().and_then(|live| live.partition(partition.number()).ok());
        say(&source::fold_all(&topic, before.as_deref(), &partition).await?);
        if let Some(before) = before {
            carry_heads(&before, &partition).await?;
        }
    }
    drop(live);
    say(&rebuilt.take_place(data)?);
    Ok(())
}

/// Signed heads are kept for ever: they hold for the new store too, since its roots are the same.
async fn carry_heads(before: &PartitionStore, after: &PartitionStore) -> Result<(), Failure> {
    for size in before.head_sizes().await.map_err(|error| damage(&error))? {
        let found = before.head(size).await.map_err(|error| damage(&error))?;
        if let Some((_, note)) = found {
            after.keep_head(size, note).await.map_err(|error| damage(&error))?;
        }
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "the command's answer")]
fn say(line: &str) {
    eprintln!("{line}");
}
