//! Which deltas are kept after their seal, oldest first, and how much memory they take.
//!
//! They save the fold from asking layers for what was touched lately. Bounded by bytes: the oldest
//! go first, whichever workspace's they are. A catalog may have forgotten one before.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::catalog::Delta;
use crate::fold::Projection;

/// The deltas kept, with their workspaces.
#[derive(Debug, Default)]
pub(super) struct RecentDeltas {
    kept: VecDeque<(u32, Arc<Delta>)>,
    bytes: usize,
}

impl RecentDeltas {
    /// A workspace's delta has become recent.
    pub(super) fn push(&mut self, workspace: u32, delta: Arc<Delta>) {
        self.bytes += delta.memory_bytes();
        self.kept.push_back((workspace, delta));
    }

    /// Forgets the oldest until the others take at most so many bytes; what is forgotten is to be
    /// dropped where nobody waits for it.
    pub(super) fn forget(&mut self, most: usize, projection: &mut Projection) -> Vec<Arc<Delta>> {
        let mut forgotten = Vec::new();
        while self.bytes > most {
            let Some((workspace, delta)) = self.kept.pop_front() else { break };
            self.bytes -= delta.memory_bytes();
            projection.workspace_mut(workspace).catalog.forget(&delta);
            forgotten.push(delta);
        }
        forgotten
    }
}
