//! The grams of folded names: what is indexed, and what a search text needs.
//!
//! A name is indexed as if a space stood before it, so that the beginning of every word, the first
//! one included, has grams of its own. A lone space is no gram: every name has one.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::ordinal::ORDINAL_BYTES;

/// The rule by which names become terms. Another rule is another version, and a new index.
pub(crate) const GRAM_VERSION: u32 = 1;

/// Characters of the longest gram.
const GRAM_CHARS_MAX: usize = 3;

const LONE_SPACE: &str = " ";

/// The grams that every name containing one of `needles` has: of the needle's own length up to
/// three characters. Sorted, each once.
pub(crate) fn needed_grams<'a>(needles: &[&'a str]) -> Vec<&'a str> {
    let mut grams: Vec<&str> = Vec::new();
    let mut bounds: Vec<usize> = Vec::new();
    for needle in needles {
        char_bounds(needle, &mut bounds);
        let chars = GRAM_CHARS_MAX.min(bounds.len() - 1);
        if chars > 0 {
            grams.extend(bounds.windows(chars + 1).map(|window| &needle[window[0]..window[chars]]));
        }
    }
    grams.sort_unstable();
    grams.dedup();
    grams.retain(|gram| *gram != LONE_SPACE);
    grams
}

/// Where the characters of `text` begin, and its end.
fn char_bounds(text: &str, bounds: &mut Vec<usize>) {
    bounds.clear();
    bounds.extend(text.char_indices().map(|(start, _)| start));
    bounds.push(text.len());
}

/// Takes an ordinal followed by a name apart into terms: the ordinal with each gram of the name.
#[derive(Clone, Default)]
pub(crate) struct GramTokenizer {
    bounds: Vec<usize>,
    token: Token,
}

impl Tokenizer for GramTokenizer {
    type TokenStream<'a> = GramStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> GramStream<'a> {
        let (ordinal, name) = text.split_at(ORDINAL_BYTES);
        self.token.reset();
        self.token.position = 0;
        self.token.text.push_str(ordinal);
        char_bounds(name, &mut self.bounds);
        GramStream { name, bounds: &self.bounds, token: &mut self.token, start: 0, chars: 0 }
    }
}

/// The terms of one name, repeated ones included: tantivy counts a term once for a document.
pub(crate) struct GramStream<'a> {
    name: &'a str,
    bounds: &'a [usize],
    token: &'a mut Token,
    start: usize,
    chars: usize,
}

impl TokenStream for GramStream<'_> {
    fn advance(&mut self) -> bool {
        loop {
            self.chars += 1;
            if self.chars > GRAM_CHARS_MAX || self.start + self.chars >= self.bounds.len() {
                self.start += 1;
                self.chars = 1;
            }
            if self.start + 1 >= self.bounds.len() {
                return false;
            }
            let gram = &self.name[self.bounds[self.start]..self.bounds[self.start + self.chars]];
            if gram != LONE_SPACE {
                self.token.text.truncate(ORDINAL_BYTES);
                self.token.text.push_str(gram);
                return true;
            }
        }
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn indexed(name: &str) -> Vec<String> {
        let text = format!("0000 {name}");
        let mut tokenizer = GramTokenizer::default();
        let mut stream = tokenizer.token_stream(&text);
        let mut grams = Vec::new();
        stream.process(&mut |token| grams.push(token.text[ORDINAL_BYTES..].to_owned()));
        grams
    }

    #[test]
    fn a_name_has_its_grams_and_those_of_its_word_beginnings() {
        assert_eq!(indexed("ab c"), [" a", " ab", "a", "ab", "ab ", "b", "b ", "b c", " c", "c"]);
        assert_eq!(indexed("東"), [" 東", "東"]);
        assert_eq!(indexed(""), Vec::<String>::new());
    }

    #[test]
    fn a_text_needs_grams_of_its_own_length_up_to_three() {
        assert_eq!(needed_grams(&["ж"]), ["ж"]);
        assert_eq!(needed_grams(&["zu"]), ["zu"]);
        assert_eq!(needed_grams(&["aaaa", "zoe"]), ["aaa", "zoe"]);
        assert_eq!(needed_grams(&[" ", ""]), Vec::<&str>::new());
    }

    proptest! {
        #[test]
        fn a_name_has_every_gram_that_a_piece_of_it_needs(
            name in "[a-cж東😀 ]{0,12}", start in 0usize..12, chars in 1usize..6,
        ) {
            let piece: String = name.chars().skip(start).take(chars).collect();
            let grams = indexed(&name);
            for gram in needed_grams(&[&piece]) {
                prop_assert!(grams.iter().any(|own| own == gram), "{:?} in {:?}", gram, name);
            }
        }
    }
}
