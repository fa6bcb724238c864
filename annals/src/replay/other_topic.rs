//! Replaying into another topic: key, value and headers as they are, and one header more that says
//! where the record came from.
//!
//! Each record lands once, also across a crash: the state knows how far the other topic was, and
//! what was appended since is found there by that header.

use std::collections::HashSet;
use std::sync::Arc;

use annals_broker::{Log, LogDescription, Producer};
use annals_schemas::{Header, NewRecord, Offset, OffsetRange, Partition, Record};

use crate::cli::ReplayArguments;
use crate::config::Config;
use crate::exit::Failure;
use crate::log::{broker_failure, connect};
use crate::topic::Topic;

/// Names the header: `TOPIC/PARTITION/OFFSET/TIMESTAMP`, the timestamp in milliseconds.
const PROVENANCE: &str = "annals-replayed-from";

/// The topic that is written.
pub(super) struct OtherTopic {
    log: Arc<dyn Log>,
    producer: Arc<dyn Producer>,
    source: String,
    /// What stands there already of the records that come next.
    landed: HashSet<(Partition, Offset)>,
    waiting: Vec<NewRecord>,
    /// After the last record appended, by partition.
    ends: Vec<Offset>,
}

impl OtherTopic {
    /// Opens it; `None` if the replay goes elsewhere.
    pub(super) async fn open(
        config: &Config,
        arguments: &ReplayArguments,
        source: &LogDescription,
    ) -> Result<Option<Self>, Failure> {
        let Some(topic) = &arguments.to_topic else { return Ok(None) };
        let brokers = arguments.to_kafka.as_ref().or(config.kafka.brokers.as_ref());
        let brokers =
            brokers.ok_or_else(|| Failure::usage("--to-topic: on which brokers? --to-kafka"))?;
        let mut options = config.kafka(brokers);
        options.topic.clone_from(topic);
        let log = connect(options).await?;
        let found = log.description();
        let is_source = found.topic == source.topic
            && (&found.cluster_id, &found.topic_id) == (&source.cluster_id, &source.topic_id);
        if is_source {
            return Err(Failure::usage(format!("--to-topic {topic}: it is the topic itself")));
        }
        let mut ends = Vec::new();
        for partition in 0..found.partitions {
            ends.push(log.high_watermark(partition).await.map_err(|e| broker_failure(&e))?);
        }
        let (producer, source) = (log.producer(), source.topic.clone());
        let (landed, waiting) = (HashSet::new(), Vec::new());
        Ok(Some(Self { log, producer, source, landed, waiting, ends }))
    }

    /// How far it is, by partition: kept in the state.
    pub(super) fn ends(&self) -> &[Offset] {
        &self.ends
    }

    /// Looks up what was appended after the state was written.
    pub(super) async fn find_landed(&mut self, since: &[Offset]) -> Result<(), Failure> {
        if since.len() != self.ends.len() {
            return Err(Failure::usage("the other topic has another number of partitions now"));
        }
        let topic = Topic::of(self.log.clone());
        for (partition, (start, end)) in (0..).zip(since.iter().zip(self.ends.clone())) {
            let mut reader = topic.read(partition, OffsetRange { start: *start, end })?;
            while let Some(records) = reader.next().await? {
                let places = records.iter().filter_map(|record| self.came_from(record));
                let places: Vec<_> = places.collect();
                self.landed.extend(places);
            }
        }
        Ok(())
    }

    fn came_from(&self, record: &Record) -> Option<(Partition, Offset)> {
        let header = record.headers.iter().rev().find(|header| header.name == PROVENANCE)?;
        let mut parts = std::str::from_utf8(header.value.as_deref()?).ok()?.split('/');
        let is_source = parts.next() == Some(self.source.as_str());
        let place = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        is_source.then_some(place)
    }

    /// Takes a record up, unless it has landed.
    pub(super) fn take(&mut self, record: &Record) {
        let position = record.position;
        if self.landed.remove(&(position.partition, position.offset)) {
            return;
        }
        let from = format!(
            "{}/{}/{}/{}",
            self.source, position.partition, position.offset, record.timestamp_ms
        );
        let mut headers = record.headers.to_vec();
        headers.push(Header::new(PROVENANCE, from));
        let (key, value) = (record.key.clone(), record.value.clone());
        self.waiting.push(NewRecord { key, value, headers });
    }

    /// Appends what was taken up. If we stop within this, some of it stands there: the next run
    /// finds it.
    pub(super) async fn flush(&mut self) -> Result<(), Failure> {
        let waiting = std::mem::take(&mut self.waiting);
        for outcome in self.producer.append_all(waiting).await {
            let position = outcome.map_err(|error| broker_failure(&error))?.position;
            let end = &mut self.ends[position.partition as usize];
            *end = (*end).max(position.offset + 1);
        }
        Ok(())
    }
}
