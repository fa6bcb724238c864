//! In which fields two states differ.

use std::collections::BTreeSet;

use serde_json::Value;

/// A field that differs: its path, and its value on each side that has it.
pub(crate) type Difference<'v> = (String, Option<&'v Value>, Option<&'v Value>);

/// The fields in which two JSON values differ, in the order of their names. Objects are gone into;
/// lists and plain values are compared as a whole. Paths are JSON pointers where a name has a
/// character that means something in a dotted path, else dotted; of the whole value it is `/`.
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
    match sides {
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let names: BTreeSet<&str> =
                before.keys().chain(after.keys()).map(String::as_str).collect();
            for name in names {
                path.push(name);
                collect(path, (before.get(name), after.get(name)), differences);
                path.pop();
            }
        }
        (before, after) if before == after => {}
        (before, after) => differences.push((written(path), before, after)),
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
