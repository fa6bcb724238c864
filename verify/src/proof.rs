//! Inclusion and consistency, RFC 6962 sections 2.1.1 and 2.1.2; verified as in RFC 9162.

use crate::TreeHead;
use crate::tree::{Hash, node};

/// Where the roots of subtrees come from.
pub trait Subtrees {
    /// What reading them may fail with.
    type Error;

    /// Root of the leaves `start ..  end`, a subtree that is complete: its length is a power of two
    /// and divides the start.
    fn complete(&self, start: u64, end: u64) -> Result<Hash, Self::Error>;

    /// Root of a subtree as proofs have them: complete, or at the right edge.
    fn subtree(&self, start: u64, end: u64) -> Result<Hash, Self::Error> {
        if (end - start).is_power_of_two() {
            return self.complete(start, end);
        }
        let middle = start + split(end - start);
        Ok(node(&self.complete(start, middle)?, &self.subtree(middle, end)?))
    }
}

/// The largest power of two below a size of at least 2.
pub(crate) fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The path that shows that leaf `index` is in the tree of this size, from the leaf upwards.
pub fn inclusion<S: Subtrees>(trees: &S, index: u64, size: u64) -> Result<Vec<Hash>, S::Error> {
    assert!(index < size, "a leaf lies in its tree");
    let (mut start, mut end) = (0, size);
    let mut path = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(trees.subtree(middle, end)?);
            end = middle;
        } else {
            path.push(trees.subtree(start, middle)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The hashes that show that the tree of size `old` is the beginning of that of size `new`.
pub fn consistency<S: Subtrees>(trees: &S, old: u64, new: u64) -> Result<Vec<Hash>, S::Error> {
    assert!(0 < old && old <= new, "an older tree is not empty and not larger");
    let (mut start, mut end, mut whole) = (0, new, true);
    let mut path = Vec::new();
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            path.push(trees.subtree(middle, end)?);
            end = middle;
        } else {
            path.push(trees.subtree(start, middle)?);
            (start, whole) = (middle, false);
        }
    }
    if !whole {
        path.push(trees.subtree(start, end)?);
    }
    path.reverse();
    Ok(path)
}

/// Whether the path leads from a leaf to the root.
pub fn verify_inclusion(leaf: &Hash, index: u64, path: &[Hash], head: &TreeHead) -> bool {
    if index >= head.size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, head.size - 1, *leaf);
    for step in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(step, &hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node(&hash, step);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == head.root
}

/// Whether the older tree is the beginning of the newer one.
pub fn verify_consistency(old: &TreeHead, new: &TreeHead, path: &[Hash]) -> bool {
    if old.size == new.size {
        return path.is_empty() && old.root == new.root;
    }
    if old.size == 0 || old.size > new.size {
        return false;
    }
    // A complete older tree is its own first hash.
    let own = old.size.is_power_of_two().then_some(old.root);
    let mut steps = own.iter().chain(path);
    let (mut at, mut last) = (old.size - 1, new.size - 1);
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let Some(first) = steps.next() else { return false };
    let (mut older, mut newer) = (*first, *first);
    for step in steps {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            older = node(step, &older);
            newer = node(step, &newer);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            newer = node(&newer, step);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && older == old.root && newer == new.root
}

#[cfg(test)]
pub(crate) mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn a_tree_is_split_at_the_largest_power_of_two_below_its_size() {
        for (size, expected) in
            [(2, 1), (3, 2), (4, 2), (5, 4), (1 << 63, 1 << 62), (u64::MAX, 1 << 63)]
        {
            assert_eq!(split(size), expected, "{size}");
        }
    }
    use crate::{Leaf, Tree};

    /// Leaves in memory.
    pub(crate) struct Leaves(pub(crate) Vec<Hash>);

    impl Leaves {
        pub(crate) fn new(size: u64) -> Self {
            use sha2::{Digest, Sha256};
            Self((0..size).map(|i| Sha256::digest(i.to_be_bytes()).into()).collect())
        }

        pub(crate) fn head(&self, size: u64) -> TreeHead {
            let mut tree = Tree::default();
            for hash in self.0.iter().take(usize::try_from(size).unwrap()) {
                tree.append(Leaf(*hash));
            }
            tree.head()
        }
    }

    impl Subtrees for Leaves {
        type Error = Infallible;

        fn complete(&self, start: u64, end: u64) -> Result<Hash, Infallible> {
            if end - start == 1 {
                return Ok(self.0[usize::try_from(start).unwrap()]);
            }
            let middle = start + split(end - start);
            Ok(node(&self.complete(start, middle)?, &self.complete(middle, end)?))
        }
    }

    #[test]
    fn every_leaf_is_in_every_tree_and_nothing_else_is() {
        let leaves = Leaves::new(70);
        for size in 1..=70 {
            let head = leaves.head(size);
            for index in 0..size {
                let Ok(path) = inclusion(&leaves, index, size);
                let leaf = leaves.0[usize::try_from(index).unwrap()];
                assert!(verify_inclusion(&leaf, index, &path, &head), "{index} in {size}");
                let wrong = (index + 1) % size;
                assert!(size == 1 || !verify_inclusion(&leaf, wrong, &path, &head));
                for step in 0..path.len() {
                    let mut changed = path.clone();
                    changed[step][0] ^= 1;
                    assert!(!verify_inclusion(&leaf, index, &changed, &head));
                    changed.remove(step);
                    assert!(!verify_inclusion(&leaf, index, &changed, &head));
                }
            }
        }
    }

    #[test]
    fn every_tree_continues_every_older_one_and_no_other() {
        let leaves = Leaves::new(40);
        let mut other = Leaves::new(40);
        other.0[0][0] ^= 1;
        for new in 1..=40 {
            for old in 1..=new {
                let Ok(path) = consistency(&leaves, old, new);
                let (older, newer) = (leaves.head(old), leaves.head(new));
                assert!(verify_consistency(&older, &newer, &path), "{old} to {new}");
                assert!(!verify_consistency(&other.head(old), &newer, &path), "{old} to {new}");
                assert!(!verify_consistency(&older, &other.head(new), &path), "{old} to {new}");
            }
        }
    }
}
