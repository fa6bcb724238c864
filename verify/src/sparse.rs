//! One proof for many leaves: the roots of all subtrees that none of them lies in, from the left
//! to the right. What single paths would repeat is in it once.

use crate::VerifyError;
use crate::proof::{Subtrees, split};
use crate::tree::{Hash, node, nodes};

/// Complete subtrees of up to so many leaves are hashed level by level, many nodes at once.
const BY_LEVELS_MAX: u64 = 1 << 12;

/// The hashes that lead from leaves at these indexes (ascending) to the root.
pub fn prove_leaves<S: Subtrees>(
    trees: &S,
    indexes: &[u64],
    size: u64,
) -> Result<Vec<Hash>, S::Error> {
    let mut hashes = Vec::new();
    if size > 0 {
        prove(trees, indexes, (0, size), &mut hashes)?;
    }
    Ok(hashes)
}

fn prove<S: Subtrees>(
    trees: &S,
    indexes: &[u64],
    (start, end): (u64, u64),
    hashes: &mut Vec<Hash>,
) -> Result<(), S::Error> {
    if indexes.is_empty() {
        hashes.push(trees.subtree(start, end)?);
        return Ok(());
    }
    if end - start == 1 {
        return Ok(());
    }
    let middle = start + split(end - start);
    let (left, right) = indexes.split_at(indexes.partition_point(|index| *index < middle));
    prove(trees, left, (start, middle), hashes)?;
    prove(trees, right, (middle, end), hashes)
}

/// The root that these leaves (index and hash, ascending) and hashes lead to. No more hashes are
/// taken than the leaves need, and one.
pub fn root_of_leaves(
    leaves: &[(u64, Hash)],
    size: u64,
    hashes: impl IntoIterator<Item = Result<Hash, VerifyError>>,
    position: &str,
) -> Result<Hash, VerifyError> {
    let wrong = |detail: &str| VerifyError::unsound(position, detail);
    let is_within = leaves.last().is_none_or(|(index, _)| *index < size);
    if size == 0 || !is_within || !leaves.is_sorted_by(|a, b| a.0 < b.0) {
        return Err(wrong("the leaves do not lie in the tree"));
    }
    let mut hashes = hashes.into_iter();
    let mut climb = Climb {
        next: || hashes.next().unwrap_or_else(|| Err(wrong("it ends too early"))),
        levels: Vec::new(),
    };
    let root = climb.root(leaves, (0, size))?;
    match hashes.next().transpose()? {
        None => Ok(root),
        Some(_) => Err(wrong("it has more hashes than the leaves need")),
    }
}

/// Hashes of one level: the first leaf below each, and the hash, ascending.
type Level = Vec<(u64, Hash)>;

struct Climb<N> {
    /// Gives the next hash of the proof.
    next: N,
    /// What is known of the subtree at hand that no lower level leads to, the leaves' level first.
    /// Empty between subtrees; their room is kept.
    levels: Vec<Level>,
}

impl<N: FnMut() -> Result<Hash, VerifyError>> Climb<N> {
    fn root(
        &mut self,
        leaves: &[(u64, Hash)],
        (start, end): (u64, u64),
    ) -> Result<Hash, VerifyError> {
        if leaves.is_empty() {
            return (self.next)();
        }
        let width = end - start;
        if width <= BY_LEVELS_MAX && width.is_power_of_two() {
            return self.root_by_levels(leaves, (start, end));
        }
        let middle = start + split(width);
        let (left, right) = leaves.split_at(leaves.partition_point(|(index, _)| *index < middle));
        let left = self.root(left, (start, middle))?;
        Ok(node(&left, &self.root(right, (middle, end))?))
    }

    /// The root of a complete subtree with leaves.
    fn root_by_levels(
        &mut self,
        leaves: &[(u64, Hash)],
        (start, end): (u64, u64),
    ) -> Result<Hash, VerifyError> {
        let height = (end - start).ilog2() as usize;
        self.levels.resize_with(self.levels.len().max(height + 1), Level::new);
        let mut at = start;
        for (index, leaf) in leaves {
            self.fill((at, *index))?;
            self.levels[0].push((*index, *leaf));
            at = index + 1;
        }
        self.fill((at, end))?;
        let (mut all, mut below) = (Level::new(), Level::new());
        for known in &mut self.levels[..=height] {
            std::mem::swap(&mut all, &mut below);
            let pairs = below.as_chunks::<2>().0.iter();
            let above = nodes(pairs.clone().map(|[left, right]| (&left.1, &right.1)));
            all.clear();
            merge(pairs.map(|[left, _]| left.0).zip(above), known.drain(..), &mut all);
        }
        Ok(all[0].1)
    }

