//! One manifest as JSON.

use annals_schemas::{Offset, Partition};
use serde::{Deserialize, Serialize};

use crate::evidence::{Leaf, Tree, hex, unhex};
use crate::fold::{Counts, LastRecord};

/// Everything a partition's state hangs on. Unknown members are refused: a newer format says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) format: u32,
    pub(crate) number: u64,
    /// SHA-256 of the previous manifest's bytes; absent on the first.
    pub(crate) previous_sha256: Option<String>,
    /// Random id of the attempt that wrote it: tells "mine" after an unclear answer.
    pub(crate) try_id: String,
    pub(crate) log_id: String,
    pub(crate) partition: Partition,
    pub(crate) fold_version: u32,
    /// From which offset that fold version holds.
    pub(crate) fold_from: Offset,
    /// Covered offsets: everything before `end` is projected.
    pub(crate) start: Offset,
    pub(crate) end: Offset,
    pub(crate) last_record: LastRecordState,
    pub(crate) segments: Vec<SegmentRef>,
    pub(crate) counts: Counts,
    pub(crate) tree: TreeState,
}

/// The last record folded, compared with the log at every start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LastRecordState {
    pub(crate) offset: Offset,
    pub(crate) previous: Option<Offset>,
    pub(crate) previous_of_key: Option<Offset>,
    pub(crate) leaf: String,
}

impl LastRecordState {
    pub(crate) fn of(last: &LastRecord) -> Self {
        let LastRecord { offset, previous, previous_of_key, leaf } = *last;
        Self { offset, previous, previous_of_key, leaf: hex(&leaf.0) }
    }

    pub(crate) fn restore(&self) -> Option<LastRecord> {
        let Self { offset, previous, previous_of_key, ref leaf } = *self;
        Some(LastRecord { offset, previous, previous_of_key, leaf: Leaf(unhex(leaf)?) })
    }
}

/// A live segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SegmentRef {
    pub(crate) path: String,
    pub(crate) start: Offset,
    pub(crate) end: Offset,
    pub(crate) length: u64,
    pub(crate) sha256: String,
}

/// The Merkle tree at `end`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TreeState {
    pub(crate) size: u64,
    pub(crate) root: String,
    /// Roots of the complete subtrees, largest first.
    pub(crate) frontier: Vec<String>,
}

impl TreeState {
    pub(crate) fn of(tree: &Tree) -> Self {
        let head = tree.head();
        Self {
            size: head.size,
            root: hex(&head.root),
            frontier: tree.frontier().iter().map(|hash| hex(hash)).collect(),
        }
    }

    /// The tree, if size, frontier and root belong together.
    pub(crate) fn restore(&self) -> Option<Tree> {
        let frontier: Option<Vec<_>> = self.frontier.iter().map(|hash| unhex(hash)).collect();
        let tree = Tree::from_parts(self.size, frontier?)?;
        (hex(&tree.head().root) == self.root).then_some(tree)
    }
}

impl Manifest {
    /// Says what contradicts itself, or that segments leave a gap (INV-2).
    pub(crate) fn check(&self) -> Result<(), String> {
        let mut next = self.start;
        for segment in &self.segments {
            if segment.start != next || segment.end <= segment.start {
                return Err(format!(
                    "INV-2: segment {} covers {}..{}, offset {next} comes next",
                    segment.path, segment.start, segment.end
                ));
            }
            next = segment.end;
        }
        if next != self.end {
            return Err(format!("INV-2: segments end at {next}, the checkpoint at {}", self.end));
        }
        if self.counts.records() != self.tree.size {
            return Err("INV-2: counts do not add up to the tree's size".into());
        }
        Ok(())
    }
}
