//! Which of the next records may be folded, and the ruling that has to be there first.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use annals_schemas::{Offset, Record, SchemaId, framed_schema_id};
use annals_service::clock::SharedClock;
use annals_store::{PartitionSchemas, PartitionStore, ResolvedSchema, StoreError};

use super::answers::{Answers, Said};
use super::{Answer, Away, ID_MAX, SchemaSource};

/// So long the loop waits for an answer before the partition rests instead.
const PATIENCE: Duration = Duration::from_millis(100);
/// An id is unknown to a registry if it is so long after a record that bears it was written: a
/// node of a registry may learn of a schema a moment after the one that registered it. Judged by
/// the record's own time, so that a backlog of unknown ids waits for nothing; a time that lies
/// further off, in either direction, is no moment ago.
const LEARNT_WITHIN_MS: u64 = 2_000;
/// Ids asked for one batch; records beyond the first one more are left for the next.
const IDS_AT_ONCE: usize = 64;

/// How many of the records may be folded now.
#[derive(Debug)]
pub struct Admitted {
    /// So many from the first on.
    pub records: usize,
    /// Why the next one has to wait; `None` if nothing keeps it from being asked for at once.
    pub waits: Option<StoreError>,
}

/// Resolves schemas before they are needed. Cheap to clone.
#[derive(Clone, Default)]
pub struct Resolver {
    answers: Option<Answers>,
}

impl Resolver {
    /// One that asks this registry; the clock is compared with the times of records.
    pub fn asking(source: Arc<dyn SchemaSource>, clock: SharedClock) -> Self {
        Self { answers: Some(Answers::of(source, clock)) }
    }

    /// Makes sure that of the next records of a partition each one admitted can be folded: what its
    /// schema is stands in a durable ruling.
    ///
    /// # Errors
    /// When the ruling cannot be made: the store is away, or another writer was first.
    pub async fn admit(
        &self,
        store: &PartitionStore,
        records: &[Record],
    ) -> Result<Admitted, StoreError> {
        let schemas = store.schemas();
        let (needed, records) = self.needed(&schemas, records);
        if needed.is_empty() {
            return Ok(Admitted { records: records.len(), waits: None });
        }
        let said = match &self.answers {
            Some(answers) => answers.ask(needed.keys().copied(), PATIENCE).await,
            None => HashMap::new(),
        };
        let first = records.iter().find_map(|record| {
            let id = self.unresolved(&schemas, record)?;
            Some((record.position.offset, id, keeps_waiting(id, said.get(&id), record)?))
        });
        let end = first.as_ref().map_or(Offset::MAX, |(offset, ..)| *offset);
        let admitted = records.partition_point(|record| record.position.offset < end);
        let resolved = needed.iter().filter(|(_, offset)| **offset < end);
        let resolved = resolved.filter_map(|(id, &from)| match said.get(id) {
            Some(Said::Answered(Answer::Schema(text), _)) => {
                Some(ResolvedSchema::new(*id, from, text.clone()))
            }
            _ => None,
        });
        let earliest = needed.values().copied().min().filter(|earliest| *earliest < end);
        if let (Some(from), Some(last)) = (earliest, records[..admitted].last()) {
            self.rule(store, from, last.position.offset + 1, resolved.collect()).await?;
        }
        let partition = store.number();
        let waits = first.map(|(offset, id, away)| StoreError::SchemaUnresolved {
            partition,
            offset,
            id,
            source: away.into(),
        });
        Ok(Admitted { records: admitted, waits })
    }

    /// Ids that are not resolved, with the offset of the first record that bears each; and the
    /// records up to where there are no more of them than may be asked for at once.
    fn needed<'r>(
        &self,
        schemas: &PartitionSchemas,
        records: &'r [Record],
    ) -> (BTreeMap<SchemaId, Offset>, &'r [Record]) {
        let mut needed = BTreeMap::new();
        for (index, record) in records.iter().enumerate() {
            let Some(id) = self.unresolved(schemas, record) else { continue };
            if needed.len() == IDS_AT_ONCE && !needed.contains_key(&id) {
                return (needed, &records[..index]);
            }
            needed.entry(id).or_insert(record.position.offset);
        }
        (needed, records)
    }

    /// Without a ruling a registry counts from the first framed record on, if there is one.
    fn unresolved(&self, schemas: &PartitionSchemas, record: &Record) -> Option<SchemaId> {
        match schemas.is_ruled() {
            true => schemas.unresolved(record),
            false => self.answers.as_ref().and_then(|_| framed_schema_id(record)),
        }
    }

    async fn rule(
        &self,
        store: &PartitionStore,
        from: Offset,
        judged_to: Offset,
        resolved: Vec<ResolvedSchema>,
    ) -> Result<(), StoreError> {
        for found in &resolved {
            let (partition, schema) = (store.number(), found.schema());
            let (id, reads, sha256) = (schema.id.0, schema.reads, &schema.sha256);
            tracing::info!(partition, id, from = schema.from, ?reads, sha256, "schema resolved");
        }
        crate::metrics::ruled(resolved.len());
        store.rule(from, judged_to, resolved).await
    }
}

/// Why a record has to wait after that answer; `None` if it need not.
fn keeps_waiting(id: SchemaId, said: Option<&Said>, record: &Record) -> Option<Away> {
    let detail = match said {
        Some(Said::Answered(Answer::Schema(_), _)) => return None,
        Some(Said::Answered(Answer::Unknown, asked_ms)) => {
            let apart_ms = asked_ms.abs_diff(record.timestamp_ms);
            if apart_ms >= LEARNT_WITHIN_MS || id.0 > ID_MAX {
                return None;
            }
            "the registry has no such schema, and is asked again: it may learn of it late"
        }
        Some(Said::Waiting(away)) => return Some(away.clone()),
        None => "no registry is configured (registry.url)",
    };
    Some(Away { detail: detail.to_owned() })
}
