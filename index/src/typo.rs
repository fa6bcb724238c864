//! One typo forgiven: a word that begins with a text but for one edit of a single character.
//!
//! An edit is a substitution, an insertion, a deletion, or an exchange of two neighbours (optimal
//! string alignment of at most one).

/// Whether some beginning of `word` is at most one edit away from `text`.
pub(crate) fn begins_with_one_typo(word: &str, text: &[char]) -> bool {
    let mut rest = word.chars();
    for (at, expected) in text.iter().enumerate() {
        let before = rest.clone();
        if rest.next() == Some(*expected) {
            continue;
        }
        // The first difference is where the edit must be.
        let (unchanged, after) = (&text[at..], &text[at + 1..]);
        let missing = begins_with(before.clone(), after);
        let one_more = begins_with(rest.clone(), unchanged);
        let another = begins_with(rest.clone(), after);
        return missing || one_more || another || exchanged(before, unchanged);
    }
    true
}

fn begins_with(mut word: std::str::Chars<'_>, text: &[char]) -> bool {
    text.iter().all(|expected| word.next() == Some(*expected))
}

fn exchanged(mut word: std::str::Chars<'_>, text: &[char]) -> bool {
    let [first, second, after @ ..] = text else {
        return false;
    };
    word.next() == Some(*second) && word.next() == Some(*first) && begins_with(word, after)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    /// Every text one edit away, over the letters in use.
    fn edited(text: &[char], letters: &[char]) -> Vec<Vec<char>> {
        let mut all = vec![text.to_vec()];
        for at in 0..=text.len() {
            for letter in letters {
                let mut inserted = text.to_vec();
                inserted.insert(at, *letter);
                all.push(inserted);
                if at < text.len() {
                    let mut substituted = text.to_vec();
                    substituted[at] = *letter;
                    all.push(substituted);
                }
            }
            if at < text.len() {
                let mut deleted = text.to_vec();
                deleted.remove(at);
                all.push(deleted);
            }
            if at + 1 < text.len() {
                let mut exchanged = text.to_vec();
                exchanged.swap(at, at + 1);
                all.push(exchanged);
            }
        }
        all
    }

    #[test]
    fn one_edit_of_each_kind_is_forgiven_and_two_are_not() {
        let cases = [
            ("pipeline", true),
            ("piepline", true),
            ("pixeline", true),
            ("pieline", true),
            ("pippeline", true),
            ("xipeline", true),
            ("ipeline", true),
            ("ppepline", false),
            ("pixelyne", false),
            ("pip", false),
        ];
        for (word, expected) in cases {
            assert_eq!(begins_with_one_typo(word, &chars("pipeli")), expected, "{word}");
        }
        assert!(begins_with_one_typo("zürh", &chars("züri")));
        assert!(begins_with_one_typo("zür", &chars("züri")));
    }

    proptest! {
        #[test]
        fn exactly_the_words_that_begin_with_an_edited_text_match(
            word in "[abж]{0,7}", text in "[abж]{1,6}",
        ) {
            let text = chars(&text);
            let expected = edited(&text, &['a', 'b', 'ж'])
                .iter()
                .any(|edit| word.starts_with(&edit.iter().collect::<String>()));
            prop_assert_eq!(begins_with_one_typo(&word, &text), expected);
        }
    }
}
