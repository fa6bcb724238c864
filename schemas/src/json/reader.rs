//! From text to nodes: one pass, recursion bounded by the depth limit.

use std::borrow::Cow;
use std::collections::HashSet;

use super::number::{fits_double, literal_length};
use super::{Node, Value};
use crate::pointer::push_step;

/// Up to so many members are compared pairwise for repeated names, more through a set.
const PAIRWISE_MEMBERS: usize = 12;

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonError {
    /// Whether it is well-formed JSON so far, only nested too deeply.
    pub too_deep: bool,
    /// What is wrong, with line and column.
    pub detail: String,
    /// JSON pointer to the value at fault; empty for faults of syntax.
    pub pointer: String,
}

/// Reads one JSON text whole. Scalars have depth 0, `[]` and `{}` depth 1.
pub(crate) fn parse(text: &str, max_depth: usize) -> Result<Node<'_>, JsonError> {
    let mut reader = Reader { text, at: 0, max_depth };
    reader.document().map_err(|fault| fault.located(text, max_depth))
}

enum What {
    Syntax(&'static str),
    TooDeep,
    Repeated(String),
    OutOfRange,
}

struct Fault {
    what: What,
    offset: usize,
    /// From the inside out.
    steps: Vec<String>,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    max_depth: usize,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Node<'a>, Fault> {
        self.skip_space();
        let node = self.value(0)?;
        self.skip_space();
        match self.peek() {
            None => Ok(node),
            Some(_) => Err(self.syntax("expected the end of the text")),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node<'a>, Fault> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.object(self.deeper(depth)?)?,
            Some(b'[') => self.array(self.deeper(depth)?)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(_) => return Err(self.syntax("expected a value")),
            None => return Err(self.syntax("the text ends where a value should be")),
        };
        Ok(Node { value, text: &self.text[start..self.at] })
    }

