//! A tail that no longer grows, with what its segment needs of the state at that moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use annals_schemas::{OffsetRange, WorkspaceId};

use super::chunk::Chunk;
use super::events::Events;
use super::tail::Tail;
use crate::catalog::{Delta, SealedCatalog};
use crate::fold::{FoldedRow, Projection};
use crate::rows::Rows;
use crate::segment::GroupEnd;

/// Being sealed.
#[derive(Debug)]
pub(super) struct Frozen {
    pub(super) range: OffsetRange,
    /// Bytes held, record bytes and bookkeeping.
    pub(super) bytes: usize,
    /// By workspace code; `None` for records of nobody.
    pub(super) groups: BTreeMap<Option<u32>, FrozenGroup>,
    events: Events,
}

/// One workspace's part.
#[derive(Debug)]
pub(super) struct FrozenGroup {
    /// None for records of nobody.
    pub(super) owner: Option<Owner>,
    pub(super) chunks: Arc<[Arc<Chunk>]>,
    /// Duplicates and quarantined, in offset order.
    pub(super) refused: Vec<Arc<FoldedRow>>,
    pub(super) end: GroupEnd,
}

/// Whose the rows of a group are.
#[derive(Debug)]
pub(super) struct Owner {
    pub(super) workspace: WorkspaceId,
    /// What came to its catalog.
    pub(super) delta: Arc<Delta>,
    /// The catalog with that.
    pub(super) catalog: SealedCatalog,
}

impl FrozenGroup {
    /// Visible rows in page order.
    pub(super) fn visible(&self) -> impl Iterator<Item = &FoldedRow> {
        in_page_order(&self.chunks)
    }

    /// All rows, visible ones first.
    pub(super) fn rows(&self) -> impl Iterator<Item = &FoldedRow> {
        let chunks = self.chunks.iter().flat_map(|chunk| chunk.records());
        chunks.chain(&self.refused).map(Arc::as_ref)
    }
}

/// The rows of a few sorted runs as one.
fn in_page_order(chunks: &[Arc<Chunk>]) -> impl Iterator<Item = &FoldedRow> {
    let mut heads = vec![0u32; chunks.len()];
    std::iter::from_fn(move || {
        let left = chunks.iter().zip(&heads).enumerate();
        let left = left.filter(|(_, (chunk, row))| **row < chunk.len());
        let next = left.min_by_key(|(_, (chunk, row))| chunk.key(**row)).map(|(next, _)| next)?;
        let row = heads[next];
        heads[next] += 1;
        Some(chunks[next].record(row).as_ref())
    })
}

impl Frozen {
    /// Freezes the catalogs of the workspaces that the tail touched.
    pub(super) fn new(tail: Tail, projection: &mut Projection) -> Self {
        let (range, bytes) = (tail.range(), tail.bytes());
        let (groups, events) = tail.into_parts();
        let mut freeze = |(code, group): (Option<u32>, super::tail::TailGroup)| {
            let (chunks, refused) = group.into_parts();
            let (owner, end) = match code {
                None => (None, GroupEnd::default()),
                Some(code) => {
                    let state = projection.workspace_mut(code);
                    let end = GroupEnd { last_seq: state.last_seq, last_offset: state.last_offset };
                    let delta = state.catalog.freeze();
                    let catalog = state.catalog.sealed();
                    let workspace = projection.workspace_id(code).clone();
                    (Some(Owner { workspace, delta, catalog }), end)
                }
            };
            (code, FrozenGroup { owner, chunks: chunks.into(), refused, end })
        };
        let groups = groups.into_iter().map(&mut freeze).collect();
        Self { range, bytes, groups, events }
    }

    /// Visible rows by event.
    pub(super) fn events(&self) -> &Events {
        &self.events
    }

    /// Groups in the order of a segment: records of nobody first, then by workspace id.
    pub(super) fn in_segment_order(&self) -> Vec<&FrozenGroup> {
        let mut groups: Vec<_> = self.groups.values().collect();
        let id = |group: &&FrozenGroup| group.owner.as_ref().map(|owner| owner.workspace.clone());
        groups.sort_by_cached_key(id);
        groups
    }
}
