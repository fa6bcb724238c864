//! A row as people see it: the event as recorded, and what is true of its resources now.

use annals_schemas::{
    Event, EventView, Instant, LogId, Position, Record, WorkspaceId, decode_again,
};
use smallvec::SmallVec;
use uuid::Uuid;

use super::completion::Completion;
use crate::StoreError;
use crate::catalog::OrderKey;
use crate::codes::{EventCodes, ResourceCodes};
use crate::fold::{Clock, LATE_AFTER_SECONDS, effective};
use crate::rows::{Column, Rows};
use crate::segment::GatheredCodes;

/// Origin of backfilled history, which was never meant to be on time.
const IMPORT_ORIGIN: &str = "import";

/// One visible event: as [`Row`] with texts of its own, as [`RowView`] without.
#[derive(Debug, Clone)]
pub struct Row<E = Box<Event>, N = Vec<ResourceNow>> {
    /// As recorded. An event of its own is elsewhere, as it is large and rows are moved.
    pub event: E,
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
    pub resources: N,
    /// Whether the performer is a person removed since.
    pub actor_former: bool,
    /// Whether the person acted for has been removed since.
    pub on_behalf_of_former: bool,
}

/// The same, lent by a page while it is read.
pub type RowView<'r> = Row<EventView<'r>, SmallVec<[ResourceNow<&'r str>; 1]>>;

/// What is true of a resource as of reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ResourceNow<T = String> {
    /// The newest name.
    pub current_name: Option<T>,
    /// Whether it is deleted.
    pub deleted: bool,
    /// Under a name filter: the name that made it match.
    pub matched_name: Option<T>,
}

/// The event of a visible row's record.
pub(super) fn event_of(record: &Record, log_id: &LogId) -> Result<Event, StoreError> {
    decode_again(record, log_id).map_err(|refusal| {
        let detail = format!("a visible row no longer decodes: {refusal}");
        StoreError::corrupt("record", record.position.offset, detail)
    })
}

impl<E, N> Row<E, N> {
    /// Key of this row in page order.
    pub fn key(&self) -> OrderKey {
        OrderKey { effective_at: self.effective_at.micros(), seq: self.seq }
    }
}

impl<E, N> Row<E, N> {
    /// A row from its event, of which is given when it occurred and whether it is backfilled, its
    /// record's position and time, and what is true of its resources and of those who acted.
    fn placed(
        key: OrderKey,
        (position, timestamp_ms): (Position, i64),
        (event, occurred_at, is_backfilled): (E, Option<Instant>, bool),
        (codes, completion, resources): (&RowCodes, &Completion, N),
    ) -> Self {
        let recorded_at = Instant::from_millis_clamped(timestamp_ms);
        let (effective_at, clock) = effective(occurred_at, recorded_at);
        assert_eq!(effective_at.micros(), key.effective_at, "INV-4: row and column agree");
        let told = occurred_at.filter(|_| !is_backfilled);
        let late = told.map_or(0, |at| recorded_at.micros() - at.micros());
        let late_by_seconds = Some(late / 1_000_000).filter(|late| *late > LATE_AFTER_SECONDS);
        let is_former = |actor: u32| completion.is_former(actor);
        Self {
            seq: key.seq,
            recorded_at,
            effective_at,
            clock,
            late_by_seconds: late_by_seconds.unwrap_or(0),
            position,
            resources,
            actor_former: is_former(codes.actor),
            on_behalf_of_former: codes.on_behalf_of.is_some_and(is_former),
            event,
        }
    }

    /// The same with another event and other resources.
    fn with<F, M>(&self, event: F, resources: M) -> Row<F, M> {
        Row {
            event,
            seq: self.seq,
            recorded_at: self.recorded_at,
            effective_at: self.effective_at,
            clock: self.clock,
            late_by_seconds: self.late_by_seconds,
            position: self.position,
            resources,
            actor_former: self.actor_former,
            on_behalf_of_former: self.on_behalf_of_former,
        }
    }
}

