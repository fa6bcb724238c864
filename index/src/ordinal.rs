//! The short number a workspace has inside one index, so that tenancy is part of every term.
//!
//! Four ASCII characters of seven bits, most significant first: fixed width, so no workspace's
//! terms can be taken for another's, and valid UTF-8, so that a term stays a string. Given in order
//! of first sight and recorded with each of the workspace's documents; never used again elsewhere.

/// Bytes of an encoded ordinal.
pub(crate) const ORDINAL_BYTES: usize = 4;

const BITS: u32 = 7;
const LIMIT: u32 = 1 << 28;

/// A workspace's number in one index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Ordinal(u32);

impl Ordinal {
    pub(crate) const FIRST: Ordinal = Ordinal(0);

    /// The one after this; `None` when there is none left.
    pub(crate) fn next(self) -> Option<Ordinal> {
        Some(Ordinal(self.0 + 1)).filter(|next| next.0 < LIMIT)
    }

    pub(crate) fn push_to(self, text: &mut String) {
        for place in (0..4).rev() {
            let seven_bits = (self.0 >> (BITS * place)) & 0x7f;
            text.push(char::from(u8::try_from(seven_bits).expect("seven bits fit a byte")));
        }
    }

    /// Splits a term into its ordinal and the rest.
    pub(crate) fn split(term: &[u8]) -> Option<(Ordinal, &str)> {
        let (head, rest) = term.split_at_checked(ORDINAL_BYTES)?;
        if !head.is_ascii() {
            return None;
        }
        let ordinal = head.iter().fold(0, |high, byte| (high << BITS) | u32::from(*byte));
        Some((Ordinal(ordinal), std::str::from_utf8(rest).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_come_back_and_keep_their_order_as_text() {
        let mut last = String::new();
        for number in [0, 1, 127, 128, 16_383, 16_384, LIMIT - 1] {
            let mut text = String::new();
            Ordinal(number).push_to(&mut text);
            assert_eq!(text.len(), ORDINAL_BYTES);
            assert!(number == 0 || last < text, "{number}");
            assert_eq!(Ordinal::split(format!("{text}ж").as_bytes()), Some((Ordinal(number), "ж")));
            last = text;
        }
        assert_eq!(Ordinal(LIMIT - 1).next(), None);
        assert_eq!(Ordinal::split("aaé".as_bytes()), None);
    }
}