    /// Between two leaves lie the largest complete subtrees that there is room for: they have no
    /// leaf, those that they are halves of have one.
    fn fill(&mut self, (mut at, end): (u64, u64)) -> Result<(), VerifyError> {
        while at < end {
            let level = (end - at).ilog2().min(at.trailing_zeros());
            self.levels[level as usize].push((at, (self.next)()?));
            at += 1 << level;
        }
        Ok(())
    }
}

/// Two ascending runs become one.
fn merge(
    above: impl Iterator<Item = (u64, Hash)>,
    known: impl Iterator<Item = (u64, Hash)>,
    all: &mut Level,
) {
    let mut known = known.peekable();
    for node in above {
        while let Some(before) = known.next_if(|(start, _)| *start < node.0) {
            all.push(before);
        }
        all.push(node);
    }
    all.extend(known);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::tests::Leaves;

    fn root(leaves: &[(u64, Hash)], size: u64, hashes: &[Hash]) -> Result<Hash, String> {
        let root = root_of_leaves(leaves, size, hashes.iter().map(|hash| Ok(*hash)), "p");
        root.map_err(|error| error.to_string())
    }

    /// Leaves of a tree of this size, about one of `of`, and what proves them.
    fn chosen(all: &Leaves, (size, of): (u64, u64), choice: &mut u64) -> (Level, Vec<Hash>) {
        let mut is_chosen = |_: &u64| {
            *choice = choice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (*choice >> 33).is_multiple_of(of)
        };
        let indexes: Vec<u64> = (0..size).filter(&mut is_chosen).collect();
        let Ok(hashes) = prove_leaves(all, &indexes, size);
        let leaf = |index: &u64| (*index, all.0[usize::try_from(*index).unwrap()]);
        (indexes.iter().map(leaf).collect(), hashes)
    }

    #[test]
    fn any_choice_of_leaves_leads_to_the_root() {
        let all = Leaves::new(3 * BY_LEVELS_MAX + 33);
        let sizes = (1..=33).chain([0, 1, 32].map(|more| BY_LEVELS_MAX + more));
        let mut choice = 1_u64;
        for size in sizes.chain([3 * BY_LEVELS_MAX - 1, 3 * BY_LEVELS_MAX + 33]) {
            let expected = all.head(size).root;
            for of in [1, 2, 3, 7, 1 << 10] {
                let (leaves, hashes) = chosen(&all, (size, of), &mut choice);
                assert_eq!(root(&leaves, size, &hashes).as_ref(), Ok(&expected), "{size} {of}");
                if let Some((_, others)) = leaves.split_first() {
                    let mut changed = leaves.clone();
                    changed[0].1[0] ^= 1;
                    assert_ne!(root(&changed, size, &hashes).as_ref(), Ok(&expected));
                    assert_ne!(root(others, size, &hashes).as_ref(), Ok(&expected));
                }
            }
        }
    }

    #[test]
    fn what_is_no_proof_of_these_leaves_is_told() {
        let all = Leaves::new(9);
        let (leaves, hashes) = chosen(&all, (9, 2), &mut 1);
        let wrong = |leaves: &[(u64, Hash)], size, hashes: &[Hash]| {
            root(leaves, size, hashes).expect_err("it is wrong")
        };
        let [.., _] = hashes.as_slice() else { panic!("some leaves are left out") };
        let cut = wrong(&leaves, 9, &hashes[1..]);
        assert!(cut.contains("p: it ends too early"), "{cut}");
        let more = wrong(&leaves, 9, &[&hashes[..], &[[0; 32]]].concat());
        assert!(more.contains("it has more hashes than the leaves need"), "{more}");
        let twice = [leaves[0], leaves[0]];
        let beyond = [(9, [0; 32])];
        for (leaves, size) in [(&leaves[..], 0), (&twice, 9), (&beyond, 9)] {
            let wrong = wrong(leaves, size, &hashes);
            assert!(wrong.contains("the leaves do not lie in the tree"), "{wrong}");
        }
    }
}
