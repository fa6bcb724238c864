//! Quarantined records, for the people who have to know: newest offset first.

use std::sync::Arc;

use annals_schemas::{Instant, Position, Record, Refusal};

use super::workspace::WorkspaceReader;
use crate::StoreError;
use crate::fold::{FoldedRow, Status};
use crate::partition::PartitionStore;
use crate::segment::{BlockCache, SegmentReader};

/// One refused record.
#[derive(Debug, Clone)]
pub struct RefusedRow {
    /// Where it stands.
    pub position: Position,
    /// The log's clock.
    pub recorded_at: Instant,
    /// Why.
    pub refusal: Refusal,
    /// The whole record.
    pub record: Record,
}

/// A page of refused records.
#[derive(Debug)]
pub struct RefusedPage {
    /// Newest first.
    pub rows: Vec<RefusedRow>,
    /// Whether there are older ones.
    pub more: bool,
}

impl WorkspaceReader {
    /// Records with this workspace's valid key that were quarantined, below this offset.
    pub fn quarantine(&self, before: Option<u64>, limit: usize) -> Result<RefusedPage, StoreError> {
        refused(&self.partition, Some(self.id.as_str()), before, limit)
    }
}

/// Quarantined records of one owner (`None`: nobody's), newest first.
pub(crate) fn refused(
    store: &PartitionStore,
    owner: Option<&str>,
    before: Option<u64>,
    limit: usize,
) -> Result<RefusedPage, StoreError> {
    let before = before.unwrap_or(u64::MAX);
    let (mut found, segments) = in_memory(store, owner, before, limit + 1);
    let partition = store.partition;
    for segment in segments.iter().rev() {
        if found.len() > limit {
            break;
        }
        let room = limit + 1 - found.len();
        found.extend(in_segment(segment, owner, partition, (before, room))?);
    }
    let more = found.len() > limit;
    found.truncate(limit);
    Ok(RefusedPage { rows: found, more })
}

fn in_memory(
    store: &PartitionStore,
    owner: Option<&str>,
    before: u64,
    room: usize,
) -> (Vec<RefusedRow>, Vec<Arc<SegmentReader>>) {
    let state = store.state.read();
    let group = match owner {
        None => Some(None),
        Some(id) => state.projection.code(id).map(Some),
    };
    let frozen = state.frozen.as_ref().map(|frozen| &frozen.tail);
    let tails = [Some(&state.tail), frozen].into_iter().flatten();
    let groups = tails.filter_map(|tail| group.and_then(|group| tail.groups.get(&group)));
    let rows = groups.flat_map(|group| group.refused.iter().rev());
    let refused = rows.filter_map(|row| refused_row(row)).filter(|r| r.position.offset < before);
    (refused.take(room).collect(), state.segments.clone())
}

fn refused_row(row: &FoldedRow) -> Option<RefusedRow> {
    match &row.status {
        Status::Quarantined(refusal) => Some(RefusedRow::new(row.record.clone(), refusal.clone())),
        _ => None,
    }
}

fn in_segment(
    segment: &SegmentReader,
    owner: Option<&str>,
    partition: u32,
    (before, room): (u64, usize),
) -> Result<Vec<RefusedRow>, StoreError> {
    let Some(index) = segment.workspace(owner.unwrap_or_default()) else { return Ok(Vec::new()) };
    if segment.entry(index).quarantined == 0 {
        return Ok(Vec::new());
    }
    let columns = segment.columns(index)?;
    let (mut found, mut cache) = (Vec::new(), BlockCache::default());
    for row in columns.refused().rev() {
        if found.len() == room {
            break;
        }
        let stored = segment.row(&columns, row, &mut cache)?;
        if let Some(refusal) = stored.refusal().filter(|_| stored.offset < before) {
            found.push(RefusedRow::new(stored.into_record(partition), refusal));
        }
    }
    Ok(found)
}

impl RefusedRow {
    fn new(record: Record, refusal: Refusal) -> Self {
        let recorded_at = Instant::from_millis_clamped(record.timestamp_ms);
        Self { position: record.position, recorded_at, refusal, record }
    }
}
