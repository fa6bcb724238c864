//! A row as people see it: the event as recorded, and what is true of its resources now.

use annals_schemas::{Event, Instant, LogId, Position, Record, decode};
use uuid::Uuid;

use super::compiled::Compiled;
use super::source::Hit;
use crate::StoreError;
use crate::catalog::{Catalog, OrderKey};
use crate::fold::{Clock, LATE_AFTER_SECONDS, effective};
use crate::segment::BlockCache;

/// Origin of backfilled history, which was never meant to be on time.
const IMPORT_ORIGIN: &str = "import";

/// One visible event.
#[derive(Debug, Clone)]
pub struct Row {
    /// As recorded.
    pub event: Event,
    /// Dense number within the workspace.
    pub seq: u64,
    /// The log's clock.
    pub recorded_at: Instant,
    /// What order, ranges and pages use.
    pub effective_at: Instant,
    /// Whose clock that is.
    pub clock: Clock,
    /// Seconds between occurring and being recorded, if that was more than five minutes.
    pub late_by_seconds: i64,
    /// Where the record stands in the log.
    pub position: Position,
    /// One per resource of the event, in its order.
    pub resources: Vec<ResourceNow>,
    /// Whether the performer is a person removed since.
    pub actor_former: bool,
    /// Whether the person acted for has been removed since.
    pub on_behalf_of_former: bool,
}

/// What is true of a resource as of reading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceNow {
    /// The newest name.
    pub current_name: Option<String>,
    /// Whether it is deleted.
    pub deleted: bool,
    /// Under a name filter: the name that made it match.
    pub matched_name: Option<String>,
}

impl Row {
    /// Key of this row in page order.
    pub fn key(&self) -> OrderKey {
        OrderKey { effective_at: self.effective_at.micros(), seq: self.seq }
    }

    /// Reads the record behind a hit; facts as of reading are added by [`Row::complete`].
    pub(super) fn read(
        key: OrderKey,
        hit: &Hit,
        partition: u32,
        log_id: &LogId,
        cache: &mut BlockCache,
    ) -> Result<Self, StoreError> {
        let record = match hit {
            Hit::Tail(row) => row.record.clone(),
            Hit::Segment(reader, columns, row) => {
                reader.row(columns, *row, cache)?.into_record(partition)
            }
        };
        Self::of(key, &record, log_id)
    }

    fn of(key: OrderKey, record: &Record, log_id: &LogId) -> Result<Self, StoreError> {
        let event = decode(record, log_id).map_err(|refusal| {
            let detail = format!("a visible row no longer decodes: {refusal}");
            StoreError::corrupt("record", record.position.offset, detail)
        })?;
        let recorded_at = Instant::from_millis_clamped(record.timestamp_ms);
        let (effective_at, clock) = effective(event.occurred_at, recorded_at);
        assert_eq!(effective_at.micros(), key.effective_at, "INV-4: row and column agree");
        let backfilled = event.context.origin.as_deref() == Some(IMPORT_ORIGIN);
        let told = event.occurred_at.filter(|_| !backfilled);
        let late = told.map_or(0, |at| recorded_at.micros() - at.micros());
        let late_by_seconds = Some(late / 1_000_000).filter(|late| *late > LATE_AFTER_SECONDS);
        Ok(Self {
            seq: key.seq,
            recorded_at,
            effective_at,
            clock,
            late_by_seconds: late_by_seconds.unwrap_or(0),
            position: record.position,
            resources: Vec::new(),
            actor_former: false,
            on_behalf_of_former: false,
            event,
        })
    }

    /// Adds what the catalog knows now.
    pub(super) fn complete(&mut self, catalog: &Catalog, filter: Option<&Compiled>) {
        self.actor_former = catalog.is_former(&self.event.actor.principal);
        self.on_behalf_of_former =
            self.event.actor.on_behalf_of.as_ref().is_some_and(|other| catalog.is_former(other));
        self.resources = self
            .event
            .resources
            .iter()
            .map(|resource| {
                let Some((code, entry)) = catalog.resource(&resource.resource_type, &resource.id)
                else {
                    return ResourceNow::default();
                };
                let text = |name: u32| catalog.name_text(name).map(str::to_owned);
                let own = catalog.name_of(resource);
                let matched = filter
                    .and_then(|filter| filter.matched_name(catalog, code, own))
                    .and_then(text);
                ResourceNow {
                    current_name: entry.state.current_name().and_then(text),
                    deleted: entry.state.is_deleted(),
                    matched_name: matched,
                }
            })
            .collect();
    }

    /// Identity of the event.
    pub fn event_id(&self) -> Uuid {
        self.event.event_id
    }
}
