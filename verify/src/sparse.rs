//! One proof for many leaves: the roots of all subtrees that none of them lies in, from the left
//! to the right. What single paths would repeat is in it once.

use crate::VerifyError;
use crate::proof::{Subtrees, split};
use crate::tree::{Hash, node};

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
    match leaves {
        [] => return hashes.next().copied(),
        [(_, leaf)] if end - start == 1 => return Some(*leaf),
        _ => {}
    }
    let middle = start + split(end - start);
    let (left, right) = leaves.split_at(leaves.partition_point(|(index, _)| *index < middle));
    let left = climb(left, (start, middle), hashes)?;
    Some(node(&left, &climb(right, (middle, end), hashes)?))
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
