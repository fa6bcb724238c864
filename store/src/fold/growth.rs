//! The tree of a partition whose records are being folded: leaves and nodes are hashed for several
//! records at once, which costs less.
//!
//! Guarantees: tree and last record are shown only after every entry was hashed.

use annals_schemas::Offset;

use crate::evidence::{Entry, Leaf, Tree};

/// What has to be remembered of the last record: it proves later that the log is still the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastRecord {
    pub(crate) offset: Offset,
    pub(crate) previous: Option<Offset>,
    pub(crate) previous_of_key: Option<Offset>,
    pub(crate) leaf: Leaf,
}

/// A tree, and the entries that it has yet to take.
#[derive(Debug, Default)]
pub(crate) struct Growth {
    tree: Tree,
    last: Option<LastRecord>,
    coming: Vec<Entry>,
}

impl Growth {
    /// Goes on after a record.
    pub(crate) fn after(tree: Tree, last: LastRecord) -> Self {
        Self { tree, last: Some(last), coming: Vec::new() }
    }

    /// Takes the next record's entry.
    pub(super) fn push(&mut self, entry: Entry) {
        self.coming.push(entry);
    }

    /// Number of entries taken.
    pub(super) fn len(&self) -> u64 {
        self.tree.head_size() + self.coming.len() as u64
    }

    /// Offset of the last one.
    pub(super) fn last_offset(&self) -> Option<Offset> {
        self.coming.last().map(Entry::offset).or(self.last.map(|last| last.offset))
    }

    /// Hashes what was taken.
    pub(crate) fn catch_up(&mut self) {
        let leaves = Entry::leaves(self.coming.iter());
        self.tree.extend(&leaves);
        if let Some((entry, leaf)) = self.coming.last().zip(leaves.last()) {
            self.last = Some(LastRecord::new(entry, *leaf));
        }
        self.coming.clear();
    }

    /// The tree of all records.
    ///
    /// # Panics
    /// If there are entries that are not hashed.
    pub(crate) fn tree(&self) -> &Tree {
        self.check();
        &self.tree
    }

    /// The last record; `None` before the first.
    ///
    /// # Panics
    /// If there are entries that are not hashed.
    pub(crate) fn last(&self) -> Option<LastRecord> {
        self.check();
        self.last
    }

    fn check(&self) {
        assert!(self.coming.is_empty(), "who folds hashes before others look");
    }
}

impl LastRecord {
    fn new(entry: &Entry, leaf: Leaf) -> Self {
        let fields = entry.fields();
        Self {
            offset: fields.offset,
            previous: fields.previous,
            previous_of_key: fields.previous_of_key,
            leaf,
        }
    }
}
