//! A set of codes that rows are tested against.
//!
//! Built once a query; the test is what counts. Codes below 64 are bits of one word, up to four
//! others are compared, codes that lie close together are bits, and others are hashed.

use hashbrown::HashSet;

/// Codes compared one by one.
const COMPARED: usize = 4;
/// A bitmap of this many words is always taken: 8 KiB, cleared in less time than a page takes.
const WORDS_ALWAYS: usize = 1024;
/// A larger one has at most this many words a code.
const WORDS_PER_CODE: usize = 4;

/// An owned set of `u32` codes.
#[derive(Debug, Clone)]
pub(crate) struct CodeSet {
    codes: Box<[u32]>,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    /// Bit `code`.
    Word(u64),
    /// Some codes more than once, so that there are always four.
    Compare([u32; COMPARED]),
    /// Bit `code - least`; no words at all for the empty set.
    Bitmap {
        least: u32,
        words: Box<[u64]>,
    },
    Hash(HashSet<u32>),
}

impl CodeSet {
    /// Whether the code is in the set.
    #[inline]
    pub(crate) fn contains(&self, code: u32) -> bool {
        match &self.test {
            Test::Word(word) => is_in_word(*word, code),
            // All four are compared: cheaper than a branch that cannot be foretold.
            Test::Compare([a, b, c, d]) => {
                (code == *a) | (code == *b) | (code == *c) | (code == *d)
            }
            Test::Bitmap { least, words } => is_in_words(words, code.wrapping_sub(*least)),
            Test::Hash(codes) => codes.contains(&code),
        }
    }

    /// Clears the bits of those codes of a column that are not in the set.
    pub(crate) fn keep(&self, codes: &[u32], bits: &mut [u64]) {
        match &self.test {
            Test::Word(word) => keep_codes(codes, bits, |code| is_in_word(*word, code)),
            Test::Compare([a, b, c, d]) => keep_codes(codes, bits, |code| {
                (code == *a) | (code == *b) | (code == *c) | (code == *d)
            }),
            Test::Bitmap { least, words } => {
                keep_codes(codes, bits, |code| is_in_words(words, code.wrapping_sub(*least)));
            }
            Test::Hash(set) => keep_codes(codes, bits, |code| set.contains(&code)),
        }
    }

    /// How many codes there are.
    pub(crate) fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether no code is in the set.
    pub(crate) fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The codes in ascending order.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = u32> {
        self.codes.iter().copied()
    }
}

impl FromIterator<u32> for CodeSet {
    fn from_iter<I: IntoIterator<Item = u32>>(codes: I) -> Self {
        let mut codes: Vec<u32> = codes.into_iter().collect();
        codes.sort_unstable();
        codes.dedup();
        Self { test: Test::of(&codes), codes: codes.into() }
    }
}

impl Test {
    /// The test for these ascending codes.
    fn of(codes: &[u32]) -> Self {
        let (Some(&least), Some(&greatest)) = (codes.first(), codes.last()) else {
            return Self::Bitmap { least: 0, words: [].into() };
        };
        if greatest < u64::BITS {
            return Self::Word(codes.iter().fold(0, |word, code| word | 1 << code));
        }
        if codes.len() <= COMPARED {
            return Self::Compare(std::array::from_fn(|at| *codes.get(at).unwrap_or(&least)));
        }
        let words = (greatest - least) as usize / 64 + 1;
        if words > WORDS_ALWAYS.max(codes.len().saturating_mul(WORDS_PER_CODE)) {
            return Self::Hash(codes.iter().copied().collect());
        }
        let mut words = vec![0_u64; words];
        for code in codes {
            let bit = code - least;
            words[bit as usize / 64] |= 1 << (bit % 64);
        }
        Self::Bitmap { least, words: words.into() }
    }
}

/// Clears the bits of codes that do not fit: without a branch, a word of them at a time.
#[inline]
pub(crate) fn keep_codes(codes: &[u32], bits: &mut [u64], fits: impl Fn(u32) -> bool) {
    for (word, codes) in bits.iter_mut().zip(codes.chunks(64)) {
        if *word != 0 {
            *word &= codes.iter().rev().fold(0, |bits, code| bits << 1 | u64::from(fits(*code)));
        }
    }
}

#[inline]
fn is_in_word(word: u64, code: u32) -> bool {
    word.checked_shr(code).unwrap_or(0) & 1 == 1
}

#[inline]
fn is_in_words(words: &[u64], bit: u32) -> bool {
    words.get(bit as usize / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
}
