//! The only handle that reaches a workspace's rows (INV-6).

use std::sync::Arc;

use annals_schemas::{ActorKind, LogId, Offset, Record, WorkspaceId, content_hash};
use uuid::Uuid;

use super::completion::Completion;
use super::names::NameSearch;
use super::restriction::Restriction;
use super::row::{Row, RowCodes, event_of};
use crate::StoreError;
use crate::catalog::{ActorView, OrderKey};
use crate::evidence::Entry;
use crate::fold::Counts;
use crate::partition::{CompleteThrough, PartitionStore, Place, SealedGroup};
use crate::rows::Rows;
use crate::segment::BlockCache;

/// Reads one workspace. Made by `Store::workspace` from an id that the caller may read.
#[derive(Clone)]
pub struct WorkspaceReader {
    pub(super) id: WorkspaceId,
    pub(super) store: Arc<PartitionStore>,
    pub(super) restriction: Option<Arc<Restriction>>,
}

/// An actor as of reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorNow {
    /// Which kind.
    pub kind: ActorKind,
    /// Stable id.
    pub id: Option<String>,
    /// Latest name seen.
    pub name: Option<String>,
    /// Latest e-mail seen.
    pub email: Option<String>,
    /// Whether this person has been removed.
    pub former: bool,
}

impl ActorNow {
    pub(super) fn of(view: &ActorView<'_>) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            kind: view.kind,
            id: owned(view.id),
            name: owned(view.name),
            email: owned(view.email),
            former: view.former,
        }
    }
}

/// The visible row of an event.
struct Found {
    key: OrderKey,
    codes: RowCodes,
    record: Record,
    /// Offsets of the record before it, and of the one before with its key.
    previous: (Option<Offset>, Option<Offset>),
}

impl WorkspaceReader {
    pub(crate) fn new(id: WorkspaceId, store: Arc<PartitionStore>) -> Self {
        Self { id, store, restriction: None }
    }

    /// The workspace.
    pub fn id(&self) -> &WorkspaceId {
        &self.id
    }

    /// Number of the partition that holds it.
    pub fn partition(&self) -> u32 {
        self.store.number()
    }

    /// Id of the log that its records are in.
    pub fn log_id(&self) -> LogId {
        self.store.log_id()
    }

    /// How complete an answer given now is.
    pub fn complete_through(&self) -> Option<CompleteThrough> {
        self.store.complete_through()
    }

    /// This workspace's terms of the accounting identity.
    pub fn counts(&self) -> Counts {
        self.store.figures(self.id.as_str()).1
    }

    /// Next offset of the partition to fold: everything before it is visible or refused.
    pub fn next_offset(&self) -> Offset {
        self.store.next_offset().unwrap_or(0)
    }

    /// Changes whenever the partition has folded something, for whatever workspace.
    pub fn arrivals(&self) -> tokio::sync::watch::Receiver<u64> {
        self.store.arrivals()
    }

    /// Last sequence number given; 0 in an empty workspace.
    pub fn last_seq(&self) -> u64 {
        self.store.figures(self.id.as_str()).0
    }

    /// The visible row of an event, with its entry in the partition's tree.
    pub fn event(&self, event_id: Uuid) -> Result<Option<(Row, Entry)>, StoreError> {
        let Some(found) = self.find(event_id)? else { return Ok(None) };
        let log_id = &self.store.shared.log_id;
        let (previous, previous_of_key) = found.previous;
        let entry = Entry::new(&found.record, log_id, previous, previous_of_key);
        let event = event_of(&found.record, log_id)?;
        if !self.admits(&event) {
            return Ok(None);
        }
        let completion = self.completion(std::slice::from_ref(&found.codes), None)?;
        let place = (found.record.position, found.record.timestamp_ms);
        let now = (&found.codes, &completion);
        Ok(Some((Row::keeping(found.key, place, Box::new(event), now), entry)))
    }

    /// Whether an event is visible already.
    pub fn is_known(&self, event_id: Uuid) -> Result<bool, StoreError> {
        self.check_unrestricted()?;
        Ok(self.store.locate(self.id.as_str(), &event_id.into_bytes())?.is_some())
    }

    /// Content hash of the visible event of this id: what tells a duplicate from a conflict.
    pub fn content_hash_of(&self, event_id: Uuid) -> Result<Option<[u8; 32]>, StoreError> {
        self.check_unrestricted()?;
        let Some(found) = self.find(event_id)? else { return Ok(None) };
        let event = event_of(&found.record, &self.store.shared.log_id)?;
        Ok(Some(content_hash(&event)))
    }

    /// The record of an event and where it stands.
    fn find(&self, event_id: Uuid) -> Result<Option<Found>, StoreError> {
        let place = self.store.locate(self.id.as_str(), &event_id.into_bytes())?;
        Ok(match place {
            None => None,
            Some(Place::Tail(row)) => row.visible().map(|visible| Found {
                key: visible.key,
                codes: RowCodes::of(&visible.codes),
                record: row.record.clone(),
                previous: (row.previous, row.previous_of_key),
            }),
            Some(Place::Segment(SealedGroup { segment, group }, row)) => {
                let rows = segment.rows(group)?;
                // A catalog taken after the segment knows all of its codes.
                let sealed = self.store.sealed(self.id.as_str());
                let catalog = sealed.map(|sealed| sealed.catalog).unwrap_or_default();
                let mut cache = BlockCache::default();
                let found = segment.record(group, row, &catalog.view(), &mut cache)?;
                Some(Found {
                    key: rows.key(row),
                    codes: RowCodes::at(&rows, row),
                    previous: (found.previous, found.previous_of_key),
                    record: found.record,
                })
            }
        })
    }

    /// Everybody who acted here or was acted for, in order of first sight.
    pub fn actors(&self) -> Result<Vec<ActorNow>, StoreError> {
        self.check_unrestricted()?;
        let actors = self.store.with_live(self.id.as_str(), |now| {
            let codes = 0..now.catalog.lengths().actors;
            codes.map(|code| Ok(ActorNow::of(&now.catalog.actor(code)?))).collect()
        });
        actors.unwrap_or_else(|| Ok(Vec::new()))
    }

    /// Action keys seen, in order of first sight.
    pub fn actions(&self) -> Result<Vec<String>, StoreError> {
        self.check_unrestricted()?;
        let actions = self.store.with_live(self.id.as_str(), |now| {
            let codes = 0..now.catalog.lengths().actions;
            codes.map(|code| Ok(now.catalog.action(code)?.to_owned())).collect()
        });
        actions.unwrap_or_else(|| Ok(Vec::new()))
    }

    /// What is true now of rows with these codes.
    pub(super) fn completion(
        &self,
        codes: &[RowCodes],
        names: Option<&NameSearch>,
    ) -> Result<Completion, StoreError> {
        let found = self.store.with_live(self.id.as_str(), |now| {
            Completion::of(codes, now.catalog, names, self.restriction())
        });
        found.unwrap_or_else(|| Ok(Completion::default()))
    }
}
