//! A JSON object written member by member into a buffer.
//!
//! For events and rows, which are written by the million: no shape is filled first.

use uuid::Uuid;

use super::write_string;
use crate::{Instant, JsonView};

/// An object that is open until [`end`](Self::end).
pub struct ObjectWriter<'o> {
    out: &'o mut Vec<u8>,
    is_empty: bool,
}

impl<'o> ObjectWriter<'o> {
    /// Opens an object behind what the buffer holds.
    #[inline]
    pub fn new(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, is_empty: true }
    }

    /// Closes it.
    #[inline]
    pub fn end(self) {
        self.out.push(b'}');
    }

    /// A string.
    #[inline]
    pub fn text(&mut self, name: &str, text: &str) {
        write_string(text, self.value(name));
    }

    /// A string, or `null`.
    #[inline]
    pub fn optional(&mut self, name: &str, text: Option<&str>) {
        self.or_null(name, text, Self::text);
    }

    /// The member that `write` makes of a value, or `null`.
    #[inline]
    pub fn or_null<T>(
        &mut self,
        name: &str,
        value: Option<T>,
        write: impl FnOnce(&mut Self, &str, T),
    ) {
        match value {
            Some(value) => write(self, name, value),
            None => self.null(name),
        }
    }

    /// A string, or no member.
    #[inline]
    pub fn given(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// `null`.
    #[inline]
    pub fn null(&mut self, name: &str) {
        self.value(name).extend_from_slice(b"null");
    }

    /// `true` or `false`.
    #[inline]
    pub fn boolean(&mut self, name: &str, value: bool) {
        self.value(name).extend_from_slice(if value { b"true" } else { b"false" });
    }

    /// An integer.
    #[inline]
    pub fn number(&mut self, name: &str, value: impl itoa::Integer) {
        self.value(name).extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }

    /// A UUID, hyphenated and in small letters.
    #[inline]
    pub fn uuid(&mut self, name: &str, id: &Uuid) {
        let mut room = Uuid::encode_buffer();
        quoted(id.hyphenated().encode_lower(&mut room).as_bytes(), self.value(name));
    }

    /// A moment as RFC 3339, UTC, with microseconds.
    #[inline]
    pub fn moment(&mut self, name: &str, at: Instant) {
        quoted(&at.text(), self.value(name));
    }

    /// JSON as it was given, on one line: within strings line ends are escaped, so those that are
    /// there are white space, and become blanks.
    pub fn json(&mut self, name: &str, json: JsonView<'_>) {
        let out = self.value(name);
        let from = out.len();
        out.extend_from_slice(json.as_str().trim().as_bytes());
        // Every byte is written again, so that it is done many at a time.
        for byte in &mut out[from..] {
            *byte = if matches!(*byte, b'\n' | b'\r') { b' ' } else { *byte };
        }
    }

    /// An object that has to be ended before this one goes on.
    #[inline]
    pub fn object(&mut self, name: &str) -> ObjectWriter<'_> {
        ObjectWriter::new(self.value(name))
    }

    /// An array of objects; `write` adds the members of one.
    pub fn objects<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        write: impl FnMut(T, &mut ObjectWriter<'_>),
    ) {
        write_objects(items, write, self.value(name));
    }

    /// The name; its value has to be put behind it. Names need no escape.
    #[inline]
    pub(crate) fn value(&mut self, name: &str) -> &mut Vec<u8> {
        let out = &mut *self.out;
        // Names are literals: inlined, all of this is a few stores.
        out.reserve(name.len() + 4);
        if !std::mem::take(&mut self.is_empty) {
            out.push(b',');
        }
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        out
    }
}

/// Appends an array of objects; `write` adds the members of one.
pub fn write_objects<T>(
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(T, &mut ObjectWriter<'_>),
    out: &mut Vec<u8>,
) {
    out.push(b'[');
    for (number, item) in items.into_iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        let mut object = ObjectWriter::new(out);
        write(item, &mut object);
        object.end();
    }
    out.push(b']');
}

#[inline]
fn quoted(text: &[u8], out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::JsonText;

    fn written(write: impl FnOnce(&mut ObjectWriter<'_>)) -> String {
        let mut out = Vec::new();
        let mut object = ObjectWriter::new(&mut out);
        write(&mut object);
        object.end();
        String::from_utf8(out).unwrap()
    }

    proptest! {
        /// Any characters, those that need an escape among them.
        #[test]
        fn writes_texts_as_serde_json_does(text in "(?s)[\\x00-\\x7f]{0,8}.{0,8}") {
            let expected = format!("{{\"a\":{}}}", serde_json::to_string(&text).unwrap());
            prop_assert_eq!(written(|object| object.text("a", &text)), expected);
        }
    }

    #[test]
    fn writes_every_kind_of_member() {
        let id = Uuid::from_u128(0x0193_0000_0000_7000_8000_00AB_CDEF_0123);
        let at = Instant::parse("2026-10-25T01:30:00.000123Z").unwrap();
        let given = JsonText::parse(" {\"a\":\r\n[1.50, \"\\n\"]} ").unwrap();
        let text = written(|object| {
            object.optional("none", None);
            object.given("absent", None);
            object.boolean("yes", true);
            object.number("least", i64::MIN);
            object.number("most", u64::MAX);
            object.uuid("id", &id);
            object.moment("at", at);
            object.json("given", given.view());
            let mut inner = object.object("inner");
            inner.text("b", "c");
            inner.end();
            object.objects("list", [1_u64, 2], |n, item| item.number("n", n));
            object.objects("nothing", [(); 0], |(), _| {});
        });
        assert!(text.contains(r#""given":{"a":  [1.50, "\n"]},"#), "{text}");
        let value: Value = serde_json::from_str(&text).unwrap();
        let expected = json!({
            "none": null, "yes": true, "least": i64::MIN, "most": u64::MAX,
            "id": "01930000-0000-7000-8000-00abcdef0123", "at": "2026-10-25T01:30:00.000123Z",
            "given": {"a": [1.5, "\n"]}, "inner": {"b": "c"},
            "list": [{"n": 1}, {"n": 2}], "nothing": [],
        });
        assert_eq!(value, expected);
    }
}
