//! The canonical form of a JSON value (RFC 8785, integers of 64 bits kept exact).

use std::io::Write;

use super::number::write_canonical_number;
use super::{Node, Value};

/// Appends the canonical form: members sorted by UTF-16 code units, no white space, one spelling of
/// each number and string.
pub(crate) fn write_canonical(node: &Node<'_>, out: &mut Vec<u8>) {
    match &node.value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::Number(literal) => write_canonical_number(literal, out),
        Value::String(text) => write_string(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_canonical(item, out);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push(b'{');
            for (i, (name, member)) in sorted.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_string(name, out);
                out.push(b':');
                write_canonical(member, out);
            }
            out.push(b'}');
        }
    }
}

/// Appends a string literal with RFC 8785's escapes.
pub(crate) fn write_string(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    write_escaped(text, out);
    out.push(b'"');
}

/// Not 0 if any byte of a word needs an escape: a control character, a quote or a backslash. Of
/// bytes below a limit the difference to it has the highest bit (Hacker's Delight, 6-1); a borrow
/// only goes on from a byte that was found.
fn escaped(word: u64) -> u64 {
    const EACH: u64 = u64::MAX / 0xff;
    let below = |word: u64, limit: u64| word.wrapping_sub(EACH * limit) & !word & (EACH << 7);
    let is = |byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
    below(word, 0x20) | is(b'"') | is(b'\\')
}

fn write_escaped(text: &str, out: &mut Vec<u8>) {
    let text = text.as_bytes();
    let is_escaped = |byte: u8| (byte < 0x20) | (byte == b'"') | (byte == b'\\');
    // Most texts need no escape.
    let has_escaped = match text.last_chunk::<8>() {
        Some(last) => {
            let words = text.as_chunks::<8>().0.iter().chain([last]);
            words.fold(0, |found, word| found | escaped(u64::from_le_bytes(*word))) != 0
        }
        None => text.iter().any(|byte| is_escaped(*byte)),
    };
    if !has_escaped {
        return out.extend_from_slice(text);
    }
    let mut from = 0;
    for (at, &byte) in text.iter().enumerate().filter(|(_, byte)| is_escaped(**byte)) {
        out.extend_from_slice(&text[from..at]);
        from = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            control => {
                // Writing to memory cannot fail.
                let _ = write!(out, "\\u{control:04x}");
            }
        }
    }
    out.extend_from_slice(&text[from..]);
}
