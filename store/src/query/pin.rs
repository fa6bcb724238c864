//! Pinning: everything one query needs, taken under the lock at once.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::compiled::Compiled;
use super::filter::Filter;
use super::page::Direction;
use super::source::{Hit, SegmentRun, Span, tail_hits};
use crate::StoreError;
use crate::catalog::OrderKey;
use crate::partition::{Frozen, PartitionStore};
use crate::segment::SegmentReader;

/// A snapshot with a filter compiled for it.
pub(super) struct Pin {
    pub(super) compiled: Compiled,
    workspace: String,
    code: u32,
    segments: Vec<Arc<SegmentReader>>,
    frozen: Option<Arc<Frozen>>,
    live: Vec<(OrderKey, Hit)>,
    touched: u64,
}

/// Which stretch of the snapshot is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) direction: Direction,
    /// Rows strictly beyond this key in the direction.
    pub(super) after: Option<OrderKey>,
    pub(super) limit: usize,
    /// Rows a query may look at.
    pub(super) max_rows: u64,
}

impl Pin {
    /// `None` if the workspace has no record yet, or none in this snapshot can match.
    pub(super) fn new(
        store: &PartitionStore,
        workspace: &str,
        filter: &Filter,
        snapshot: Option<u64>,
        stretch: Stretch,
    ) -> (u64, Option<Self>) {
        let state = store.state.read();
        let Some(code) = state.projection.code(workspace) else { return (0, None) };
        let known = state.projection.workspace(code);
        let last_seq = snapshot.map_or(known.last_seq, |seq| seq.min(known.last_seq));
        let compiled = Compiled::new(filter, &known.catalog, last_seq);
        if compiled.is_empty() {
            return (last_seq, None);
        }
        let mut touched = 0;
        let span = span_of(&compiled, stretch);
        let live = state.tail.groups.get(&Some(code)).map(|group| {
            let Stretch { direction, limit, .. } = stretch;
            tail_hits(&group.visible, &compiled, span, direction, limit, &mut touched)
        });
        let pin = Self {
            compiled,
            workspace: workspace.to_owned(),
            code,
            segments: state.segments.clone(),
            frozen: state.frozen.clone(),
            live: live.unwrap_or_default(),
            touched,
        };
        (last_seq, Some(pin))
    }

    /// The first `limit` matching rows of the stretch, in its direction.
    pub(super) fn collect(&mut self, stretch: Stretch) -> Result<Vec<(OrderKey, Hit)>, StoreError> {
        let mut found = Vec::new();
        self.for_each(stretch, |key, hit| found.push((key, hit)))?;
        Ok(found)
    }

    /// Calls `each` for the first `limit` matching rows, merged over tails and segments.
    pub(super) fn for_each(
        &mut self,
        stretch: Stretch,
        mut each: impl FnMut(OrderKey, Hit),
    ) -> Result<(), StoreError> {
        let Stretch { direction, limit, max_rows, .. } = stretch;
        let span = span_of(&self.compiled, stretch);
        let mut runs: Vec<SegmentRun> = self
            .segments
            .iter()
            .filter_map(|segment| SegmentRun::new(segment, &self.workspace, span))
            .collect();
        let mut queue = BinaryHeap::new();
        queue.extend(std::mem::take(&mut self.live).into_iter().map(|(key, hit)| Queued {
            rank: rank(direction, key),
            step: Step::Row(key, hit, None),
        }));
        queue.extend(self.frozen_hits(stretch, span).into_iter().map(|(key, hit)| Queued {
            rank: rank(direction, key),
            step: Step::Row(key, hit, None),
        }));
        queue.extend(runs.iter().enumerate().map(|(run, source)| Queued {
            rank: rank(direction, source.bound(direction)),
            step: Step::Open(run),
        }));
        let mut given = 0;
        while given < limit {
            let Some(Queued { step, .. }) = queue.pop() else { break };
            let run = match step {
                Step::Open(run) => Some(run),
                Step::Row(key, hit, run) => {
                    each(key, hit);
                    given += 1;
                    run
                }
            };
            let Some(run) = run else { continue };
            let next = runs[run].next(&self.compiled, span, direction, &mut self.touched)?;
            if let Some((key, hit)) = next {
                let step = Step::Row(key, hit, Some(run));
                queue.push(Queued { rank: rank(direction, key), step });
            }
            if self.touched > max_rows {
                return Err(StoreError::OverBudget { rows: self.touched, limit: max_rows });
            }
        }
        Ok(())
    }

    fn frozen_hits(&mut self, stretch: Stretch, span: Span) -> Vec<(OrderKey, Hit)> {
        let Some(frozen) = self.frozen.clone() else { return Vec::new() };
        let Some(group) = frozen.tail.groups.get(&Some(self.code)) else { return Vec::new() };
        let Stretch { direction, limit, .. } = stretch;
        tail_hits(&group.visible, &self.compiled, span, direction, limit, &mut self.touched)
    }
}

fn span_of(compiled: &Compiled, stretch: Stretch) -> Span {
    let (mut first, mut last) = compiled.bounds;
    if let Some(after) = stretch.after {
        match stretch.direction {
            // No seq below 0 is needed: seqs begin at 1.
            Direction::Older => last = last.min(OrderKey { seq: after.seq.max(1) - 1, ..after }),
            Direction::Newer => first = first.max(OrderKey { seq: after.seq + 1, ..after }),
        }
    }
    Span { first, last }
}

/// Larger comes first in this direction.
fn rank(direction: Direction, key: OrderKey) -> (i64, u64) {
    match direction {
        Direction::Older => (key.effective_at, key.seq),
        Direction::Newer => (!key.effective_at, !key.seq),
    }
}

enum Step {
    /// A run not looked into yet; its rank bounds its rows.
    Open(usize),
    /// A row, and the run to go on with.
    Row(OrderKey, Hit, Option<usize>),
}

struct Queued {
    rank: (i64, u64),
    step: Step,
}

impl PartialEq for Queued {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Queued {}

impl PartialOrd for Queued {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Queued {
    fn cmp(&self, other: &Self) -> Ordering {
        // A run whose bound equals a row's rank may hold that very row's neighbour: open it first.
        let opens = |queued: &Self| matches!(queued.step, Step::Open(_));
        self.rank.cmp(&other.rank).then(opens(self).cmp(&opens(other)))
    }
}
