//! Rows in memory, newest part of the log, readable at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use annals_schemas::{Offset, OffsetRange};

use super::chunk::Chunk;
use super::events::Events;
use crate::fold::FoldedRow;

/// Rows an open chunk takes before it is closed: bounds what an insertion out of order moves.
const OPEN_ROWS: usize = 1024;

/// One workspace's rows in a tail.
#[derive(Debug, Default)]
pub(super) struct TailGroup {
    /// Each more than twice as long as the next where they overlap: few.
    closed: Vec<Chunk>,
    open: Chunk,
    /// Duplicates and quarantined, in offset order.
    pub(super) refused: Vec<Arc<FoldedRow>>,
}

impl TailGroup {
    fn push(&mut self, row: &Arc<FoldedRow>) {
        let Some(visible) = row.visible() else {
            self.refused.push(row.clone());
            return;
        };
        self.open.insert(row, visible);
        if self.open.count() >= OPEN_ROWS {
            self.close();
        }
    }

    /// Closes the open chunk. It is merged with older ones as long as they overlap by no more than
    /// twice its length: a row is moved a logarithmic number of times, and what comes in order is
    /// appended to one chunk.
    fn close(&mut self) {
        let mut chunk = std::mem::take(&mut self.open);
        while let Some(first) = chunk.first() {
            let cheap = |older: &mut Chunk| older.count_from(first) <= 2 * chunk.count();
            let Some(mut older) = self.closed.pop_if(cheap) else { break };
            older.merge(chunk);
            chunk = older;
        }
        self.closed.push(chunk);
    }

    /// The chunks with rows, closed ones first.
    pub(super) fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        self.closed.iter().chain([&self.open]).filter(|chunk| chunk.count() > 0)
    }

    /// The chunks as they are, to be shared, and the refused.
    pub(super) fn into_parts(mut self) -> (Vec<Arc<Chunk>>, Vec<Arc<FoldedRow>>) {
        if self.open.count() > 0 {
            self.closed.push(self.open);
        }
        (self.closed.into_iter().map(Arc::new).collect(), self.refused)
    }
}

/// Rows of consecutive records.
#[derive(Debug)]
pub(super) struct Tail {
    start: Offset,
    end: Offset,
    bytes: usize,
    /// By workspace code; `None` for records of nobody.
    pub(super) groups: BTreeMap<Option<u32>, TailGroup>,
    events: Events,
}

/// Memory a row takes beside its record's bytes, roughly.
const ROW_OVERHEAD_BYTES: usize = 560;

impl Tail {
    pub(super) fn starting_at(start: Offset) -> Self {
        let (groups, events) = (BTreeMap::new(), Events::default());
        Self { start, end: start, bytes: 0, groups, events }
    }

    /// Covered offsets.
    pub(super) fn range(&self) -> OffsetRange {
        OffsetRange { start: self.start, end: self.end }
    }

    /// Bytes held, record bytes and bookkeeping.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes up the next row. Its owner gets a group even if the row is nobody's: the segment has
    /// to say where the owner's chain of offsets stands.
    pub(super) fn push(&mut self, row: Arc<FoldedRow>, owner: Option<u32>) {
        if owner != row.workspace {
            self.groups.entry(owner).or_default();
        }
        self.end = row.record.position.offset + 1;
        self.bytes += row.record.size_bytes() + ROW_OVERHEAD_BYTES;
        self.groups.entry(row.workspace).or_default().push(&row);
        self.events.insert(row);
    }

    /// Visible rows by event.
    pub(super) fn events(&self) -> &Events {
        &self.events
    }

    /// Groups and events, for a tail that no longer grows.
    pub(super) fn into_parts(self) -> (BTreeMap<Option<u32>, TailGroup>, Events) {
        (self.groups, self.events)
    }
}
