//! How well a name fits what a person is typing.
//!
//! The ranks are those of the name index: every part of the text begins a word, every part is
//! somewhere in the name, or one part of at least four characters begins a word but for one typo
//! and the others are somewhere. Within a rank shorter names come first, then lower codes.

/// Characters of the shortest part in which a typo is forgiven.
const TYPO_CHARS_MIN: usize = 4;
/// Names are told apart by their length up to this many characters.
const LENGTH_MAX: usize = 255;

/// Smaller is better: the rank, the length in characters, the code.
pub(super) type Rank = (u8, usize, u32);

/// A text being typed, folded.
pub(super) struct Typed<'t> {
    parts: Vec<Part<'t>>,
}

struct Part<'t> {
    text: &'t str,
    /// Of a part in which a typo is forgiven.
    characters: Option<Vec<char>>,
}

impl<'t> Typed<'t> {
    /// `None` for a blank text.
    pub(super) fn new(folded: &'t str) -> Option<Self> {
        let part = |text: &'t str| {
            let characters: Vec<char> = text.chars().collect();
            let characters = (characters.len() >= TYPO_CHARS_MIN).then_some(characters);
            Part { text, characters }
        };
        let parts: Vec<_> = folded.split(' ').filter(|part| !part.is_empty()).map(part).collect();
        (!parts.is_empty()).then_some(Self { parts })
    }

    /// How a folded name fits; `None` if it does not.
    pub(super) fn rank(&self, folded_name: &str, code: u32) -> Option<Rank> {
        let begins = |part: &Part<'_>| begins_word(folded_name, part.text);
        let rank = if self.parts.iter().all(begins) {
            0
        } else if self.parts.iter().all(|part| folded_name.contains(part.text)) {
            1
        } else if self.fits_but_for_a_typo(folded_name) {
            2
        } else {
            return None;
        };
        Some((rank, folded_name.chars().count().min(LENGTH_MAX), code))
    }

    fn fits_but_for_a_typo(&self, folded_name: &str) -> bool {
        (0..self.parts.len()).any(|typo| {
            let others = self.parts.iter().enumerate().filter(|(index, _)| *index != typo);
            let Some(mistyped) = &self.parts[typo].characters else { return false };
            others.map(|(_, part)| part.text).all(|part| folded_name.contains(part))
                && folded_name.split(' ').any(|word| begins_with_one_typo(word, mistyped))
        })
    }
}

/// Whether a text stands at the beginning of a name or behind a space.
fn begins_word(name: &str, text: &str) -> bool {
    let is_first = |(at, _): (usize, &str)| at == 0 || name.as_bytes()[at - 1] == b' ';
    name.match_indices(text).any(is_first)
}

/// Whether some beginning of a word is at most one edit away from a text: a character more, one
/// less, another one, or two neighbours exchanged.
fn begins_with_one_typo(word: &str, text: &[char]) -> bool {
    let mut rest = word.chars();
    for (at, expected) in text.iter().enumerate() {
        let before = rest.clone();
        if rest.next() == Some(*expected) {
            continue;
        }
        // The first difference is where the edit must be.
        let (unchanged, after) = (&text[at..], &text[at + 1..]);
        return begins_with(before.clone(), after)
            || begins_with(rest.clone(), unchanged)
            || begins_with(rest, after)
            || is_exchanged(before, unchanged);
    }
    true
}

fn begins_with(mut word: std::str::Chars<'_>, text: &[char]) -> bool {
    text.iter().all(|expected| word.next() == Some(*expected))
}

fn is_exchanged(mut word: std::str::Chars<'_>, text: &[char]) -> bool {
    let [first, second, after @ ..] = text else { return false };
    word.next() == Some(*second) && word.next() == Some(*first) && begins_with(word, after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_before_parts_and_parts_before_typos() {
        let typed = Typed::new("pipe eu").unwrap();
        let cases = [
            ("eu pipeline", Some((0, 11, 7))),
            ("data-pipe neu", Some((1, 13, 7))),
            ("pipeline", None),
            ("ppie eu", Some((2, 7, 7))),
            ("pipe eux", Some((0, 8, 7))),
            ("pie ue", None),
        ];
        for (name, expected) in cases {
            assert_eq!(typed.rank(name, 7), expected, "{name}");
        }
        assert!(Typed::new(" ").is_none());
        assert!(Typed::new("").is_none());
    }

    #[test]
    fn one_edit_of_each_kind_is_forgiven_and_two_are_not() {
        let typed = Typed::new("pipeli").unwrap();
        let cases = [
            ("pipeline", Some(0)),
            ("piepline", Some(2)),
            ("pixeline", Some(2)),
            ("pieline", Some(2)),
            ("pippeline", Some(2)),
            ("ipeline", Some(2)),
            ("ppepline", None),
            ("pixelyne", None),
        ];
        for (name, expected) in cases {
            assert_eq!(typed.rank(name, 0).map(|rank| rank.0), expected, "{name}");
        }
        let short = Typed::new("vip").unwrap();
        assert_eq!(short.rank("vpi", 0), None, "three characters are too few to forgive a typo");
    }
}
