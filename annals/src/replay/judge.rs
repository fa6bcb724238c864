//! Visible, duplicate or quarantined: what the fold says of a record, from the topic alone.
//!
//! Exact over everything that was read before, from the partition's first record on: about 50
//! bytes of memory an event.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use annals_schemas::{
    Header, LentEvent, LogId, Offset, Position, Reason, Record, Refusal, check_place, content_hash,
    lend_with,
};
use annals_store::PartitionSchemas;
use uuid::Uuid;

use crate::exit::Failure;
use crate::topic::Topic;

/// A record with its verdict.
pub(super) struct Judged<'a> {
    pub(super) record: &'a Record,
    pub(super) outcome: Outcome<'a>,
}

/// What became of it.
pub(super) enum Outcome<'a> {
    Visible(LentEvent<'a>),
    Duplicate(LentEvent<'a>),
    Quarantined(Refusal),
}

/// The first record of an event.
#[derive(Clone, Copy)]
struct First {
    offset: Offset,
    /// Keyed hash of everything its content follows from.
    bytes: u64,
}

/// Judges the records of one partition, in order.
pub(super) struct Judge<'a> {
    topic: &'a Topic,
    partitions: u32,
    log_id: LogId,
    schemas: PartitionSchemas,
    /// By workspace and identity.
    seen: HashMap<Box<str>, HashMap<Uuid, First>>,
    hasher: RandomState,
    /// The last headers and their hash: records that follow each other mostly share them.
    headers: (Arc<[Header]>, u64),
}

impl<'a> Judge<'a> {
    /// `schemas` is what the store knows of this partition's.
    pub(super) fn new(topic: &'a Topic, log_id: Option<LogId>, schemas: PartitionSchemas) -> Self {
        let partitions = topic.description().partitions;
        let log_id = log_id.unwrap_or(LogId([0; 16]));
        let (seen, hasher) = (HashMap::new(), RandomState::new());
        let none: Arc<[Header]> = Arc::new([]);
        let headers = (none.clone(), hasher.hash_one(&none));
        Self { topic, partitions, log_id, schemas, seen, hasher, headers }
    }

    pub(super) async fn judge<'r>(&mut self, record: &'r Record) -> Result<Judged<'r>, Failure> {
        if let Some(id) = self.schemas.unresolved(record) {
            let offset = record.position.offset;
            return Err(Failure::unreachable(format!(
                "the record at offset {offset} names schema {id}, which the store has not resolved \
                 yet: annals up does"
            )));
        }
        let outcome = match self.decode(record) {
            Ok(event) => self.compare(record, event).await?,
            Err(refusal) => Outcome::Quarantined(refusal),
        };
        Ok(Judged { record, outcome })
    }

    fn decode<'r>(&self, record: &'r Record) -> Result<LentEvent<'r>, Refusal> {
        let event = lend_with(record, &self.log_id, &self.schemas)?;
        check_place(record, (event.event_id(), event.workspace_id()), self.partitions)?;
        Ok(event)
    }

    /// Whether the event is the first of its identity. Records that are equal byte for byte have
    /// equal events; otherwise the first one is read again and compared.
    async fn compare<'r>(
        &mut self,
        record: &Record,
        event: LentEvent<'r>,
    ) -> Result<Outcome<'r>, Failure> {
        let bytes = self.hash(record);
        let offset = record.position.offset;
        let firsts = match self.seen.get_mut(event.workspace_id()) {
            Some(firsts) => firsts,
            None => self.seen.entry(event.workspace_id().into()).or_default(),
        };
        let first = match firsts.entry(event.event_id()) {
            Entry::Occupied(first) => *first.get(),
            Entry::Vacant(place) => {
                place.insert(First { offset, bytes });
                return Ok(Outcome::Visible(event));
            }
        };
        if first.bytes == bytes || self.is_content_of(first.offset, record, &event).await? {
            return Ok(Outcome::Duplicate(event));
        }
        Ok(Outcome::Quarantined(Refusal {
            reason: Reason::Conflict,
            detail: format!("event {} was recorded before with other content", event.event_id()),
            event_id: Some(event.event_id()),
        }))
    }

    /// Keyed hash of value and headers.
    fn hash(&mut self, record: &Record) -> u64 {
        if !Arc::ptr_eq(&self.headers.0, &record.headers) {
            self.headers = (record.headers.clone(), self.hasher.hash_one(&record.headers));
        }
        self.hasher.hash_one((&record.value, self.headers.1))
    }

    async fn is_content_of(
        &self,
        offset: Offset,
        record: &Record,
        event: &LentEvent<'_>,
    ) -> Result<bool, Failure> {
        let position = Position { offset, ..record.position };
        let first = self.topic.record(position).await?;
        let first = first.as_ref().and_then(|first| self.decode(first).ok());
        let gone = || Failure::no(format!("the record at offset {offset} has left the topic"));
        let first = first.ok_or_else(gone)?;
        Ok(content_hash(&first.to_event()) == content_hash(&event.to_event()))
    }
}

impl<'a> Judged<'a> {
    pub(super) fn status(&self) -> &'static str {
        match &self.outcome {
            Outcome::Visible(_) => "visible",
            Outcome::Duplicate(_) => "duplicate",
            Outcome::Quarantined(_) => "quarantined",
        }
    }

    /// The event, unless the record was refused.
    pub(super) fn event(&self) -> Option<&LentEvent<'a>> {
        match &self.outcome {
            Outcome::Visible(event) | Outcome::Duplicate(event) => Some(event),
            Outcome::Quarantined(_) => None,
        }
    }
}
