//! One ordered run of matching rows: a segment's or a frozen tail's, pulled row by row.

use std::sync::Arc;

use annals_schemas::LogId;

use super::compiled::Compiled;
use super::page::Direction;
use crate::StoreError;
use crate::catalog::OrderKey;
use crate::evidence::{Entry, Leaf};
use crate::fold::FoldedRow;
use crate::segment::{BlockCache, Columns, RowCodes, SegmentReader};

/// Where a matching row is.
#[derive(Clone)]
pub(super) enum Hit {
    /// In memory.
    Tail(Arc<FoldedRow>),
    /// In a segment.
    Segment(Arc<SegmentReader>, Arc<Columns>, u32),
}

impl Hit {
    /// The record's leaf, hashed again from the stored bytes.
    pub(super) fn leaf(&self, partition: u32, log_id: &LogId) -> Result<Leaf, StoreError> {
        let (record, previous, previous_of_key) = match self {
            Self::Tail(row) => (row.record.clone(), row.previous, row.previous_of_key),
            Self::Segment(reader, columns, row) => {
                let stored = reader.row(columns, *row, &mut BlockCache::default())?;
                let places = (stored.previous, stored.previous_of_key);
                (stored.into_record(partition), places.0, places.1)
            }
        };
        Ok(Entry::new(&record, log_id, previous, previous_of_key).leaf())
    }
}

/// Keys between which rows are wanted, both inclusive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) first: OrderKey,
    pub(super) last: OrderKey,
}

/// A segment's rows of one workspace, opened only when they can be next.
pub(super) struct SegmentRun {
    reader: Arc<SegmentReader>,
    workspace: u32,
    opened: Option<(Arc<Columns>, std::ops::Range<usize>)>,
}

impl SegmentRun {
    /// `None` if the segment has no row of this workspace in the span.
    pub(super) fn new(reader: &Arc<SegmentReader>, id: &str, span: Span) -> Option<Self> {
        let workspace = reader.workspace(id)?;
        let entry = reader.entry(workspace);
        let key = |(effective_at, seq)| OrderKey { effective_at, seq };
        let apart = key(entry.newest) < span.first || key(entry.oldest) > span.last;
        if entry.visible == 0 || apart {
            return None;
        }
        Some(Self { reader: reader.clone(), workspace, opened: None })
    }

    /// A key that no row of this run lies beyond.
    pub(super) fn bound(&self, direction: Direction) -> OrderKey {
        let entry = self.reader.entry(self.workspace);
        let (effective_at, seq) = match direction {
            Direction::Older => entry.newest,
            Direction::Newer => entry.oldest,
        };
        OrderKey { effective_at, seq }
    }

    /// The next matching row in this direction; counts the rows looked at.
    pub(super) fn next(
        &mut self,
        filter: &Compiled,
        span: Span,
        direction: Direction,
        touched: &mut u64,
    ) -> Result<Option<(OrderKey, Hit)>, StoreError> {
        if self.opened.is_none() {
            let columns = self.reader.columns(self.workspace)?;
            let start = columns.first_at_or_after(span.first);
            let end = match span.last.seq.checked_add(1) {
                Some(seq) => columns.first_at_or_after(OrderKey { seq, ..span.last }),
                None => columns.first_after_time(span.last.effective_at),
            };
            self.opened = Some((columns, start..end.max(start)));
        }
        let Some((columns, rows)) = &mut self.opened else { return Ok(None) };
        loop {
            let row = match direction {
                Direction::Older => rows.next_back(),
                Direction::Newer => rows.next(),
            };
            let Some(row) = row else { return Ok(None) };
            *touched += 1;
            if filter.admits(&columns.codes(row)) {
                let number = u32::try_from(row).expect("fewer than 2^32 rows a segment");
                let hit = Hit::Segment(self.reader.clone(), columns.clone(), number);
                return Ok(Some((columns.key(row), hit)));
            }
        }
    }
}

/// Matching rows of a tail's group in this direction, at most so many.
pub(super) fn tail_hits(
    rows: &std::collections::BTreeMap<OrderKey, Arc<FoldedRow>>,
    filter: &Compiled,
    span: Span,
    direction: Direction,
    limit: usize,
    touched: &mut u64,
) -> Vec<(OrderKey, Hit)> {
    if span.first > span.last {
        return Vec::new();
    }
    let range = rows.range(span.first..=span.last);
    let mut admit = |(key, row): (&OrderKey, &Arc<FoldedRow>)| {
        *touched += 1;
        let visible = row.visible()?;
        let admitted = filter.admits(&RowCodes::of(visible));
        admitted.then(|| (*key, Hit::Tail(row.clone())))
    };
    match direction {
        Direction::Older => range.rev().filter_map(&mut admit).take(limit).collect(),
        Direction::Newer => range.filter_map(&mut admit).take(limit).collect(),
    }
}
