//! In which fields two states differ.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// A field that differs: its path, and its value on each side that has it.
pub(crate) type Difference<'v> = (String, Option<&'v Value>, Option<&'v Value>);

/// The fields in which two JSON values differ, in the order of their names. Objects are gone into,
/// also where the other side has nothing there, unless they are empty; lists and plain values are
/// compared as a whole. Paths are JSON pointers where a name has a character that means something
/// in a dotted path, else dotted; of the whole value it is `/`.
pub(crate) fn changes_between<'v>(before: &'v Value, after: &'v Value) -> Vec<Difference<'v>> {
    let mut differences = Vec::new();
    collect(&mut Vec::new(), (Some(before), Some(after)), &mut differences);
    differences
}

fn collect<'v>(
    path: &mut Vec<&'v str>,
    sides: (Option<&'v Value>, Option<&'v Value>),
    differences: &mut Vec<Difference<'v>>,
) {
    let fields = |side: Option<&'v Value>| match side {
        Some(Value::Object(fields)) => Some(Some(fields)),
        // A resource that was made or removed: each of its fields was.
        None | Some(Value::Null) => Some(None),
        Some(_) => None,
    };
    match (fields(sides.0), fields(sides.1)) {
        (Some(before), Some(after)) if before.is_some() || after.is_some() => {
            let get =
                |side: Option<&'v Map<String, Value>>, name: &str| side.and_then(|s| s.get(name));
            let keys = |side: Option<&'v Map<String, Value>>| side.into_iter().flat_map(Map::keys);
            let names: BTreeSet<&'v str> =
                keys(before).chain(keys(after)).map(String::as_str).collect();
            if names.is_empty() && sides.0 != sides.1 {
                differences.push((written(path), sides.0, sides.1));
            }
            for name in names {
                path.push(name);
                collect(path, (get(before, name), get(after, name)), differences);
                path.pop();
            }
        }
        _ if sides.0 == sides.1 => {}
        _ => differences.push((written(path), sides.0, sides.1)),
    }
}

fn written(path: &[&str]) -> String {
    let is_plain = |name: &&str| !name.is_empty() && !name.contains(['.', '[', ']', '/']);
    if !path.is_empty() && path.iter().all(is_plain) {
        return path.join(".");
    }
    let mut pointer = String::new();
    path.iter().for_each(|name| annals_schemas::push_step(&mut pointer, name));
    if pointer.is_empty() { "/".to_owned() } else { pointer }
}

#[cfg(test)]
mod tests {
    use annals_schemas::FieldPath;
    use serde_json::json;

    use super::*;

    fn paths(before: &Value, after: &Value) -> Vec<String> {
        changes_between(before, after).into_iter().map(|(path, ..)| path).collect()
    }

    #[test]
    fn objects_are_gone_into_and_lists_are_not() {
        let before = json!({"name": "a", "filter": {"country": ["FR"], "age": 3}, "gone": 1});
        let after = json!({"name": "a", "filter": {"country": ["FR", "DE"], "age": 3}, "new": 1});
        let told = |side: Option<&Value>| side.map(Value::to_string);
        let differences: Vec<_> = changes_between(&before, &after)
            .into_iter()
            .map(|(path, before, after)| (path, told(before), told(after)))
            .collect();
        let text = |json: &str| Some(json.to_owned());
        let expected = [
            ("filter.country".to_owned(), text(r#"["FR"]"#), text(r#"["FR","DE"]"#)),
            ("gone".to_owned(), text("1"), None),
            ("new".to_owned(), None, text("1")),
        ];
        assert_eq!(differences, expected);
        assert!(paths(&before, &before).is_empty());
    }

    #[test]
    fn of_what_was_made_or_removed_every_field_is_told() {
        let made = json!({"name": "a", "auth": {"password": "x"}});
        assert_eq!(paths(&Value::Null, &made), ["auth.password", "name"]);
        assert_eq!(paths(&made, &Value::Null), ["auth.password", "name"]);
        assert_eq!(paths(&json!({"a": {}}), &json!({"a": null})), ["a"]);
    }

    #[test]
    fn every_path_reads_back_as_the_names_it_was_made_of() {
        for name in ["plain", "with.dot", "a[0]", "a/b", "~", "", "ж"] {
            let at = |value: i32| json!({"outer": {name: value}});
            let [path] = &paths(&at(1), &at(2))[..] else { panic!("one field differs") };
            let mut pointer = "/outer".to_owned();
            annals_schemas::push_step(&mut pointer, name);
            assert_eq!(FieldPath::parse(path).pointer(), pointer, "{name}: {path}");
        }
        assert_eq!(paths(&json!(1), &json!(2)), ["/"]);
    }
}
