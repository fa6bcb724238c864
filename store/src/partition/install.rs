//! How a published segment takes the place of a frozen tail or of other segments.

use std::ops::Range;
use std::sync::Arc;

use annals_schemas::Partition;

use super::sealed::{SealedGroup, Segments};
use super::state::State;
use super::{PartitionStore, Surroundings};
use crate::StoreError;
use crate::catalog::{Delta, LayerSource, Lengths, layer_lengths};
use crate::manifest::SegmentRef;
use crate::segment::{SegmentIdentity, SegmentReader};
use crate::storage::ObjectFile;

/// What is to be exchanged, prepared under the read lock.
pub(super) struct Exchange {
    segments: Segments,
    workspaces: Vec<WorkspaceExchange>,
    thaw: bool,
}

/// What readers no longer need. To drop it takes time.
pub(super) struct Replaced {
    _segments: Segments,
    _forgotten: Vec<Arc<Delta>>,
}

struct WorkspaceExchange {
    code: u32,
    groups: Arc<[SealedGroup]>,
    layers: Vec<Arc<dyn LayerSource>>,
}

impl Exchange {
    /// Puts a segment in the place of these; `thaw` says that it holds the frozen catalogs. Nobody
    /// else may exchange segments meanwhile. An error if codes would not continue.
    pub(super) fn prepare(
        state: &State,
        replaced: Range<usize>,
        segment: &Arc<SegmentReader>,
        thaw: bool,
    ) -> Result<Self, StoreError> {
        let start = segment.identity().range.start;
        let mut segments = state.segments.to_vec();
        let gone: Vec<_> = segments.splice(replaced, [segment.clone()]).collect();
        let is_gone = |group: &SealedGroup| gone.iter().any(|g| Arc::ptr_eq(g, &group.segment));
        let mut workspaces = Vec::new();
        for (group, named) in (0..).zip(segment.groups()) {
            // Records of nobody have no workspace.
            let Some(code) = state.projection.code(&named.workspace) else { continue };
            let before = state.groups_of(code);
            let mut groups = before.to_vec();
            groups.retain(|group| !is_gone(group));
            let is_older = |group: &SealedGroup| group.segment.identity().range.start < start;
            let place = groups.partition_point(is_older);
            groups.insert(place, SealedGroup { segment: segment.clone(), group });
            let layers: Vec<_> = groups.iter().map(SealedGroup::layer).collect();
            let end = match (thaw, before.last()) {
                (false, Some(last)) => layer_lengths(&*last.layer())?.1,
                (false, None) => Lengths::default(),
                (true, _) => state.projection.workspace(code).catalog.sealed().view().lengths(),
            };
            check_continuity(&layers, end)?;
            workspaces.push(WorkspaceExchange { code, groups: groups.into(), layers });
        }
        Ok(Self { segments: segments.into(), workspaces, thaw })
    }

    /// Exchanges, and gives back what is to be dropped without the lock. Of deltas that are in
    /// layers now at most so many bytes are kept.
    pub(super) fn apply(self, state: &mut State, recent_bytes: usize) -> Replaced {
        for WorkspaceExchange { code, groups, layers } in self.workspaces {
            let length = state.groups.len().max(code as usize + 1);
            state.groups.resize_with(length, Default::default);
            state.groups[code as usize] = groups;
            let catalog = &mut state.projection.workspace_mut(code).catalog;
            let recent = catalog.set_layers(layers, self.thaw);
            let recent = recent.expect("layers that were found to continue");
            if let Some(delta) = recent {
                state.recent.push(code, delta);
            }
        }
        state.version += 1;
        let forgotten = state.recent.forget(recent_bytes, &mut state.projection);
        let segments = std::mem::replace(&mut state.segments, self.segments);
        Replaced { _segments: segments, _forgotten: forgotten }
    }
}

/// Codes go on from layer to layer and end here.
fn check_continuity(layers: &[Arc<dyn LayerSource>], end: Lengths) -> Result<(), StoreError> {
    let mut next = Lengths::default();
    for (number, layer) in (1..).zip(layers) {
        let (before, after) = layer_lengths(&**layer)?;
        if before != next || (number == layers.len() && after != end) {
            let detail =
                format!("its catalog is {before:?} to {after:?}, expected {next:?} to {end:?}");
            return Err(StoreError::corrupt(layer.path(), 0, detail));
        }
        next = after;
    }
    Ok(())
}

impl Surroundings {
    /// Opens the file a manifest names. A cache gives up a copy that is damaged: then it is opened
    /// once more.
    pub(super) async fn open_segment(
        &self,
        partition: Partition,
        segment: &SegmentRef,
    ) -> Result<SegmentReader, StoreError> {
        match self.try_open_segment(partition, segment).await {
            Err(StoreError::Corrupt { .. }) if self.storage.give_up_copy(&segment.path) => {
                self.try_open_segment(partition, segment).await
            }
            opened => opened,
        }
    }

    async fn try_open_segment(
        &self,
        partition: Partition,
        segment: &SegmentRef,
    ) -> Result<SegmentReader, StoreError> {
        let file = self.storage.open(&segment.path).await?;
        let path = &segment.path;
        if file.length() != segment.length {
            let detail = format!("{} bytes, the manifest says {}", file.length(), segment.length);
            return Err(StoreError::corrupt(path, 0, detail));
        }
        let reader = self.read_segment(file, partition, segment)?;
        if reader.counts() != segment.counts {
            return Err(StoreError::corrupt(path, 0, "its counts are not the manifest's"));
        }
        Ok(reader)
    }

    pub(super) fn read_segment(
        &self,
        file: ObjectFile,
        partition: Partition,
        segment: &SegmentRef,
    ) -> Result<SegmentReader, StoreError> {
        let identity = SegmentIdentity { log_id: self.log_id, partition, range: segment.range() };
        SegmentReader::open(file, identity, &segment.footer_sha256)
    }
}

impl PartitionStore {
    /// Opens a published segment and looks into every layer: what readers will ask for under the
    /// lock is then verified.
    pub(super) async fn open_published(
        &self,
        segment: &SegmentRef,
    ) -> Result<Arc<SegmentReader>, StoreError> {
        let reader = Arc::new(self.shared.open_segment(self.partition, segment).await?);
        for (group, named) in (0..).zip(reader.groups()) {
            if !named.workspace.is_empty() {
                SealedGroup { segment: reader.clone(), group }.layer().layer()?;
            }
        }
        Ok(reader)
    }
}
