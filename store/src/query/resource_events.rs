//! The events behind a resource's state: found by the key that the state remembers.

use annals_schemas::LogId;
use uuid::Uuid;

use super::merge::Source;
use super::resource_row::FoundResource;
use crate::StoreError;
use crate::catalog::OrderKey;
use crate::partition::{Chunk, WorkspaceSealed};
use crate::rows::Rows;
use crate::segment::{BlockCache, SegmentRows};

impl FoundResource {
    /// Adds the events that are in the live tail: under the lock.
    pub(super) fn find_live_events(&mut self, chunks: &[&Chunk]) {
        let find = |key: OrderKey| chunks.iter().find_map(|chunk| event_in(chunk, key));
        self.creation = self.state.creator.and_then(|latest| find(latest.at));
        self.last_edit = self.state.last_editor.and_then(|latest| find(latest.at));
    }
}

/// Finds events in what is sealed. Groups are opened once, blocks that follow each other too.
pub(super) struct SealedEvents<'a> {
    sealed: &'a WorkspaceSealed,
    opened: Vec<Option<SegmentRows<'a>>>,
    blocks: BlockCache,
    log_id: LogId,
}

impl<'a> SealedEvents<'a> {
    pub(super) fn new(sealed: &'a WorkspaceSealed, log_id: LogId) -> Self {
        let opened = vec![None; sealed.groups.len()];
        Self { sealed, opened, blocks: BlockCache::default(), log_id }
    }

    /// Adds the events that were not in the live tail.
    pub(super) fn complete(&mut self, resource: &mut FoundResource) -> Result<(), StoreError> {
        let FoundResource { state, creation, last_edit, .. } = resource;
        for (latest, event) in [(&state.creator, creation), (&state.last_editor, last_edit)] {
            if let (Some(latest), None) = (latest, &event) {
                *event = Some(self.find(latest.at)?);
            }
        }
        Ok(())
    }

    fn find(&mut self, key: OrderKey) -> Result<Uuid, StoreError> {
        let frozen = self.sealed.frozen.iter().find_map(|chunk| event_in(chunk, key));
        if let Some(event) = frozen {
            return Ok(event);
        }
        let groups = self.sealed.groups.iter();
        for (group, opened) in groups.zip(&mut self.opened) {
            let bounds = group.bounds();
            if bounds.is_none_or(|(oldest, newest)| key < oldest || newest < key) {
                continue;
            }
            let rows = match opened {
                Some(rows) => *rows,
                None => *opened.insert(group.segment.rows(group.group)?),
            };
            if let Some(row) = row_of(&rows, key) {
                return group.segment.event_id(group.group, row, &self.log_id, &mut self.blocks);
            }
        }
        let OrderKey { effective_at, seq } = key;
        let detail = format!("there is no row of {effective_at} with seq {seq}");
        Err(StoreError::corrupt("catalog", 0, detail))
    }
}

fn row_of<R: Rows>(rows: &R, key: OrderKey) -> Option<u32> {
    let row = rows.lower_bound(key);
    (row < rows.len() && rows.key(row) == key).then_some(row)
}

fn event_in(chunk: &Chunk, key: OrderKey) -> Option<Uuid> {
    let visible = chunk.record(row_of(chunk, key)?).visible()?;
    Some(Uuid::from_bytes(visible.event_id))
}
