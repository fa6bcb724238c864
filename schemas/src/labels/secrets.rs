//! Values that must not be recorded: replaced before an event leaves for the log.

use super::Labels;
use crate::event_json::parse_document;
use crate::json::{Node, Value};
use crate::{Event, FieldPath, JsonText, Limits};

/// What stands in the place of a secret, as JSON.
const MASK: &str = "\"••••\"";

impl Labels {
    /// Replaces the values of the fields that are secret under the event's action, in its changes
    /// and in its metadata: each by `"••••"`, whatever it was. Null stays, which says that there
    /// was none. The rest stays as it is, byte for byte. Answers how many values were replaced.
    pub fn mask(&self, event: &mut Event) -> usize {
        let secrets = match self.entry(&event.action) {
            Some(entry) if !entry.secrets.is_empty() => &entry.secrets,
            _ => return 0,
        };
        let mut masked = 0;
        for change in &mut event.changes {
            let path = path_of(&change.path);
            for value in [&mut change.before, &mut change.after] {
                masked += mask(value, &path, secrets);
            }
        }
        masked + mask(&mut event.metadata, &FieldPath::parse(""), secrets)
    }
}

/// `/` is what a change of the whole resource may be called, not only a field without a name.
fn path_of(text: &str) -> FieldPath {
    FieldPath::parse(if text == "/" { "" } else { text })
}

/// Masks what is secret in the value of the field at this path.
fn mask(value: &mut Option<JsonText>, path: &FieldPath, secrets: &[FieldPath]) -> usize {
    let Some(text) = value.as_ref().map(JsonText::as_str) else { return 0 };
    let below: Vec<_> =
        secrets.iter().filter_map(|secret| below(path.parts(), secret.parts())).collect();
    if below.is_empty() {
        return 0;
    }
    let Ok(node) = parse_document(text, Limits::HARD.depth) else { return 0 };
    let mut found = Vec::new();
    below.into_iter().for_each(|below| find(&node, below, &mut found));
    // A secret may lie within another one, and be told twice: the outer one stands for both.
    found.sort_by_key(|part| (part.as_ptr(), std::cmp::Reverse(part.len())));
    let mut end = std::ptr::null();
    found.retain(|part| {
        let is_outer = part.as_ptr() >= end;
        end = if is_outer { part.as_bytes().as_ptr_range().end } else { end };
        is_outer
    });
    if found.is_empty() {
        return 0;
    }
    let (count, masked) = (found.len(), replaced(text, &found));
    *value = Some(JsonText::new_checked(masked));
    count
}

/// What of a secret's path is left below a field's: nothing of a field that lies within the secret;
/// `None` if the two have nothing to do with each other. A field may be an item of a list of which
/// the secret tells no index.
fn below<'s>(path: &[String], secret: &'s [String]) -> Option<&'s [String]> {
    let mut left = secret;
    for part in path {
        match left.split_first() {
            None => break,
            Some((first, rest)) if first == part => left = rest,
            Some(_) if part.parse::<usize>().is_ok() => {}
            Some(_) => return None,
        }
    }
    Some(left)
}

/// Finds the texts of the values at a path within one. In a list that is not told an index, those
/// of all items.
fn find<'a>(node: &Node<'a>, path: &[String], found: &mut Vec<&'a str>) {
    match (path.split_first(), &node.value) {
        (_, Value::Null) => {}
        (None, _) => found.extend((node.text != MASK).then_some(node.text)),
        (Some((name, rest)), Value::Object(_)) => {
            if let Some(member) = node.get(name) {
                find(member, rest, found);
            }
        }
        (Some((index, rest)), Value::Array(items)) => match index.parse::<usize>() {
            Ok(index) => items.get(index).into_iter().for_each(|item| find(item, rest, found)),
            Err(_) => items.iter().for_each(|item| find(item, path, found)),
        },
        (Some(_), _) => {}
    }
}

