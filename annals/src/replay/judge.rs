//! Visible, duplicate or quarantined: what the fold says of a record, from the topic alone.
//!
//! Exact over everything that was read before, from the partition's first record on: about 50
//! bytes of memory an event.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use annals_schemas::{
    Event, LogId, Offset, Position, Reason, Record, Refusal, check_place, content_hash, decode_with,
};
use annals_store::PartitionSchemas;
use sha2::{Digest, Sha256};

use crate::exit::Failure;
use crate::topic::Topic;

/// A record with its verdict.
pub(super) struct Judged<'a> {
    pub(super) record: &'a Record,
    pub(super) outcome: Outcome,
}

/// What became of it.
pub(super) enum Outcome {
    Visible(Box<Event>),
    Duplicate(Box<Event>),
    Quarantined(Refusal),
}

/// The first record of an event.
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
    seen: HashMap<[u8; 16], First>,
    hasher: RandomState,
}

impl<'a> Judge<'a> {
    /// `schemas` is what the store knows of this partition's.
    pub(super) fn new(topic: &'a Topic, log_id: Option<LogId>, schemas: PartitionSchemas) -> Self {
        let partitions = topic.description().partitions;
        let log_id = log_id.unwrap_or(LogId([0; 16]));
        let (seen, hasher) = (HashMap::new(), RandomState::new());
        Self { topic, partitions, log_id, schemas, seen, hasher }
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

    fn decode(&self, record: &Record) -> Result<Box<Event>, Refusal> {
        let event = decode_with(record, &self.log_id, &self.schemas)?;
        check_place(record, (event.event_id, event.workspace_id.as_str()), self.partitions)?;
        Ok(Box::new(event))
    }

    /// Whether the event is the first of its identity. Records that are equal byte for byte have
    /// equal events; otherwise the first one is read again and compared.
    async fn compare(&mut self, record: &Record, event: Box<Event>) -> Result<Outcome, Failure> {
        let bytes = self.hasher.hash_one((&record.value, &record.headers));
        let offset = record.position.offset;
        let identity = identity(&event);
        let Some(first) = self.seen.get(&identity) else {
            self.seen.insert(identity, First { offset, bytes });
            return Ok(Outcome::Visible(event));
        };
        if first.bytes == bytes || self.is_content_of(first.offset, record, &event).await? {
            return Ok(Outcome::Duplicate(event));
        }
        Ok(Outcome::Quarantined(Refusal {
            reason: Reason::Conflict,
            detail: format!("event {} was recorded before with other content", event.event_id),
            event_id: Some(event.event_id),
        }))
    }

    async fn is_content_of(
        &self,
        offset: Offset,
        record: &Record,
        event: &Event,
    ) -> Result<bool, Failure> {
        let position = Position { offset, ..record.position };
        let first = self.topic.record(position).await?;
        let first = first.and_then(|first| self.decode(&first).ok());
        let gone = || Failure::no(format!("the record at offset {offset} has left the topic"));
        let first = first.ok_or_else(gone)?;
        Ok(content_hash(&first) == content_hash(event))
    }
}

/// 128 bits of SHA-256 over workspace and event id.
fn identity(event: &Event) -> [u8; 16] {
    let mut hasher = Sha256::new();
    hasher.update(event.event_id.as_bytes());
    hasher.update(event.workspace_id.as_str());
    let digest: [u8; 32] = hasher.finalize().into();
    *digest.first_chunk().expect("a digest has 32 bytes")
}

impl Judged<'_> {
    pub(super) fn status(&self) -> &'static str {
        match &self.outcome {
            Outcome::Visible(_) => "visible",
            Outcome::Duplicate(_) => "duplicate",
            Outcome::Quarantined(_) => "quarantined",
        }
    }

    /// The event, unless the record was refused.
    pub(super) fn event(&self) -> Option<&Event> {
        match &self.outcome {
            Outcome::Visible(event) | Outcome::Duplicate(event) => Some(event),
            Outcome::Quarantined(_) => None,
        }
    }
}
