//! The Merkle tree as a manifest keeps it.

use serde::{Deserialize, Serialize};

use crate::evidence::{Tree, hex, unhex};

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
