//! `annals rebuild`: the topic folded anew. With `--check` beside the live store, to be compared
//! with it; without, in its place.
//!
//! Records come from the topic where it still has them, otherwise from the live segments, which
//! keep them byte for byte; how many came from each is said. docs/EVIDENCE.md has the states.

mod anew;
mod check;
mod difference;
mod fold;
mod place;
mod source;

use annals_service::config::Value;
use annals_store::{PartitionSchemas, Store};

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
        let fresh = scratch.store().partition(partition.number());
        let fresh = fresh.map_err(|error| damage(&error))?;
        // Of the texts none is needed: how each schema is read stands in the ruling.
        let adopted = fresh.adopt_ruling(&partition.schemas(), []).await;
        adopted.map_err(|error| damage(&error))?;
        let said =
            check::partition(&topic, &partition, scratch.store(), config.storage.seal_bytes());
        let said = said.await?;
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
    let live = readable(config, data).await?;
    let rebuilt = place::Rebuilt::make(config, data, live.as_ref(), &topic).await?;
    let storage = config.storage.open(data)?;
    let resolver = config.registry.resolver()?;
    for partition in rebuilt.store().partitions() {
        let number = partition.number();
        let before = live.as_ref().and_then(|live| live.partition(number).ok());
        let signed = anew::signed_heads(&storage, &partition.log_id(), number).await?;
        // From the files alone: a store that can be opened no more was told of schemas too.
        let schemas = PartitionSchemas::load(&storage, number).await;
        let schemas = schemas.map_err(|error| damage(&error))?;
        fold::adopt_schemas(&storage, &schemas, &partition).await?;
        let folding = fold::Folding::new(&topic, &partition, config.storage.seal_bytes());
        let folding = folding.asking(&resolver);
        say(&anew::fold(&topic, (before.as_deref(), signed), folding).await?);
    }
    drop(live);
    say(&rebuilt.take_place(data)?);
    Ok(())
}

/// The live store. One that is damaged, or of a format that is read no more, has nothing to give:
/// then the topic has to have every record.
async fn readable(config: &Config, data: &DataDirectory) -> Result<Option<Store>, Failure> {
    match open_live(config, data).await {
        Err(failure) if failure.is_no() => {
            say(&format!("the store there cannot be read ({failure}): all comes from the topic"));
            Ok(None)
        }
        outcome => outcome,
    }
}

#[expect(clippy::print_stderr, reason = "the command's answer")]
fn say(line: &str) {
    eprintln!("{line}");
}
