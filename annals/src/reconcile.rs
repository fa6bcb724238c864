//! `annals reconcile`: every record of the topic up to the checkpoint is in the store exactly once
//! (INV-2), and `records = visible + duplicate + quarantined`, counted from the rows themselves.
//! Records that the topic no longer holds are counted from the store alone. Of a server its own
//! counts are asked, and whether they add up.

use annals_schemas::{Offset, OffsetRange, Partition};
use annals_store::{Accounting, PartitionStore, SealedPlace, Store, Verdict};
use reqwest::Method;
use serde::{Deserialize, Serialize};

use crate::answer::say;
use crate::cli::{Cli, ReconcileArguments};
use crate::config::Config;
use crate::data_directory::DataDirectory;
use crate::exit::Failure;
use crate::sealed_places::{SealedPlaces, open_live};
use crate::server::Server;
use crate::topic::{Topic, TopicReader};

/// One partition's answer, a line on standard output.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Line {
    partition: Partition,
    /// Records of the topic, and of the store where the topic has lost them.
    records: u64,
    visible: u64,
    duplicate: u64,
    quarantined: u64,
    /// Of the records, those that the topic no longer holds.
    expired: u64,
    checkpoint: Offset,
    high_watermark: Offset,
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<String>,
}

pub(crate) fn run(cli: &Cli, arguments: &ReconcileArguments) -> Result<(), Failure> {
    let config = Config::load(cli.config.as_deref(), &arguments.source.flags())?;
    let runtime = crate::runtime::start()?;
    let data = DataDirectory::new(&arguments.source.data.data);
    let lines = match &arguments.server {
        Some(url) => runtime.block_on(counts_of(url))?,
        None => runtime.block_on(reconcile(&config, &data))?,
    };
    let mut differences = 0;
    for line in lines {
        differences += u64::from(line.difference.is_some());
        say(serde_json::to_string(&line).expect("plain data"));
    }
    match differences {
        0 => Ok(()),
        _ => Err(Failure::no(format!("{differences} partitions do not add up"))),
    }
}

/// What a server says of itself.
async fn counts_of(url: &str) -> Result<Vec<Line>, Failure> {
    #[derive(serde::Deserialize)]
    struct Answer {
        partitions: Vec<Line>,
    }
    let server = Server::given(Some(url))?.expect("a server was given");
    let answer = server.ask((Method::GET, "/v1/admin/accounting"), None).await?;
    let answer: Answer = serde_json::from_value(answer)
        .map_err(|error| Failure::unreachable(format!("{url}: {error}")))?;
    let mut lines = answer.partitions;
    for line in &mut lines {
        let sum = line.visible + line.duplicate + line.quarantined;
        if line.records != sum {
            line.difference = Some(format!("visible, duplicate and quarantined add up to {sum}"));
        }
    }
    Ok(lines)
}

async fn reconcile(config: &Config, data: &DataDirectory) -> Result<Vec<Line>, Failure> {
    let topic = Topic::open(config, data).await?;
    let store = live_of(config, data, &topic).await?;
    let mut lines = Vec::new();
    for partition in store.partitions() {
        lines.push(reconcile_partition(&topic, &partition).await?);
    }
    Ok(lines)
}

/// The live store of this topic.
pub(crate) async fn live_of(
    config: &Config,
    data: &DataDirectory,
    topic: &Topic,
) -> Result<Store, Failure> {
    let missing = || Failure::usage("there is no store here: --data, or [storage] url");
    let store = open_live(config, data).await?.ok_or_else(missing)?;
    let (known, found) = (store.identity(), topic.description());
    if (&known.topic, known.partitions) != (&found.topic, found.partitions) {
        let (topic, partitions) = (&known.topic, known.partitions);
        let what = format!("the store is of topic {topic} with {partitions} partitions");
        return Err(Failure::usage(format!("{what}, not of this one")));
    }
    Ok(store)
}

async fn reconcile_partition(topic: &Topic, store: &PartitionStore) -> Result<Line, Failure> {
    let partition = store.number();
    let Accounting { committed, counts, .. } = store.accounting();
    let held = topic.range(partition).await?;
    let mut line = Line { partition, high_watermark: held.end, ..Line::default() };
    line.checkpoint = committed;
    if held.start > committed && held.start > 0 || held.end < committed {
        let (start, end) = (held.start, held.end);
        let gap =
            format!("OffsetGap: the store stands at {committed}, the log holds {start}..{end}");
        line.difference = Some(gap);
        return Ok(line);
    }
    let range = OffsetRange { start: held.start, end: committed };
    let mut merge = Merge {
        reader: topic.read(partition, range)?,
        places: SealedPlaces::of(store),
        next: None,
    };
    merge.expired(held.start, &mut line)?;
    line.difference = merge.compare(&mut line).await?;
    let counted = (line.visible, line.duplicate, line.quarantined);
    let said = (counts.visible, counts.duplicate, counts.quarantined);
    if line.difference.is_none() && (counted != said || line.records != counts.records()) {
        line.difference = Some(format!("the rows are {counted:?}, the manifest says {said:?}"));
    }
    Ok(line)
}

/// Topic and store, record by record.
struct Merge {
    reader: TopicReader,
    places: SealedPlaces,
    next: Option<SealedPlace>,
}

impl Merge {
    /// Counts what the topic no longer holds.
    fn expired(&mut self, log_start: Offset, line: &mut Line) -> Result<(), Failure> {
        self.next = self.places.next()?;
        while let Some(place) = self.next.filter(|place| place.offset < log_start) {
            line.expired += 1;
            line.take(&place);
            self.next = self.places.next()?;
        }
        Ok(())
    }

    /// The first difference.
    async fn compare(&mut self, line: &mut Line) -> Result<Option<String>, Failure> {
        while let Some(records) = self.reader.next().await? {
            for offset in records.iter().map(|record| record.position.offset) {
                match self.next {
                    Some(place) if place.offset == offset => line.take(&place),
                    Some(place) if place.offset < offset => {
                        let extra = place.offset;
                        return Ok(Some(format!("offset {extra} is in the store, not in the log")));
                    }
                    _ => {
                        return Ok(Some(format!(
                            "offset {offset} is in the log, not in the store"
                        )));
                    }
                }
                self.next = self.places.next()?;
            }
        }
        let extra = self.next.map(|place| place.offset);
        Ok(extra.map(|extra| format!("offset {extra} is in the store, not in the log")))
    }
}

impl Line {
    fn take(&mut self, place: &SealedPlace) {
        self.records += 1;
        match place.verdict {
            Verdict::Visible { .. } => self.visible += 1,
            Verdict::Duplicate => self.duplicate += 1,
            Verdict::Quarantined(_) => self.quarantined += 1,
        }
    }
}
