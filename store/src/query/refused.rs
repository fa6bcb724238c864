//! Quarantined records, for the people who have to know: newest offset first.

use annals_schemas::{Instant, Offset, Partition, Position, Record, Refusal};

use super::workspace::WorkspaceReader;
use crate::StoreError;
use crate::fold::Status;
use crate::partition::{PartitionStore, SealedGroup, TailRow};
use crate::segment::BlockCache;

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
        refused(&self.store, Some(self.id.as_str()), before, limit)
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
    let sources = store.quarantined(owner, before, limit + 1);
    let in_memory = sources.in_memory.iter().filter_map(|row| refused_row(row));
    let mut found: Vec<RefusedRow> = in_memory.collect();
    for group in sources.groups.iter().rev() {
        if found.len() > limit {
            break;
        }
        let room = limit + 1 - found.len();
        found.extend(in_segment(group, store.number(), before, room)?);
    }
    let more = found.len() > limit;
    found.truncate(limit);
    Ok(RefusedPage { rows: found, more })
}

fn refused_row(row: &TailRow) -> Option<RefusedRow> {
    match &row.status {
        Status::Quarantined(refusal) => Some(RefusedRow::new(row.record.clone(), refusal.clone())),
        _ => None,
    }
}

fn in_segment(
    SealedGroup { segment, group }: &SealedGroup,
    partition: Partition,
    before: Offset,
    room: usize,
) -> Result<Vec<RefusedRow>, StoreError> {
    let counts = &segment.groups()[*group as usize];
    if counts.quarantined == 0 {
        return Ok(Vec::new());
    }
    let (mut found, mut cache) = (Vec::new(), BlockCache::default());
    for row in (counts.visible..counts.rows()).rev() {
        if found.len() == room {
            break;
        }
        let stored = segment.row(*group, row, &mut cache)?;
        if let Some(refusal) = stored.refusal().filter(|_| stored.offset < before) {
            found.extend(
                stored.whole_record(partition).map(|record| RefusedRow::new(record, refusal)),
            );
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