/// The text with these parts of it, which ascend, replaced by the mask.
fn replaced(text: &str, parts: &[&str]) -> String {
    let (mut masked, mut taken) = (String::with_capacity(text.len()), 0);
    for part in parts {
        let start = part.as_ptr() as usize - text.as_ptr() as usize;
        masked.push_str(&text[taken..start]);
        masked.push_str(MASK);
        taken = start + part.len();
    }
    masked.push_str(&text[taken..]);
    masked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Change, parse_event};

    fn labels() -> Labels {
        Labels::parse(
            r#"{"source.updated": {"secret": ["password", "auth.tokens[0]", "keys.private"],
                "aliases": ["source.edited"]}}"#,
        )
        .unwrap()
    }

    fn event(action: &str, changes: &[(&str, &str, &str)], metadata: &str) -> Event {
        let json =
            format!(r#"{{"workspace_id":"acme","action":"{action}","metadata":{metadata}}}"#);
        let mut event = parse_event(json.as_bytes(), &Limits::HARD, uuid::Uuid::nil).unwrap();
        let text = |json: &str| Some(JsonText::parse(json).unwrap());
        let change = |(path, before, after): &(&str, &str, &str)| Change {
            path: (*path).to_owned(),
            before: text(before),
            after: text(after),
        };
        event.changes = changes.iter().map(change).collect();
        event
    }

    fn values(event: &Event) -> Vec<String> {
        let values = event.changes.iter().flat_map(|change| [&change.before, &change.after]);
        values.chain([&event.metadata]).flatten().map(|text| text.as_str().to_owned()).collect()
    }

    #[test]
    fn a_secret_field_is_masked_wherever_it_stands() {
        let changes = [
            ("password", r#""old""#, r#""new""#),
            ("/password", "null", r#"{"hash":"x"}"#),
            ("auth", r#"{"tokens":["a","b"],"user":"ana"}"#, "1"),
            ("auth.tokens[0]", r#""a""#, r#""b""#),
            ("keys", r#"[{"private":"a","public":"b"},{"private":"c"}]"#, r#""none""#),
            ("keys[1].private", "1", "2"),
            ("/keys/0", r#"{"private":"a"}"#, "null"),
            ("/", r#"{"password":"a"}"#, "null"),
            ("name", r#""password""#, r#""Postgres""#),
        ];
        let mut event = event("source.updated", &changes, r#"{"password":"x","host":"h"}"#);
        assert_eq!(labels().mask(&mut event), 13);
        let mask = r#""••••""#;
        let expected = [
            mask,
            mask,
            "null",
            mask,
            r#"{"tokens":["••••","b"],"user":"ana"}"#,
            "1",
            mask,
            mask,
            r#"[{"private":"••••","public":"b"},{"private":"••••"}]"#,
            r#""none""#,
            mask,
            mask,
            r#"{"private":"••••"}"#,
            "null",
            r#"{"password":"••••"}"#,
            "null",
            r#""password""#,
            r#""Postgres""#,
            r#"{"password":"••••","host":"h"}"#,
        ];
        assert_eq!(values(&event), expected);
        assert_eq!(labels().mask(&mut event), 0, "once is enough");
    }

    #[test]
    fn a_secret_within_another_is_masked_with_it() {
        let text = r#"{"s": {"secret": ["auth.password", "auth", "name", "auth.password"]}}"#;
        let metadata = r#"{"auth":{"password":"x","user":"y"},"name":"z","port":1}"#;
        let mut event = event("s", &[("auth.password", "1", "2")], metadata);
        assert_eq!(Labels::parse(text).unwrap().mask(&mut event), 4);
        let mask = r#""••••""#;
        let metadata = r#"{"auth":"••••","name":"••••","port":1}"#;
        assert_eq!(values(&event), [mask, mask, metadata]);
    }

    #[test]
    fn other_actions_and_other_fields_stay_as_they_are_byte_for_byte() {
        let changes = [("port", "10000000000000000000000001", "1.0")];
        for action in ["source.updated", "user.updated"] {
            let mut event = event(action, &changes, r#"{ "pass": 1.00 }"#);
            let before = event.clone();
            assert_eq!(labels().mask(&mut event), 0);
            assert_eq!(event, before);
        }
    }

    #[test]
    fn an_alias_has_the_secrets_of_its_key() {
        let mut event = event("source.edited", &[("password", "1", "2")], "{}");
        assert_eq!(labels().mask(&mut event), 2);
    }
}
