//! Which deltas are kept after their seal, oldest first, and how much memory they take.
//!
//! They save the fold from asking layers for what was touched lately. Bounded by bytes: the oldest
//! go first, whichever workspace's they are.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::catalog::Delta;
use crate::fold::Projection;

/// The deltas kept, as workspace and bytes.
#[derive(Debug, Default)]
pub(super) struct RecentDeltas {
    kept: VecDeque<(u32, usize)>,
    bytes: usize,
}

impl RecentDeltas {
    /// A workspace's frozen delta has become recent.
    pub(super) fn push(&mut self, workspace: u32, bytes: usize) {
        self.kept.push_back((workspace, bytes));
        self.bytes += bytes;
    }

    /// Forgets the oldest until the others take at most so many bytes.
    pub(super) fn forget(&mut self, most: usize, projection: &mut Projection) -> Vec<Arc<Delta>> {
        let mut forgotten = Vec::new();
        while self.bytes > most {
            let Some((workspace, bytes)) = self.kept.pop_front() else { break };
            self.bytes -= bytes;
            forgotten.extend(projection.workspace_mut(workspace).catalog.forget_oldest());
        }
        forgotten
    }
}
