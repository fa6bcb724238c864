//! Rows in memory, newest part of the log, readable at once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use annals_schemas::{Offset, OffsetRange};

use crate::catalog::{Additions, Lengths, OrderKey};
use crate::fold::{FoldedRow, Projection};
use crate::segment::{SegmentBuild, SegmentGroup};

/// One workspace's rows in a tail.
#[derive(Debug, Default)]
pub(crate) struct TailGroup {
    /// Visible rows in page order.
    pub(crate) visible: BTreeMap<OrderKey, Arc<FoldedRow>>,
    /// Duplicates and quarantined, in offset order.
    pub(crate) refused: Vec<Arc<FoldedRow>>,
    before: Lengths,
    actors: HashSet<u32>,
    names: HashSet<u32>,
}

/// Rows of consecutive records.
#[derive(Debug)]
pub(crate) struct Tail {
    start: Offset,
    end: Offset,
    bytes: usize,
    /// By workspace code; `None` for ownerless records.
    pub(crate) groups: BTreeMap<Option<u32>, TailGroup>,
    events: HashMap<(u32, [u8; 16]), Arc<FoldedRow>>,
}

/// Memory a row takes beside its record's bytes, roughly.
const ROW_OVERHEAD_BYTES: usize = 560;

impl Tail {
    pub(crate) fn starting_at(start: Offset) -> Self {
        let (groups, events) = (BTreeMap::new(), HashMap::new());
        Self { start, end: start, bytes: 0, groups, events }
    }

    /// Covered offsets.
    pub(crate) fn range(&self) -> OffsetRange {
        OffsetRange { start: self.start, end: self.end }
    }

    /// Bytes held, record bytes and bookkeeping.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Remembers how long a catalog was before this tail added to it.
    pub(crate) fn touch(&mut self, workspace: u32, lengths: Lengths) {
        self.groups
            .entry(Some(workspace))
            .or_insert_with(|| TailGroup { before: lengths, ..TailGroup::default() });
    }

    pub(crate) fn push(&mut self, row: Arc<FoldedRow>) {
        self.end = row.record.position.offset + 1;
        self.bytes += row.record.size_bytes() + ROW_OVERHEAD_BYTES;
        let group = self.groups.entry(row.workspace).or_default();
        match (row.visible(), row.workspace) {
            (Some(visible), Some(workspace)) => {
                group.visible.insert(visible.key, row.clone());
                group.actors.insert(visible.codes.actor);
                group.actors.extend(visible.codes.on_behalf_of.checked_sub(1));
                group.names.extend(&visible.codes.names);
                self.events.insert((workspace, visible.event_id), row.clone());
            }
            _ => group.refused.push(row),
        }
    }

    /// The visible row of this event.
    pub(crate) fn event(&self, workspace: u32, event_id: &[u8; 16]) -> Option<&Arc<FoldedRow>> {
        self.events.get(&(workspace, *event_id))
    }
}

/// A tail that no longer grows, with what its segment needs of the state at that moment.
#[derive(Debug)]
pub(crate) struct Frozen {
    pub(crate) tail: Tail,
    groups: BTreeMap<Option<u32>, FrozenGroup>,
}

#[derive(Debug)]
struct FrozenGroup {
    workspace: Option<annals_schemas::WorkspaceId>,
    last_seq: u64,
    last_offset: Option<u64>,
    additions: Option<Additions>,
}

impl Frozen {
    /// Copies from the projection what the tail touched.
    pub(crate) fn new(tail: Tail, projection: &Projection) -> Self {
        let freeze = |(&code, group): (&Option<u32>, &TailGroup)| {
            let Some(code) = code else {
                let nobody = FrozenGroup {
                    workspace: None,
                    last_seq: 0,
                    last_offset: None,
                    additions: None,
                };
                return (None, nobody);
            };
            let (id, state) = &projection.workspaces[code as usize];
            let resources = group.names.iter().map(|&name| state.catalog.resource_of(name));
            let additions =
                state.catalog.additions(group.before, &group.actors, &resources.collect());
            let frozen = FrozenGroup {
                workspace: Some(id.clone()),
                last_seq: state.last_seq,
                last_offset: state.last_offset,
                additions: Some(additions),
            };
            (Some(code), frozen)
        };
        let groups = tail.groups.iter().map(freeze).collect();
        Self { tail, groups }
    }

    /// The segment's input, workspaces in order of their ids.
    pub(crate) fn build(
        &self,
        log_id: annals_schemas::LogId,
        partition: annals_schemas::Partition,
    ) -> SegmentBuild<'_> {
        let mut groups: Vec<SegmentGroup<'_>> = self
            .groups
            .iter()
            .map(|(code, frozen)| {
                let rows = &self.tail.groups[code];
                SegmentGroup {
                    workspace: frozen.workspace.as_ref(),
                    visible: rows.visible.values().map(Arc::as_ref).collect(),
                    refused: rows.refused.iter().map(Arc::as_ref).collect(),
                    last_seq: frozen.last_seq,
                    last_offset: frozen.last_offset,
                    additions: frozen.additions.as_ref(),
                }
            })
            .collect();
        groups.sort_by(|a, b| a.workspace.cmp(&b.workspace));
        SegmentBuild { log_id, partition, range: self.tail.range(), groups }
    }
}
