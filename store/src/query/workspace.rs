//! The only handle that reaches a workspace's rows (INV-6).

use std::sync::Arc;

use annals_schemas::{ActorKind, WorkspaceId, content_hash};
use uuid::Uuid;

use super::count::Total;
use super::page::{Direction, Page, PageRequest};
use super::pin::{Pin, Stretch};
use super::row::Row;
use super::source::Hit;
use crate::StoreError;
use crate::catalog::OrderKey;
use crate::evidence::Leaf;
use crate::fold::Counts;
use crate::partition::{CompleteThrough, PartitionStore};
use crate::segment::BlockCache;

/// Reads one workspace. Made by `Store::workspace` from an id that the caller may read.
#[derive(Clone)]
pub struct WorkspaceReader {
    pub(super) id: WorkspaceId,
    pub(super) partition: Arc<PartitionStore>,
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

impl WorkspaceReader {
    pub(crate) fn new(id: WorkspaceId, partition: Arc<PartitionStore>) -> Self {
        Self { id, partition }
    }

    /// The workspace.
    pub fn id(&self) -> &WorkspaceId {
        &self.id
    }

    /// Number of the partition that holds it.
    pub fn partition(&self) -> u32 {
        self.partition.partition
    }

    /// How complete an answer given now is.
    pub fn complete_through(&self) -> Option<CompleteThrough> {
        self.partition.complete_through()
    }

    /// This workspace's terms of the accounting identity.
    pub fn counts(&self) -> Counts {
        let state = self.partition.state.read();
        let code = state.projection.code(self.id.as_str());
        code.map_or_else(Counts::default, |code| state.projection.workspace(code).counts)
    }

    /// Last sequence number given; 0 in an empty workspace.
    pub fn last_seq(&self) -> u64 {
        let state = self.partition.state.read();
        state
            .projection
            .code(self.id.as_str())
            .map_or(0, |code| state.projection.workspace(code).last_seq)
    }

    /// One page.
    pub fn page(&self, request: &PageRequest<'_>) -> Result<Page, StoreError> {
        let PageRequest { direction, after, limit, max_rows, .. } = *request;
        let stretch = Stretch { direction, after, limit: limit + 1, max_rows };
        let pinned =
            Pin::new(&self.partition, self.id.as_str(), request.filter, request.snapshot, stretch);
        let (snapshot, Some(mut pin)) = pinned else {
            let nothing = Total { value: 0, exact: true };
            let total = request.count.limit().map(|_| nothing);
            return Ok(Page { rows: Vec::new(), more: false, snapshot: pinned.0, total });
        };
        let mut hits = pin.collect(stretch)?;
        let more = hits.len() > limit;
        hits.truncate(limit);
        if direction == Direction::Newer {
            hits.reverse();
        }
        let mut rows = self.read(&hits)?;
        let state = self.partition.state.read();
        if let Some(code) = state.projection.code(self.id.as_str()) {
            let catalog = &state.projection.workspace(code).catalog;
            rows.iter_mut().for_each(|row| row.complete(catalog, Some(&pin.compiled)));
        }
        drop(state);
        let total = self.count(request, snapshot)?;
        Ok(Page { rows, more, snapshot, total })
    }

    fn count(&self, request: &PageRequest<'_>, snapshot: u64) -> Result<Option<Total>, StoreError> {
        let Some(limit) = request.count.limit() else { return Ok(None) };
        let stretch =
            Stretch { direction: Direction::Older, after: None, limit, max_rows: request.max_rows };
        let id = self.id.as_str();
        let (_, pin) = Pin::new(&self.partition, id, request.filter, Some(snapshot), stretch);
        let mut found = 0;
        if let Some(mut pin) = pin {
            pin.for_each(stretch, |_, _| found += 1)?;
        }
        Ok(Some(Total::new(found, request.count)))
    }

