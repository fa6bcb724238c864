//! The canonical form of a JSON value (RFC 8785, integers of 64 bits kept exact).

use std::io::Write;

use super::number::write_canonical_number;
use super::{Node, Value};
use crate::words::is_unescaped;

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

fn write_escaped(text: &str, out: &mut Vec<u8>) {
    let text = text.as_bytes();
    let is_escaped = |byte: u8| (byte < 0x20) | (byte == b'"') | (byte == b'\\');
    // Most texts need no escape.
    if is_unescaped(text) {
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
