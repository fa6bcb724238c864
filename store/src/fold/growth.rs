//! The tree of a partition whose records are being folded: leaves and nodes are hashed for several
//! records at once, which costs less.
//!
//! Guarantees: tree and last record are shown only when every entry was hashed.

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

/// A tree, and the entries that are to become its next leaves.
#[derive(Debug, Default)]
pub(crate) struct Growth {
    tree: Tree,
    last: Option<LastRecord>,
    unhashed: Vec<Entry>,
}

impl Growth {
    /// Goes on after a record.
    pub(crate) fn after(tree: Tree, last: LastRecord) -> Self {
        Self { tree, last: Some(last), unhashed: Vec::new() }
    }

    /// Adds the next record's entry. Nobody else may look until it is hashed.
    pub(super) fn push(&mut self, entry: Entry) {
        self.unhashed.push(entry);
    }

    /// Number of leaves, hashed or not.
    pub(super) fn len(&self) -> u64 {
        self.tree.head_size() + self.unhashed.len() as u64
    }

    /// Offset of the last record.
    pub(super) fn last_offset(&self) -> Option<Offset> {
        self.unhashed.last().map(Entry::offset).or(self.last.map(|last| last.offset))
    }

    /// Hashes what is not hashed yet.
    pub(crate) fn catch_up(&mut self) {
        let leaves = Entry::leaves(self.unhashed.iter());
        self.tree.extend(&leaves);
        if let Some((entry, leaf)) = self.unhashed.last().zip(leaves.last()) {
            self.last = Some(LastRecord::new(entry, *leaf));
        }
        self.unhashed.clear();
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
        assert!(self.unhashed.is_empty(), "who folds hashes before others look");
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

#[cfg(test)]
mod tests {
    use annals_schemas::LogId;

    use super::*;
    use crate::fixture;

    #[test]
    fn entries_become_leaves_in_their_order_however_many_are_hashed_at_once() {
        let mut previous = None;
        let entries = fixture::log(3, 200).into_iter().map(|record| {
            let offset = record.position.offset;
            Entry::new(&record, &LogId([7; 16]), previous.replace(offset), None)
        });
        let (mut growth, mut tree) = (Growth::default(), Tree::default());
        for (number, entry) in (0..).zip(entries) {
            growth.push(entry);
            tree.append(entry.leaf());
            assert_eq!((growth.len(), growth.last_offset()), (number + 1, Some(entry.offset())));
            if number % 7 == 0 || number > 150 {
                growth.catch_up();
                assert_eq!(growth.tree(), &tree);
                assert_eq!(growth.last(), Some(LastRecord::new(&entry, entry.leaf())));
                growth = Growth::after(growth.tree, growth.last.unwrap());
            }
        }
        growth.catch_up();
        assert_eq!(growth.tree(), &tree);
    }

    #[test]
    #[should_panic(expected = "who folds hashes before others look")]
    fn nobody_sees_a_tree_that_lacks_entries() {
        let mut growth = Growth::default();
        growth.push(Entry::new(&fixture::log(3, 1)[0], &LogId([7; 16]), None, None));
        growth.tree();
    }
}