    fn deeper(&self, depth: usize) -> Result<usize, Fault> {
        if depth < self.max_depth { Ok(depth + 1) } else { Err(self.fault(What::TooDeep)) }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        let start = self.at;
        let mut members: Vec<(Cow<'a, str>, Node<'a>)> = Vec::new();
        self.at += 1;
        self.skip_space();
        if self.accept(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.syntax("expected a member name in quotes"));
            }
            let name = self.string()?;
            self.skip_space();
            self.expect(b':', "expected `:`")?;
            self.skip_space();
            let node = self.value(depth).map_err(|fault| fault.within(&name))?;
            members.push((name, node));
            self.skip_space();
            if self.accept(b'}') {
                break;
            }
            self.expect(b',', "expected `,` or `}`")?;
            self.skip_space();
        }
        match repeated_name(&members) {
            None => Ok(Value::Object(members)),
            Some(name) => {
                let what = What::Repeated(name.to_owned());
                Err(Fault { what, offset: start, steps: vec![name.to_owned()] })
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        let mut items = Vec::new();
        self.at += 1;
        self.skip_space();
        if self.accept(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            let item = self.value(depth).map_err(|fault| fault.within(&items.len().to_string()))?;
            items.push(item);
            self.skip_space();
            if self.accept(b']') {
                return Ok(Value::Array(items));
            }
            self.expect(b',', "expected `,` or `]`")?;
            self.skip_space();
        }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        self.at += 1;
        let start = self.at;
        let mut owned: Option<String> = None;
        let mut plain_from = start;
        loop {
            match self.peek() {
                None => return Err(self.syntax("the text ends within a string")),
                Some(b'"') => break,
                Some(b'\\') => {
                    let unescaped = owned.get_or_insert_default();
                    unescaped.push_str(&self.text[plain_from..self.at]);
                    let character = self.escape()?;
                    owned.get_or_insert_default().push(character);
                    plain_from = self.at;
                }
                Some(0..=0x1f) => return Err(self.syntax("unescaped control character")),
                Some(_) => self.at += 1,
            }
        }
        let rest = &self.text[plain_from..self.at];
        self.at += 1;
        Ok(match owned {
            None => Cow::Borrowed(rest),
            Some(mut text) => {
                text.push_str(rest);
                Cow::Owned(text)
            }
        })
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let character = match self.text.as_bytes().get(self.at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => return Err(self.syntax("unknown escape")),
        };
        self.at += 2;
        Ok(character)
    }

    /// Reads `\uXXXX`, or two of them that form one character.
    fn unicode_escape(&mut self) -> Result<char, Fault> {
        let first = self.four_digits(self.at)?;
        let (code, length) = match first {
            0xd800..=0xdbff => {
                let second = self.four_digits(self.at + 6).unwrap_or_default();
                if !(0xdc00..=0xdfff).contains(&second) {
                    return Err(self.syntax("half of a surrogate pair"));
                }
                (0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00), 12)
            }
            code => (code, 6),
        };
        let character = char::from_u32(code);
        let character = character.ok_or_else(|| self.syntax("half of a surrogate pair"))?;
        self.at += length;
        Ok(character)
    }

    fn four_digits(&self, backslash: usize) -> Result<u32, Fault> {
        let bytes = self.text.as_bytes().get(backslash..backslash + 6);
        let digits = bytes.and_then(|bytes| bytes.strip_prefix(b"\\u"));
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let text = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let code = text.and_then(|text| u32::from_str_radix(text, 16).ok());
        code.ok_or_else(|| self.syntax("expected four hexadecimal digits after `\\u`"))
    }

    fn number(&mut self) -> Result<Value<'a>, Fault> {
        let length = literal_length(&self.text.as_bytes()[self.at..]);
        let length = length.ok_or_else(|| self.syntax("malformed number"))?;
        let literal = &self.text[self.at..self.at + length];
        if !fits_double(literal.as_bytes()) {
            return Err(self.fault(What::OutOfRange));
        }
        self.at += length;
        Ok(Value::Number(literal))
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, Fault> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.syntax("expected a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn accept(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, otherwise: &'static str) -> Result<(), Fault> {
        if self.accept(byte) { Ok(()) } else { Err(self.syntax(otherwise)) }
    }

    fn syntax(&self, what: &'static str) -> Fault {
        self.fault(What::Syntax(what))
    }

    fn fault(&self, what: What) -> Fault {
        Fault { what, offset: self.at, steps: Vec::new() }
    }
}

impl Fault {
    fn within(mut self, step: &str) -> Self {
        self.steps.push(step.to_owned());
        self
    }

    fn located(self, text: &str, max_depth: usize) -> JsonError {
        let before = &text.as_bytes()[..self.offset];
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        let column = 1 + text[line_start..self.offset].chars().count();
        let what = match &self.what {
            What::Syntax(what) => format!("not JSON: {what}"),
            What::TooDeep => format!("nested deeper than {max_depth} levels"),
            What::Repeated(name) => format!("member `{}` occurs twice", crate::text::cut(name)),
            What::OutOfRange => "a number beyond the range of a double".to_owned(),
        };
        let mut pointer = String::new();
        if !matches!(self.what, What::Syntax(_)) {
            self.steps.iter().rev().for_each(|step| push_step(&mut pointer, step));
        }
        let detail = format!("{what} at line {line} column {column}");
        JsonError { too_deep: matches!(self.what, What::TooDeep), detail, pointer }
    }
}

/// The first name that occurs a second time.
fn repeated_name<'m>(members: &'m [(Cow<'_, str>, Node<'_>)]) -> Option<&'m str> {
    if members.len() <= PAIRWISE_MEMBERS {
        let earlier = |i: usize| members[..i].iter().any(|(name, _)| *name == members[i].0);
        return (1..members.len()).find(|&i| earlier(i)).map(|i| &*members[i].0);
    }
    let mut seen = HashSet::with_capacity(members.len());
    members.iter().map(|(name, _)| &**name).find(|name| !seen.insert(*name))
}
