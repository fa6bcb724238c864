//! Names that satisfy a condition, a bit each: what rows are tested against once names are found.

use std::ops::Range;

use super::NameRing;
use crate::packed::keep_codes;

/// Codes in one word.
const PER_WORD: usize = 64;

/// A set of name codes below a limit, tested by the values of the name column: code + 1, and 0 of
/// a row without resources. It takes one bit for each name of the workspace.
#[derive(Debug, Clone)]
pub(crate) struct NameSet {
    /// Bit `code + 1`.
    words: Vec<u64>,
    end: u32,
    len: usize,
}

impl NameSet {
    /// No name, where names have codes below `end`.
    pub(crate) fn new(end: u32) -> Self {
        Self { words: vec![0; (end as usize + 1).div_ceil(PER_WORD)], end, len: 0 }
    }

    /// Some names; with a ring, also the other names of their resources.
    pub(crate) fn of(names: impl Iterator<Item = u32>, end: u32, ring: Option<&NameRing>) -> Self {
        let mut set = Self::new(end);
        set.add(names, ring);
        set
    }

    /// Adds a name; one beyond the limit is left out.
    #[inline]
    pub(crate) fn insert(&mut self, name: u32) {
        if name >= self.end {
            return;
        }
        let value = name as usize + 1;
        let (word, bit) = (&mut self.words[value / PER_WORD], 1 << (value % PER_WORD));
        self.len += usize::from(*word & bit == 0);
        *word |= bit;
    }

    /// Adds names; with a ring, also the other names of their resources.
    pub(crate) fn add(&mut self, names: impl Iterator<Item = u32>, ring: Option<&NameRing>) {
        for name in names {
            self.insert(name);
            for other in ring.into_iter().flat_map(|ring| ring.others(name)) {
                self.insert(other);
            }
        }
    }

    /// Bytes that one takes, where names have codes below `end`.
    pub(crate) fn bytes(end: u32) -> usize {
        (end as usize + 1).div_ceil(PER_WORD) * size_of::<u64>()
    }

    /// Whether it has the name of a value of the column.
    #[inline]
    pub(crate) fn has_value(&self, value: u32) -> bool {
        let word = self.words.get(value as usize / PER_WORD).copied().unwrap_or(0);
        word >> (value as usize % PER_WORD) & 1 == 1
    }

    /// Whether it has a name.
    #[inline]
    pub(crate) fn contains(&self, name: u32) -> bool {
        name < self.end && self.has_value(name + 1)
    }

    /// Clears the bits of those values of a column that it does not have.
    pub(crate) fn keep(&self, values: &[u32], bits: &mut [u64]) {
        keep_codes(values, bits, |value| self.has_value(value));
    }

    /// Codes of all names the set can tell of.
    pub(crate) fn names(&self) -> Range<u32> {
        0..self.end
    }

    /// Its bits, without the zeros at their end.
    pub(crate) fn words(&self) -> &[u64] {
        let used = self.words.iter().rposition(|word| *word != 0).map_or(0, |last| last + 1);
        &self.words[..used]
    }

    /// The part of all names that it has.
    pub(crate) fn share(&self) -> f64 {
        self.len as f64 / f64::from(self.end.max(1))
    }

    /// How many names it has.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_value_of_the_column_and_none_is_no_name() {
        let mut names = NameSet::new(130);
        for name in [0, 62, 63, 64, 129, 129, 130, u32::MAX] {
            names.insert(name);
        }
        assert_eq!(names.len(), 5);
        let told: Vec<u32> = (0..200).filter(|name| names.contains(*name)).collect();
        assert_eq!(told, [0, 62, 63, 64, 129]);
        let values: Vec<u32> = (0..200).filter(|value| names.has_value(*value)).collect();
        assert_eq!(values, [1, 63, 64, 65, 130]);
        assert!(!names.contains(u32::MAX) && !names.has_value(u32::MAX));
    }
}
