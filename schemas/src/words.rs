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
pub(crate) fn is_unescaped(text: &[u8]) -> bool {
    finds_nothing(text, escaped)
}

/// Whether every byte is printable ASCII.
#[inline]
pub(crate) fn is_printable_ascii(text: &[u8]) -> bool {
    finds_nothing(text, unprintable)
}

/// What comes after a text with which bytes begin; `None` if they do not, or if one of its bytes
/// does not stand for itself in a JSON string.
#[inline]
pub fn strip_unescaped<'b>(bytes: &'b [u8], text: &[u8]) -> Option<&'b [u8]> {
    let (found, rest) = bytes.split_at_checked(text.len())?;
    let differs = |word: &[u8; 8], other: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        word ^ u64::from_le_bytes(*other) | escaped(word)
    };
    let is_same = match (text.last_chunk(), found.last_chunk()) {
        (Some(last), Some(other)) => {
            let pairs = text.as_chunks().0.iter().zip(found.as_chunks().0);
            pairs.fold(differs(last, other), |found, (word, other)| found | differs(word, other))
                == 0
        }
        _ => padded(text) == padded(found) && escaped(padded(text)) == 0,
    };
    is_same.then_some(rest)
}

/// How many bytes stand for themselves in a JSON string before the first that does not.
#[inline]
pub fn unescaped_length(text: &[u8]) -> usize {
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

/// At most eight bytes as a number, the first one lowest, with blanks after them, so that blanks at
/// the end of them make no difference; `None` of more.
#[inline]
pub(crate) const fn packed_word(bytes: &[u8]) -> Option<u64> {
    match bytes.first_chunk() {
        Some(word) if bytes.len() == 8 => Some(u64::from_le_bytes(*word)),
        Some(_) => None,
        None => Some(padded(bytes)),
    }
}

/// The same of fewer than eight.
#[inline]
const fn padded(bytes: &[u8]) -> u64 {
    // Each byte is taken once or twice, to the same place.
    let word = match (bytes.first_chunk(), bytes.last_chunk(), bytes) {
        (Some(first), Some(last), _) => {
            let last = (u32::from_le_bytes(*last) as u64) << (8 * (bytes.len() - 4));
            u32::from_le_bytes(*first) as u64 | last
        }
        (_, _, []) => 0,
        (_, _, [one]) => *one as u64,
        (_, _, [first, .., last]) => {
            let middle = bytes[bytes.len() / 2] as u64;
            *first as u64
                | middle << (8 * (bytes.len() / 2))
                | (*last as u64) << (8 * (bytes.len() - 1))
        }
    };
    word | BLANKS << (8 * bytes.len())
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
            prop_assert_eq!(strip_unescaped(&text, &text).is_some(), first.is_none());
            prop_assert_eq!(unescaped_length(&text), first.unwrap_or(text.len()));
            let is_printable = text.iter().all(|byte| (b' '..=b'~').contains(byte));
            prop_assert_eq!(is_printable_ascii(&text), is_printable);
        }

        #[test]
        fn what_begins_otherwise_is_found(
            text in "[a-z]{0,20}", after in "[a-z]{0,9}", at in 0usize..20, other in any::<u8>(),
        ) {
            let mut bytes = [text.as_bytes(), after.as_bytes()].concat();
            prop_assert_eq!(strip_unescaped(&bytes, text.as_bytes()), Some(after.as_bytes()));
            let is_within = at < text.len();
            if let Some(byte) = bytes.get_mut(at) {
                *byte = other;
            }
            let is_same = !is_within || other == text.as_bytes()[at];
            prop_assert_eq!(strip_unescaped(&bytes, text.as_bytes()).is_some(), is_same);
            prop_assert!(text.is_empty() || strip_unescaped(&[], text.as_bytes()).is_none());
        }
    }
}
