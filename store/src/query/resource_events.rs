//! The events behind a resource's state: found by the key that the state remembers.

use annals_schemas::LogId;
use uuid::Uuid;

use super::merge::Source;
use super::resource_row::FoundResource;
use crate::StoreError;
use crate::catalog::OrderKey;
use crate::partition::{Chunk, WorkspaceSealed};
use crate::rows::Rows;
use crate::segment::{BlockCache, GroupRecords};

impl FoundResource {
    /// Adds the events that are in the live tail: under the lock.
    pub(super) fn find_live_events(&mut self, chunks: &[&Chunk]) {
        let find = |key: OrderKey| chunks.iter().find_map(|chunk| event_in(chunk, key));
        self.creation = self.state.creator.and_then(|latest| find(latest.at));
        self.last_edit = self.state.last_editor.and_then(|latest| find(latest.at));
    }

    /// The events that are not known yet, and their keys.
    fn missing_events(&mut self) -> impl Iterator<Item = (&mut Option<Uuid>, OrderKey)> {
        let Self { state, creation, last_edit, .. } = self;
        let latest = [(creation, &state.creator), (last_edit, &state.last_editor)];
        let missing = latest.into_iter().filter(|(event, _)| event.is_none());
        missing.filter_map(|(event, latest)| Some((event, latest.as_ref()?.at)))
    }
}

/// Finds events in what is sealed: what one needs is not waited for before the next is looked at.
pub(super) struct SealedEvents<'g, 'a> {
    sealed: &'a WorkspaceSealed,
    /// Those of `sealed`, opened when they are first needed.
    groups: &'g [GroupRecords<'a>],
    log_id: LogId,
}

/// Where an event is.
enum Place {
    /// In memory.
    Frozen(Uuid),
    Sealed {
        group: usize,
        row: u32,
    },
}

impl<'g, 'a> SealedEvents<'g, 'a> {
    pub(super) fn new(
        sealed: &'a WorkspaceSealed,
        groups: &'g [GroupRecords<'a>],
        log_id: LogId,
    ) -> Self {
        Self { sealed, groups, log_id }
    }

    /// Adds the events that were not in the live tail.
    pub(super) fn complete(&self, resources: &mut [FoundResource]) -> Result<(), StoreError> {
        let mut found = Vec::new();
        for (event, key) in resources.iter_mut().flat_map(FoundResource::missing_events) {
            match self.place(key)? {
                Place::Frozen(id) => *event = Some(id),
                Place::Sealed { group, row } => found.push((event, key, &self.groups[group], row)),
            }
        }
        found.iter().try_for_each(|(_, _, group, row)| group.touch_block(*row))?;
        let mut blocks = BlockCache::default();
        for (event, key, group, row) in found {
            *event = Some(group.event_id(row, key, &self.log_id, &mut blocks)?);
        }
        Ok(())
    }

    fn place(&self, key: OrderKey) -> Result<Place, StoreError> {
        let frozen = self.sealed.frozen.iter().find_map(|chunk| event_in(chunk, key));
        if let Some(event) = frozen {
            return Ok(Place::Frozen(event));
        }
        for (group, (of, records)) in self.sealed.groups.iter().zip(self.groups).enumerate() {
            // Groups follow each other by seq: with this all but the right one are left out.
            let is_before = of.last_seq() < key.seq;
            let bounds = of.bounds();
            if is_before || bounds.is_none_or(|(oldest, newest)| key < oldest || newest < key) {
                continue;
            }
            if let Some(row) = row_of(records.rows()?, key) {
                return Ok(Place::Sealed { group, row });
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