impl Row {
    /// A row that keeps its event, with what is true of it now.
    pub(super) fn keeping(
        key: OrderKey,
        place: (Position, i64),
        event: Box<Event>,
        (codes, completion): (&RowCodes, &Completion),
    ) -> Self {
        debug_assert_eq!(codes.names.len(), event.resources.len(), "one name each");
        let texts = event.resources.iter().map(|named| named.name.as_deref());
        let resources = completion.resources(codes, texts).map(ResourceNow::into_owned).collect();
        let is_backfilled = event.context.origin.as_deref() == Some(IMPORT_ORIGIN);
        let occurred_at = event.occurred_at;
        let now = (codes, completion, resources);
        Self::placed(key, place, (event, occurred_at, is_backfilled), now)
    }

    /// The row, lent.
    pub fn view(&self) -> RowView<'_> {
        let resources = self.resources.iter().map(ResourceNow::view).collect();
        self.with(EventView::from(&*self.event), resources)
    }

    /// Identity of the event.
    pub fn event_id(&self) -> Uuid {
        self.event.event_id
    }
}

impl<'r> RowView<'r> {
    /// A row with what is true of it now.
    pub(super) fn of_event(
        key: OrderKey,
        place: (Position, i64),
        event: EventView<'r>,
        (codes, completion): (&RowCodes, &'r Completion),
    ) -> Self {
        debug_assert_eq!(codes.names.len(), event.resources.len(), "one name each");
        let texts = event.resources.iter().map(|named| named.name);
        let resources = completion.resources(codes, texts).collect();
        let is_backfilled = event.context.origin == Some(IMPORT_ORIGIN);
        let occurred_at = event.occurred_at;
        let now = (codes, completion, resources);
        Self::placed(key, place, (event, occurred_at, is_backfilled), now)
    }

    /// The row with texts of its own.
    pub fn to_row(&self, workspace_id: &WorkspaceId) -> Row {
        let resources = self.resources.iter().copied().map(ResourceNow::into_owned).collect();
        self.with(Box::new(self.event.to_event(workspace_id.clone())), resources)
    }
}

impl ResourceNow<&str> {
    fn into_owned(self) -> ResourceNow {
        ResourceNow {
            current_name: self.current_name.map(str::to_owned),
            deleted: self.deleted,
            matched_name: self.matched_name.map(str::to_owned),
        }
    }
}

impl ResourceNow {
    fn view(&self) -> ResourceNow<&str> {
        ResourceNow {
            current_name: self.current_name.as_deref(),
            deleted: self.deleted,
            matched_name: self.matched_name.as_deref(),
        }
    }
}

/// What a row's columns say: by it the catalog is asked, not by text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowCodes {
    pub(super) actor: u32,
    pub(super) on_behalf_of: Option<u32>,
    /// Those of its resources, in the event's order.
    pub(super) names: SmallVec<[BorneName; 2]>,
}

/// A name of a row, and what bears it where that is known already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct BorneName {
    pub(super) name: u32,
    pub(super) resource: Option<u32>,
}

impl RowCodes {
    /// Those of a row in columns.
    pub(super) fn at<R: Rows>(rows: &R, row: u32) -> Self {
        let mut names = SmallVec::<[u32; 4]>::new();
        rows.add_names(row, &mut names);
        let names = names.into_iter().map(|name| BorneName { name, resource: None });
        Self {
            actor: rows.code(Column::Actor, row),
            on_behalf_of: rows.code(Column::OnBehalfOf, row).checked_sub(1),
            names: names.collect(),
        }
    }

    /// Those of a row that was gathered.
    pub(super) fn gathered(row: GatheredCodes<'_>) -> Self {
        let borne =
            |(name, resource): (&u32, &u32)| BorneName { name: *name, resource: Some(*resource) };
        let names = row.names.iter().zip(row.resources).map(borne).collect();
        Self { actor: row.actor, on_behalf_of: row.on_behalf_of, names }
    }

    /// Those of a row in memory.
    pub(super) fn of(codes: &EventCodes) -> Self {
        let borne =
            |codes: &ResourceCodes| BorneName { name: codes.name, resource: Some(codes.resource) };
        let names = codes.resources.iter().map(borne).collect();
        Self { actor: codes.actor, on_behalf_of: codes.on_behalf_of, names }
    }
}