    fn read(&self, hits: &[(OrderKey, Hit)]) -> Result<Vec<Row>, StoreError> {
        let log_id = &self.partition.shared.log_id;
        let mut cache = BlockCache::default();
        hits.iter()
            .map(|(key, hit)| Row::read(*key, hit, self.partition.partition, log_id, &mut cache))
            .collect()
    }

    /// The visible row of an event, with its leaf in the partition's tree.
    pub fn event(&self, event_id: Uuid) -> Result<Option<(Row, Leaf)>, StoreError> {
        let Some((key, hit)) = self.find(event_id)? else { return Ok(None) };
        let (partition, log_id) = (self.partition.partition, &self.partition.shared.log_id);
        let leaf = hit.leaf(partition, log_id)?;
        let mut row = Row::read(key, &hit, partition, log_id, &mut BlockCache::default())?;
        let state = self.partition.state.read();
        if let Some(code) = state.projection.code(self.id.as_str()) {
            row.complete(&state.projection.workspace(code).catalog, None);
        }
        Ok(Some((row, leaf)))
    }

    /// Whether an event is visible already.
    pub fn is_known(&self, event_id: Uuid) -> Result<bool, StoreError> {
        Ok(self.find(event_id)?.is_some())
    }

    /// Content hash of the visible event of this id: what tells a duplicate from a conflict.
    pub fn content_hash_of(&self, event_id: Uuid) -> Result<Option<[u8; 32]>, StoreError> {
        let Some((key, hit)) = self.find(event_id)? else { return Ok(None) };
        if let Hit::Tail(row) = &hit {
            return Ok(row.visible().map(|visible| visible.content_hash));
        }
        let (partition, log_id) = (self.partition.partition, &self.partition.shared.log_id);
        let row = Row::read(key, &hit, partition, log_id, &mut BlockCache::default())?;
        Ok(Some(content_hash(&row.event)))
    }

    fn find(&self, event_id: Uuid) -> Result<Option<(OrderKey, Hit)>, StoreError> {
        let bytes = event_id.into_bytes();
        let state = self.partition.state.read();
        let Some(code) = state.projection.code(self.id.as_str()) else { return Ok(None) };
        let frozen = state.frozen.as_ref().map(|frozen| &frozen.tail);
        for tail in [Some(&state.tail), frozen].into_iter().flatten() {
            let row = tail.event(code, &bytes);
            if let Some((row, visible)) = row.and_then(|row| Some((row, row.visible()?))) {
                return Ok(Some((visible.key, Hit::Tail(row.clone()))));
            }
        }
        let segments = state.segments.clone();
        drop(state);
        for segment in segments.iter().rev() {
            if let Some((index, row)) = segment.find(self.id.as_str(), &bytes)? {
                let columns = segment.columns(index)?;
                let key = columns.key(row as usize);
                return Ok(Some((key, Hit::Segment(segment.clone(), columns, row))));
            }
        }
        Ok(None)
    }

    /// Everybody who acted here or was acted for, in order of first sight.
    pub fn actors(&self) -> Vec<ActorNow> {
        let state = self.partition.state.read();
        let Some(code) = state.projection.code(self.id.as_str()) else { return Vec::new() };
        let catalog = &state.projection.workspace(code).catalog;
        let owned = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
        let view = |actor: &crate::catalog::ActorEntry| ActorNow {
            kind: actor.kind,
            id: owned(&actor.id),
            name: owned(&actor.name),
            email: owned(&actor.email),
            former: actor.kind == ActorKind::User
                && actor.id.as_deref().is_some_and(|id| {
                    catalog.resource("user", id).is_some_and(|(_, r)| r.state.ever_deleted)
                }),
        };
        catalog.actors().map(|(_, actor)| view(actor)).collect()
    }

    /// Action keys seen, in order of first sight.
    pub fn actions(&self) -> Vec<String> {
        let state = self.partition.state.read();
        let code = state.projection.code(self.id.as_str());
        code.map_or_else(Vec::new, |code| {
            state.projection.workspace(code).catalog.actions().map(str::to_owned).collect()
        })
    }
}
