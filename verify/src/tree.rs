//! The partition's Merkle tree, RFC 6962 section 2.1, kept as the roots of its complete subtrees.

use sha2::{Digest, Sha256};

use super::Leaf;
use super::digests::digests_of_length;

/// A node of a tree.
pub type Hash = [u8; 32];

/// Size and root of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    /// Number of leaves.
    pub size: u64,
    /// RFC 6962 root; SHA-256 of nothing for the empty tree.
    pub root: [u8; 32],
}

/// A tree that can only grow. At most 64 hashes are held, largest subtree first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    frontier: Vec<[u8; 32]>,
}

impl Tree {
    /// Restores a tree from its size and frontier; `None` if they do not belong together.
    pub fn from_parts(size: u64, frontier: Vec<[u8; 32]>) -> Option<Self> {
        (frontier.len() == size.count_ones() as usize).then_some(Self { size, frontier })
    }

    /// Adds a leaf: one hash on average.
    pub fn append(&mut self, leaf: Leaf) {
        let mut hash = leaf.0;
        for _ in 0..self.size.trailing_ones() {
            let left = self.frontier.pop().expect("one subtree per set bit of the size");
            hash = node(&left, &hash);
        }
        self.frontier.push(hash);
        self.size += 1;
    }

    /// Adds leaves in their order, as [`append`](Self::append) does of each; the hashes of a level
    /// are made together, which costs less.
    pub fn extend(&mut self, leaves: &[Leaf]) {
        let mut level: Vec<Hash> = leaves.iter().map(|leaf| leaf.0).collect();
        let (mut before, mut complete) = (self.size, Vec::new());
        while !level.is_empty() {
            if before % 2 == 1 {
                level.insert(0, self.frontier.pop().expect("one subtree per set bit of the size"));
            }
            let (pairs, unpaired) = level.as_chunks::<2>();
            complete.extend_from_slice(unpaired);
            level = nodes(pairs.iter().map(|[left, right]| (left, right)));
            before /= 2;
        }
        self.frontier.extend(complete.iter().rev());
        self.size += leaves.len() as u64;
    }

    /// Size and root.
    pub fn head(&self) -> TreeHead {
        let folded = self.frontier.iter().rev().copied().reduce(|right, left| node(&left, &right));
        TreeHead { size: self.size, root: folded.unwrap_or_else(|| Sha256::digest([]).into()) }
    }

    /// Number of leaves, without computing the root.
    pub fn head_size(&self) -> u64 {
        self.size
    }

    /// Roots of the complete subtrees, largest first.
    pub fn frontier(&self) -> &[[u8; 32]] {
        &self.frontier
    }
}

/// SHA-256(0x01 ‖ left ‖ right).
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::digest(message(left, right)).into()
}

/// The nodes above several pairs, in order.
pub fn nodes<'a>(pairs: impl ExactSizeIterator<Item = (&'a Hash, &'a Hash)>) -> Vec<Hash> {
    digests_of_length::<_, 2>(pairs.map(|(left, right)| message(left, right)))
}

fn message(left: &Hash, right: &Hash) -> [u8; 65] {
    let mut message = [1; _];
    message[1..33].copy_from_slice(left);
    message[33..].copy_from_slice(right);
    message
}

/// Root of a complete subtree, from all of its hashes of one level: a power of two.
///
/// # Panics
/// If there are none.
pub fn complete_root(mut hashes: Vec<Hash>) -> Hash {
    while hashes.len() > 1 {
        hashes = nodes(hashes.chunks_exact(2).map(|pair| (&pair[0], &pair[1])));
    }
    hashes[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use annals_schemas::hex;

    /// RFC 6962's recursive definition, word for word.
    fn by_definition(leaves: &[Leaf]) -> [u8; 32] {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => leaf.0,
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node(&by_definition(&leaves[..split]), &by_definition(&leaves[split..]))
            }
        }
    }

    #[test]
    fn equals_the_definition_at_every_size() {
        let leaves: Vec<Leaf> = (0..130_u8).map(|i| Leaf(Sha256::digest([0, i]).into())).collect();
        let mut tree = Tree::default();
        for (size, leaf) in leaves.iter().enumerate() {
            assert_eq!(tree.head().root, by_definition(&leaves[..size]), "size {size}");
            let restored = Tree::from_parts(tree.size, tree.frontier.clone());
            assert_eq!(restored.as_ref(), Some(&tree));
            tree.append(*leaf);
        }
        assert_eq!(tree.head().size, 130);
    }

    #[test]
    fn leaves_added_together_grow_the_same_tree() {
        let leaves: Vec<Leaf> = (0..40_u8).map(|i| Leaf(Sha256::digest([0, i]).into())).collect();
        for (before, count) in (0..20).flat_map(|before| (0..=20).map(move |count| (before, count)))
        {
            let (mut together, mut each) = (Tree::default(), Tree::default());
            let (older, newer) = leaves[..before + count].split_at(before);
            together.extend(older);
            together.extend(newer);
            older.iter().chain(newer).for_each(|leaf| each.append(*leaf));
            assert_eq!(together, each, "{before} and {count}");
        }
    }

    #[test]
    fn known_roots_of_the_certificate_transparency_vectors() {
        let inputs: [&[u8]; 3] = [b"", b"\x00", b"\x10"];
        let mut tree = Tree::default();
        for input in inputs {
            let mut hasher = Sha256::new();
            hasher.update([0]);
            hasher.update(input);
            tree.append(Leaf(hasher.finalize().into()));
        }
        let root = "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77";
        assert_eq!(hex(&tree.head().root), root);
    }

    #[test]
    fn a_frontier_of_the_wrong_length_is_refused() {
        assert_eq!(Tree::from_parts(3, vec![[0; 32]]), None);
    }
}
