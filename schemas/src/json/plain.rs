//! Sees that a text is JSON without building it, where that is easy to see.
//!
//! Guarantees: what passes here, [`parse`](super::parse) accepts too. Most metadata is a small
//! object of plain strings and numbers, and all that is asked of it is whether it is sound. What
//! is not plain (many members, escapes in names, `\u`, numbers that may not fit a double) is left
//! to the reader, which also says what is wrong.

use smallvec::SmallVec;

use super::number::{fits_double, literal_length};
use crate::words::unescaped_length;

/// Member names compared pairwise; objects with more are not plain.
const NAMES: usize = 12;

/// Whether bytes are, without white space around it, an object with members, surely acceptable.
pub(crate) fn is_plain_object(text: &[u8], max_depth: usize) -> bool {
    text.first() == Some(&b'{')
        && is_plain_value(text, max_depth)
        && !text[1..].trim_ascii_start().starts_with(b"}")
}

/// Whether bytes are, without white space around it, a value, surely acceptable.
pub(crate) fn is_plain_value(text: &[u8], max_depth: usize) -> bool {
    let mut scanner = Scanner { text, at: 0 };
    scanner.value(max_depth).is_some()
        && scanner.at == text.len()
        && (text.is_ascii() || std::str::from_utf8(text).is_ok())
}

/// Takes ASCII outside of strings; whether what stands in strings is UTF-8 is looked at afterwards.
struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

/// `None` everywhere: not plain.
impl<'a> Scanner<'a> {
    fn value(&mut self, depth_left: usize) -> Option<()> {
        match self.peek()? {
            b'{' => self.object(depth_left.checked_sub(1)?),
            b'[' => self.array(depth_left.checked_sub(1)?),
            b'"' => self.string().map(|_| ()),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            b'-' | b'0'..=b'9' => self.number(),
            _ => None,
        }
    }

    fn object(&mut self, depth_left: usize) -> Option<()> {
        let mut names = SmallVec::<[&[u8]; NAMES]>::new();
        self.at += 1;
        self.skip_space();
        if self.accept(b'}') {
            return Some(());
        }
        while names.len() < NAMES {
            self.is(b'"')?;
            let (name, is_escaped) = self.string()?;
            if is_escaped || names.contains(&name) {
                return None;
            }
            names.push(name);
            self.skip_space();
            self.is(b':')?;
            self.at += 1;
            self.skip_space();
            self.value(depth_left)?;
            self.skip_space();
            if self.accept(b'}') {
                return Some(());
            }
            self.is(b',')?;
            self.at += 1;
            self.skip_space();
        }
        None
    }

    fn array(&mut self, depth_left: usize) -> Option<()> {
        self.at += 1;
        self.skip_space();
        if self.accept(b']') {
            return Some(());
        }
        loop {
            self.value(depth_left)?;
            self.skip_space();
            if self.accept(b']') {
                return Some(());
            }
            self.is(b',')?;
            self.at += 1;
            self.skip_space();
        }
    }

    /// What stands between the quotes, and whether there are escapes in it.
    fn string(&mut self) -> Option<(&'a [u8], bool)> {
        let start = self.at + 1;
        let mut is_escaped = false;
        self.at = start;
        loop {
            self.at += unescaped_length(&self.text[self.at..]);
            match self.peek()? {
                b'"' => break,
                b'\\' => {
                    is_escaped = true;
                    let escape = self.text.get(self.at + 1)?;
                    b"\"\\/bfnrt".contains(escape).then_some(())?;
                    self.at += 2;
                }
                _ => return None,
            }
        }
        let text = &self.text[start..self.at];
        self.at += 1;
        Some((text, is_escaped))
    }

    fn number(&mut self) -> Option<()> {
        let length = literal_length(&self.text[self.at..])?;
        fits_double(&self.text[self.at..self.at + length]).then_some(())?;
        self.at += length;
        Some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.text[self.at..].starts_with(word).then_some(())?;
        self.at += word.len();
        Some(())
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn is(&self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then_some(())
    }

    fn accept(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::{Value, parse};

    fn is_sound_object(text: &str, depth: usize) -> bool {
        parse(text, depth).is_ok_and(|node| {
            node.text == text && matches!(&node.value, Value::Object(all) if !all.is_empty())
        })
    }

    #[test]
    fn what_is_no_utf8_is_not_plain() {
        for (text, is_plain) in [(&b"{\"a\":\"\xc3\xa9\"}"[..], true), (b"{\"a\":\"\xc3\"}", false)]
        {
            assert_eq!(is_plain_object(text, 1), is_plain);
            assert_eq!(is_plain_value(&text[5..text.len() - 1], 0), is_plain);
        }
    }

    #[test]
    fn usual_metadata_is_plain() {
        let text = r#"{"request_id":"req_1","n":-1.5,"list":["a\n",{}],"deep":{"a":[true,null]}}"#;
        assert!(is_plain_object(text.as_bytes(), 4));
        assert!(!is_plain_object(text.as_bytes(), 2));
        for other in
            ["{}", "{ }", " {\"a\":1}", "[1]", "{\"a\":1}x", "{\"a\":1,\"a\":2}", "{\"a\":01}"]
        {
            assert!(!is_plain_object(other.as_bytes(), 4), "{other}");
        }
    }

    /// Nearly objects: repeated names, escapes, odd numbers, missing commas.
    fn odd_objects() -> impl Strategy<Value = String> {
        let name = r#"("(a|b|\\|\\n|ü)?":( |))"#;
        let value = r#"(1|-0\.5|1e999|true|"x\\"|"x"|\[\]|\{"a":\{\}\}|\[1,2\]|nul)"#;
        proptest::string::string_regex(&format!(r"\{{({name}{value}(,| |))*\}}")).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_plain_the_reader_accepts(text in odd_objects(), depth in 0usize..4) {
            if is_plain_object(text.as_bytes(), depth) {
                prop_assert!(is_sound_object(&text, depth), "{text}");
            }
            if is_plain_value(text.as_bytes(), depth) {
                prop_assert!(parse(&text, depth).is_ok_and(|node| node.text == text), "{text}");
            }
        }

        #[test]
        fn small_generated_objects_are_plain(
            members in prop::collection::btree_map("[a-z]{1,8}", "[ -!#-\\[\\]-~]{0,20}", 1..12),
        ) {
            let members = members.iter().map(|(name, text)| format!("\"{name}\": \"{text}\""));
            let text = format!("{{{}}}", members.collect::<Vec<_>>().join(", "));
            prop_assert!(is_sound_object(&text, 1));
            prop_assert!(is_plain_object(text.as_bytes(), 1));
        }
    }
}
