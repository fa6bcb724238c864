//! What is known already of dense codes: two bits each.

/// Codes in one word.
const PER_WORD: u32 = 32;

/// A remembered yes or no for each code that was asked about.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    words: Vec<u64>,
}

impl Verdicts {
    /// The verdict on a code, if there is one.
    #[inline]
    pub(super) fn get(&self, code: u32) -> Option<bool> {
        let word = self.words.get((code / PER_WORD) as usize)?;
        match word >> (code % PER_WORD * 2) & 3 {
            0 => None,
            bits => Some(bits == 3),
        }
    }

    /// Makes room for codes below this.
    pub(super) fn reserve(&mut self, codes: u32) {
        let words = codes.div_ceil(PER_WORD) as usize;
        if words > self.words.len() {
            // From nothing, zeroed memory costs less than growing into it.
            match self.words.is_empty() {
                true => self.words = vec![0; words],
                false => self.words.resize(words, 0),
            }
        }
    }

    /// Remembers a verdict.
    #[inline]
    pub(super) fn set(&mut self, code: u32, verdict: bool) {
        let index = (code / PER_WORD) as usize;
        if index >= self.words.len() {
            self.words.resize(index + 1, 0);
        }
        let bits = if verdict { 3 } else { 1 };
        let shift = code % PER_WORD * 2;
        self.words[index] = self.words[index] & !(3 << shift) | bits << shift;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_kept_beside_its_neighbours() {
        let mut verdicts = Verdicts::default();
        verdicts.reserve(40);
        verdicts.set(31, true);
        verdicts.set(32, false);
        verdicts.set(1_000, true);
        let told = [30, 31, 32, 33, 1_000, 5_000].map(|code| verdicts.get(code));
        assert_eq!(told, [None, Some(true), Some(false), None, Some(true), None]);
    }
}
