//! `annals replay`: the raw topic as the last word. Reads the log and nothing else, says of every
//! record what became of it, and writes those that were asked for.
//!
//! Guarantees: every record between the two ends is read once, in order, partition by partition;
//! a gap in the offsets is reported. docs/EVIDENCE.md has the states and what a crash leaves.

mod avro;
mod blocks;
mod csv;
mod direct_file;
mod encoder;
mod heads;
mod judge;
mod manifest;
mod ndjson;
mod other_topic;
mod output;
mod progress;
mod selection;
mod written;

use annals_schemas::{LogId, OffsetRange, Partition, Record};
use annals_store::{LogIdentity, PartitionSchemas, Storage};

use crate::cli::{Cli, ReplayArguments};
use crate::config::Config;
use crate::data_directory::DataDirectory;
use crate::exit::Failure;
use crate::sealed_places::damage;
use crate::topic::Topic;
use heads::{Climb, KeptHeads};
use judge::Judge;
use manifest::{PartitionState, ReplayManifest};
use other_topic::OtherTopic;
use output::Output;
use progress::Progress;
use selection::Selection;

pub(crate) fn run(cli: &Cli, arguments: &ReplayArguments) -> Result<(), Failure> {
    let config = Config::load(cli.config.as_deref(), &arguments.source.flags())?;
    let selection = Selection::new(arguments)?;
    let runtime = crate::runtime::start()?;
    runtime.block_on(replay(&config, arguments, selection))
}

async fn replay(
    config: &Config,
    arguments: &ReplayArguments,
    selection: Selection,
) -> Result<(), Failure> {
    let data = DataDirectory::new(&arguments.source.data.data);
    let heads = KeptHeads::read(arguments)?;
    let topic = Topic::open(config, &data).await?;
    heads.check_partitions(topic.description().partitions)?;
    let storage = storage(config, &data, &topic).await?;
    let log_id = log_id(storage.as_ref(), heads.log_id())?;
    let mut ranges = Vec::new();
    for partition in 0..topic.description().partitions {
        ranges.push(topic.range(partition).await?);
    }
    let fresh = ReplayManifest::new(arguments, topic.description(), log_id, &ranges);
    let other_topic = OtherTopic::open(config, arguments, topic.description()).await?;
    let mut output = Output::open(arguments, fresh, other_topic).await?;
    let progress = Progress::new(output.manifest().remaining(), arguments.rate);
    let replay = Replay {
        topic: &topic,
        heads: &heads,
        log_id,
        storage: storage.map(|(storage, _)| storage),
        selection: &selection,
        progress: &progress,
    };
    for partition in output.manifest().unfinished() {
        replay.partition(partition, &mut output).await?;
    }
    let manifest = output.finish()?;
    progress.finish(&manifest);
    Ok(())
}

/// The storage of this topic's store, where one is at hand, and the log's id.
async fn storage(
    config: &Config,
    data: &DataDirectory,
    topic: &Topic,
) -> Result<Option<(Storage, LogId)>, Failure> {
    if !config.storage.is_there(data) {
        return Ok(None);
    }
    let storage = config.storage.open(data)?;
    let found = LogIdentity::read(&storage).await.map_err(|error| Failure::config(&error))?;
    let found = found.filter(|(identity, _)| identity.topic == topic.description().topic);
    Ok(found.map(|(_, log_id)| (storage, log_id)))
}

/// The log's id: the ids of events that came without one follow from it. Without a store those ids
/// are not what the store's are, which is said.
fn log_id(
    storage: Option<&(Storage, LogId)>,
    of_heads: Option<LogId>,
) -> Result<Option<LogId>, Failure> {
    let found = storage.map(|(_, log_id)| *log_id);
    if let (Some(found), Some(of_heads)) = (found, of_heads)
        && found != of_heads
    {
        return Err(Failure::usage(format!("the heads given are of log {of_heads}, not {found}")));
    }
    let lacking = match (found, of_heads) {
        (Some(_), _) => return Ok(found),
        (None, Some(_)) => "values of a schema registry are not read",
        (None, None) => {
            "events without an id get none of the store's, values of a schema registry are not read"
        }
    };
    progress::say(&format!("no store of this log here: {lacking}"));
    Ok(of_heads)
}

struct Replay<'a> {
    topic: &'a Topic,
    heads: &'a KeptHeads,
    log_id: Option<LogId>,
    storage: Option<Storage>,
    selection: &'a Selection,
    progress: &'a Progress,
}

impl Replay<'_> {
    /// Reads a partition from its first record, since that decides what is a duplicate, and writes
    /// from where the output stands.
    async fn partition(&self, partition: Partition, output: &mut Output) -> Result<(), Failure> {
        let PartitionState { first_offset, end_offset, .. } = *output.partition(partition);
        let now = self.topic.range(partition).await?;
        if now.start > first_offset || now.end < end_offset {
            return Err(Failure::no(format!(
                "OffsetGap: partition {partition} is to be read from {first_offset} to \
                 {end_offset}, the log holds {}..{}",
                now.start, now.end
            )));
        }
        if first_offset > 0 {
            progress::say(&format!(
                "partition {partition}: the topic begins at offset {first_offset}: a record whose \
                 first one has left it is told as visible, not as a duplicate or a conflict"
            ));
        }
        let range = OffsetRange { start: first_offset, end: end_offset };
        let mut reader = self.topic.read(partition, range)?;
        let schemas = match &self.storage {
            Some(storage) => PartitionSchemas::load(storage, partition).await,
            None => Ok(PartitionSchemas::default()),
        };
        let schemas = schemas.map_err(|error| damage(&error))?;
        output.note_schemas(partition, schemas.before(end_offset));
        let mut judge = Judge::new(self.topic, self.log_id, schemas);
        let partitions = self.topic.description().partitions;
        let mut climb = self.heads.of(partition, partitions, range)?;
        while let Some(records) = reader.next().await? {
            if let Some(climb) = &mut climb {
                records.iter().try_for_each(|record| climb.take(record))?;
            }
            self.batch(&records, &mut judge, output).await?;
            self.progress.read(records.len()).await;
        }
        climb.map_or(Ok(()), Climb::end)?;
        output.end_partition(partition)
    }

    async fn batch(
        &self,
        records: &[Record],
        judge: &mut Judge<'_>,
        output: &mut Output,
    ) -> Result<(), Failure> {
        for record in records {
            let judged = judge.judge(record).await?;
            if output.take(record) {
                output.count(&judged);
                if self.selection.wants(&judged) {
                    output.write(&judged);
                }
            }
        }
        output.flush().await
    }
}
