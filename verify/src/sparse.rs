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

/// The root that these leaves (index and hash, ascending) and hashes lead to.
pub fn root_of_leaves(
    leaves: &[(u64, Hash)],
    size: u64,
    hashes: &[Hash],
    position: &str,
) -> Result<Hash, VerifyError> {
    let wrong = |detail: &str| VerifyError::unsound(position, detail);
    let is_within = leaves.last().is_none_or(|(index, _)| *index < size);
    if size == 0 || !is_within || !leaves.is_sorted_by(|a, b| a.0 < b.0) {
        return Err(wrong("the leaves do not lie in the tree"));
    }
    let mut rest = hashes.iter();
    let root = climb(leaves, (0, size), &mut rest).ok_or_else(|| wrong("it ends too early"))?;
    match rest.next() {
        None => Ok(root),
        Some(_) => Err(wrong("it has more hashes than the leaves need")),
    }
}

fn climb(
    leaves: &[(u64, Hash)],
    (start, end): (u64, u64),
    hashes: &mut std::slice::Iter<'_, Hash>,
) -> Option<Hash> {
    if leaves.is_empty() {
        return hashes.next().copied();
    }
    let width = end - start;
    if width <= BY_LEVELS_MAX && width.is_power_of_two() {
        let mut levels = vec![Vec::new(); width.ilog2() as usize + 1];
        gather(leaves, (start, end), hashes, &mut levels)?;
        return Some(root_of_levels(levels));
    }
    let middle = start + split(width);
    let (left, right) = leaves.split_at(leaves.partition_point(|(index, _)| *index < middle));
    let left = climb(left, (start, middle), hashes)?;
    Some(node(&left, &climb(right, (middle, end), hashes)?))
}

/// Puts what is known of a complete subtree into its levels, the leaves' first: the first leaf
/// below and the hash, ascending.
fn gather(
    leaves: &[(u64, Hash)],
    (start, end): (u64, u64),
    hashes: &mut std::slice::Iter<'_, Hash>,
    levels: &mut [Vec<(u64, Hash)>],
) -> Option<()> {
    let (level, below) = levels.split_last_mut()?;
    match leaves {
        [] => level.push((start, *hashes.next()?)),
        [(_, leaf)] if below.is_empty() => level.push((start, *leaf)),
        _ => {
            let middle = start + (end - start) / 2;
            let at = leaves.partition_point(|(index, _)| *index < middle);
            let (left, right) = leaves.split_at(at);
            gather(left, (start, middle), hashes, below)?;
            gather(right, (middle, end), hashes, below)?;
        }
    }
    Some(())
}

/// The root of a complete subtree, of which every level has the nodes that no lower one leads to.
fn root_of_levels(levels: Vec<Vec<(u64, Hash)>>) -> Hash {
    let mut all: Vec<(u64, Hash)> = Vec::new();
    for known in levels {
        let pairs = all.as_chunks::<2>().0.iter();
        let above = nodes(pairs.clone().map(|[left, right]| (&left.1, &right.1)));
        let mut found: Vec<_> = pairs.map(|[left, _]| left.0).zip(above).collect();
        // Two ascending runs become one.
        found.extend(known);
        found.sort_by_key(|(start, _)| *start);
        all = found;
    }
    all[0].1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::tests::Leaves;

    #[test]
    fn any_choice_of_leaves_leads_to_the_root() {
        let all = Leaves::new(33);
        let mut choices = 1_u64;
        for size in 1..=33 {
            let root = all.head(size).root;
            for _ in 0..40 {
                choices = choices.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let indexes: Vec<u64> =
                    (0..size).filter(|index| choices >> (index + 20) & 1 == 1).collect();
                let Ok(hashes) = prove_leaves(&all, &indexes, size);
                let leaf = |index: &u64| (*index, all.0[usize::try_from(*index).unwrap()]);
                let leaves: Vec<_> = indexes.iter().map(leaf).collect();
                assert_eq!(root_of_leaves(&leaves, size, &hashes, "p"), Ok(root));
                let mut changed = leaves.clone();
                if let Some(first) = changed.first_mut() {
                    first.1[0] ^= 1;
                    assert_ne!(root_of_leaves(&changed, size, &hashes, "p"), Ok(root));
                    assert_ne!(root_of_leaves(&leaves[1..], size, &hashes, "p"), Ok(root));
                }
            }
        }
    }
}
