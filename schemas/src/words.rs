//! Bytes of texts looked at eight at a time.
//!
//! Of bytes below a limit the difference to it has the highest bit (Hacker's Delight, 6-1); a
//! borrow only goes on from a byte that was found, so that the lowest one found is always right.

/// A byte, eight times.
const EACH: u64 = u64::MAX / 0xff;
/// The highest bit of each byte.
const HIGHEST: u64 = EACH << 7;
/// Eight bytes in which nothing is ever looked for.
const BLANKS: u64 = EACH * 0x20;

#[inline]
fn below(word: u64, limit: u64) -> u64 {
    word.wrapping_sub(EACH * limit) & !word & HIGHEST
}

#[inline]
fn is(word: u64, byte: u8) -> u64 {
    below(word ^ (EACH * u64::from(byte)), 1)
}

/// Bits of the bytes that need an escape in JSON: control characters, quotes and backslashes.
#[inline]
fn escaped(word: u64) -> u64 {
    below(word, 0x20) | is(word, b'"') | is(word, b'\\')
}

/// Bits of the bytes that are no printable ASCII.
#[inline]
fn unprintable(word: u64) -> u64 {
    below(word, 0x20) | is(word, 0x7f) | word & HIGHEST
}

/// Whether every byte stands for itself in a JSON string.
#[inline]
pub fn is_unescaped(text: &[u8]) -> bool {
    finds_nothing(text, escaped)
}

/// Whether every byte is ASCII and stands for itself in a JSON string.
#[inline]
pub fn is_plain_ascii(text: &[u8]) -> bool {
    finds_nothing(text, |word| escaped(word) | word & HIGHEST)
}

/// Whether every byte is printable ASCII.
#[inline]
pub(crate) fn is_printable_ascii(text: &[u8]) -> bool {
    finds_nothing(text, unprintable)
}

/// How many bytes stand for themselves in a JSON string before the first that does not.
#[inline]
pub(crate) fn unescaped_length(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let found = escaped(u64::from_le_bytes(*word));
        if found != 0 {
            return 8 * at + found.trailing_zeros() as usize / 8;
        }
    }
    let found = escaped(padded(rest));
    let in_rest = if found == 0 { rest.len() } else { found.trailing_zeros() as usize / 8 };
    8 * words.len() + in_rest
}

#[inline]
fn finds_nothing(text: &[u8], find: impl Fn(u64) -> u64) -> bool {
    match text.last_chunk::<8>() {
        Some(last) => {
            let words = text.as_chunks::<8>().0.iter().chain([last]);
            words.fold(0, |found, word| found | find(u64::from_le_bytes(*word))) == 0
        }
        None => find(padded(text)) == 0,
    }
}

/// Fewer than eight bytes, the first one lowest.
#[inline]
fn padded(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(BLANKS, |word, byte| word << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bytes of every kind, most of them plain.
    fn texts() -> impl Strategy<Value = Vec<u8>> {
        let byte =
            prop_oneof![8 => b' '..=b'~', 1 => any::<u8>(), 1 => Just(b'"'), 1 => Just(0x7f)];
        prop::collection::vec(byte, 0..40)
    }

    proptest! {
        #[test]
        fn words_say_what_bytes_say(text in texts()) {
            let is_escaped = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
            let first = text.iter().position(is_escaped);
            prop_assert_eq!(is_unescaped(&text), first.is_none());
            prop_assert_eq!(is_plain_ascii(&text), first.is_none() && text.is_ascii());
            prop_assert_eq!(unescaped_length(&text), first.unwrap_or(text.len()));
            let is_printable = text.iter().all(|byte| (b' '..=b'~').contains(byte));
            prop_assert_eq!(is_printable_ascii(&text), is_printable);
        }
    }
}
