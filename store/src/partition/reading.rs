//! What readers take from a partition. Each call holds the read lock for a moment only.

use std::sync::Arc;

use annals_schemas::Offset;

use super::PartitionStore;
use super::chunk::{Chunk, TailRow};
use super::frozen::Frozen;
use super::history::{Wanted, find};
use super::sealed::{SealedGroup, WorkspaceSealed};
use super::state::State;
use crate::StoreError;
use crate::catalog::CatalogView;
use crate::fold::{Counts, Status};
use crate::segment::{SegmentReader, id_hash};

/// A workspace under the partition's read lock.
pub(crate) struct WorkspaceLive<'a> {
    pub(crate) version: u64,
    /// Everything, live delta included.
    pub(crate) catalog: CatalogView<'a>,
    /// What [`PartitionStore::sealed`] would give at this moment.
    pub(crate) sealed: WorkspaceSealed,
    /// The live tail's chunks, the open one included.
    pub(crate) chunks: Vec<&'a Chunk>,
    pub(crate) last_seq: u64,
}

/// Where the visible row of an event is.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// In a tail.
    Tail(Arc<TailRow>),
    /// In a segment: the group and the row in it.
    Segment(SealedGroup, u32),
}

/// Quarantined records of one owner.
#[derive(Debug, Default)]
pub(crate) struct QuarantineSources {
    /// In memory, newest offset first, at most as many as were asked for.
    pub(crate) in_memory: Vec<Arc<TailRow>>,
    /// Groups that may hold older ones, oldest range first.
    pub(crate) groups: Vec<SealedGroup>,
}

impl PartitionStore {
    /// A workspace's sealed part; `None` before its first record.
    pub(crate) fn sealed(&self, workspace: &str) -> Option<WorkspaceSealed> {
        let state = self.state.read();
        let code = state.projection.code(workspace)?;
        Some(state.sealed(code))
    }

    /// Runs `read` under the read lock; `None` before the workspace's first record. Must be quick.
    pub(crate) fn with_live<T>(
        &self,
        workspace: &str,
        read: impl FnOnce(&WorkspaceLive<'_>) -> T,
    ) -> Option<T> {
        let state = self.state.read();
        let code = state.projection.code(workspace)?;
        let known = state.projection.workspace(code);
        let group = state.tail.groups.get(&Some(code));
        let live = WorkspaceLive {
            version: state.version,
            catalog: known.catalog.view(),
            sealed: state.sealed(code),
            chunks: group.map(|group| group.chunks().collect()).unwrap_or_default(),
            last_seq: known.last_seq,
        };
        Some(read(&live))
    }

    /// Last sequence number and counts of a workspace; zero before its first record.
    pub(crate) fn figures(&self, workspace: &str) -> (u64, Counts) {
        let state = self.state.read();
        let Some(code) = state.projection.code(workspace) else { return (0, Counts::default()) };
        let known = state.projection.workspace(code);
        (known.last_seq, known.counts)
    }

    /// Where the visible row of an event is.
    pub(crate) fn locate(
        &self,
        workspace: &str,
        event_id: &[u8; 16],
    ) -> Result<Option<Place>, StoreError> {
        let id_hash = id_hash(workspace, event_id);
        let state = self.state.read();
        let Some(code) = state.projection.code(workspace) else { return Ok(None) };
        let tails = [Some(state.tail.events()), state.frozen.as_deref().map(Frozen::events)];
        for events in tails.into_iter().flatten() {
            if let Some((row, _)) = events.get(id_hash, code, event_id) {
                return Ok(Some(Place::Tail(row.clone())));
            }
        }
        let segments = state.segments.clone();
        drop(state);
        let wanted = Wanted { workspace, event_id, id_hash };
        for segment in segments.iter().rev() {
            if let Some(found) = find(segment, wanted, &self.shared.log_id)? {
                let group = SealedGroup { segment: segment.clone(), group: found.group };
                return Ok(Some(Place::Segment(group, found.row)));
            }
        }
        Ok(None)
    }

    /// Quarantined records of an owner (`None`: nobody's) below an offset.
    pub(crate) fn quarantined(
        &self,
        owner: Option<&str>,
        before: Offset,
        limit: usize,
    ) -> QuarantineSources {
        let state = self.state.read();
        let code = match owner {
            None => None,
            Some(id) => match state.projection.code(id) {
                Some(code) => Some(code),
                None => return QuarantineSources::default(),
            },
        };
        let live = state.tail.groups.get(&code).map(|group| &group.refused);
        let frozen = state.frozen.as_ref().and_then(|frozen| frozen.groups.get(&code));
        let tails = [live, frozen.map(|group| &group.refused)].into_iter().flatten();
        let is_wanted = |row: &&Arc<TailRow>| {
            row.record.position.offset < before && matches!(row.status, Status::Quarantined(_))
        };
        let rows = tails.flat_map(|rows| rows.iter().rev()).filter(is_wanted);
        let in_memory = rows.take(limit).cloned().collect();
        let groups = match code {
            Some(code) => state.groups_of(code).to_vec(),
            None => state.segments.iter().filter_map(nobodys).collect(),
        };
        QuarantineSources { in_memory, groups }
    }
}

impl State {
    fn sealed(&self, code: u32) -> WorkspaceSealed {
        let frozen = self.frozen.as_ref().and_then(|frozen| frozen.groups.get(&Some(code)));
        WorkspaceSealed {
            version: self.version,
            catalog: self.projection.workspace(code).catalog.sealed(),
            groups: self.groups_of(code),
            frozen: frozen.map(|group| group.chunks.clone()).unwrap_or_default(),
        }
    }
}

/// The group of the records of nobody.
fn nobodys(segment: &Arc<SegmentReader>) -> Option<SealedGroup> {
    segment.group("").map(|group| SealedGroup { segment: segment.clone(), group })
}
