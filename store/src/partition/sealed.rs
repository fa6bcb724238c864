//! What of a workspace lies in segments, and the live segments of a partition.

use std::sync::Arc;

use super::chunk::Chunk;
use crate::catalog::{LayerSource, SealedCatalog};
use crate::rows::Rows;
use crate::segment::{GroupLayer, SegmentReader};

/// The live segments, oldest range first.
pub(super) type Segments = Arc<[Arc<SegmentReader>]>;

/// A group of a live segment.
#[derive(Debug, Clone)]
pub(crate) struct SealedGroup {
    pub(crate) segment: Arc<SegmentReader>,
    pub(crate) group: u32,
}

impl SealedGroup {
    /// The greatest seq in it and in the segments before it.
    pub(crate) fn last_seq(&self) -> u64 {
        let group = self.segment.groups().get(self.group as usize);
        group.map_or(0, |group| group.end.last_seq)
    }

    /// Its part of the workspace's catalog.
    pub(super) fn layer(&self) -> Arc<dyn LayerSource> {
        Arc::new(GroupLayer { segment: self.segment.clone(), group: self.group })
    }
}

/// Everything of a workspace that does not change under a reader. Cheap to take and to keep.
#[derive(Debug, Clone)]
pub(crate) struct WorkspaceSealed {
    /// Grows with every freeze, install and compaction: rows have moved since if it differs.
    pub(crate) version: u64,
    /// Frozen delta and layers.
    pub(crate) catalog: SealedCatalog,
    /// Oldest range first; only segments that have the workspace.
    pub(crate) groups: Arc<[SealedGroup]>,
    /// The frozen tail's chunks.
    pub(crate) frozen: Arc<[Arc<Chunk>]>,
}

impl WorkspaceSealed {
    /// The greatest seq in it: whatever it knows was there by then.
    pub(crate) fn last_seq(&self) -> u64 {
        let groups = self.groups.iter().map(SealedGroup::last_seq);
        groups.chain(self.frozen.iter().map(|chunk| chunk.last_seq())).max().unwrap_or(0)
    }
}
