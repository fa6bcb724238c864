//! From rows of an old table to events.

use super::*;

const MAP: &str = r#"
delimiter = ";"
keep_rest = true
[event]
workspace_id = "tenant"
event_id = { source = "old-audit", column = "id" }
occurred_at = { column = "at", epoch = "seconds" }
action = { column = "verb", values = { EDIT = "segment.updated", DEL = "segment.deleted" } }
outcome = { value = "success" }
changes = { before = "old", after = "new" }
[event.actor]
kind = { value = "user" }
id = "user"
[[event.resources]]
type = { value = "segment" }
id = "segment"
name = "segment_name"
[event.metadata]
details = { column = "details", json = true }
summary = { template = "{verb} by {user}" }
"#;
const COLUMNS: [&str; 11] = [
    "id",
    "tenant",
    "at",
    "verb",
    "user",
    "segment",
    "segment_name",
    "old",
    "new",
    "details",
    "note",
];

fn columns() -> Vec<String> {
    COLUMNS.iter().map(|column| (*column).to_owned()).collect()
}

fn mapping() -> Mapping {
    Mapping::of(&Mapping::parse(MAP).unwrap(), columns()).unwrap()
}

#[test]
fn a_row_is_an_event_with_all_that_it_tells() {
    let row = [
        "17",
        "acme",
        "1",
        "EDIT",
        "u1",
        "s9",
        "VIP",
        r#"{"a":1,"b":2}"#,
        r#"{"a":1,"b":3}"#,
        r#"{"x":[1]}"#,
        "by phone",
    ];
    let event = mapping().event(&row).unwrap();
    let json = event.to_json();
    assert_eq!(json["workspace_id"], "acme");
    assert_eq!(json["action"], "segment.updated");
    assert_eq!(json["occurred_at"], "1970-01-01T00:00:01.000000Z");
    assert_eq!(json["actor"]["id"], "u1");
    assert_eq!(json["resources"][0]["name"], "VIP");
    let changes = serde_json::json!([{"path": "b", "before": 2, "after": 3}]);
    assert_eq!(json["changes"], changes);
    let metadata = serde_json::json!(
        {"details": {"x": [1]}, "summary": "EDIT by u1", "note": "by phone"}
    );
    assert_eq!(json["metadata"], metadata);
    assert_eq!(mapping().event(&row).unwrap().event_id, event.event_id, "the same every time");
}

#[test]
fn empty_fields_are_absent_and_constants_alone_make_nothing() {
    let row = ["1", "acme", "", "DEL", "", "", "", "", "", "", ""];
    let event = mapping().event(&row).unwrap();
    assert!(event.resources.is_empty() && event.changes.is_empty());
    assert_eq!((event.occurred_at, event.actor.principal.id), (None, None));
    let metadata = event.metadata.unwrap();
    assert_eq!(metadata.as_str().replace(' ', ""), r#"{"summary":"DELby"}"#);
}

#[test]
fn what_a_row_cannot_mean_is_refused_by_name() {
    let good = ["1", "acme", "1", "EDIT", "u1", "s9", "VIP", "", "", "", ""];
    let cases = [
        (3, "MOVE", "`MOVE` has no meaning"),
        (2, "noon", "column `at`"),
        (9, "{", "column `details` holds no JSON"),
        (7, "{", "column `old` holds no JSON"),
        (1, "", "/workspace_id"),
    ];
    for (at, text, expected) in cases {
        let mut row = good;
        row[at] = text;
        let error = mapping().event(&row).unwrap_err();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn a_map_that_cannot_be_is_refused_at_the_start() {
    let wrong = [
        ("[event]\nworkspace_id = 1", "no column"),
        ("[event]\nworkspace_id = { column = \"a\", value = \"b\" }", "exclude"),
        ("[event]\nworkspace_id = { column = \"a\", typo = \"b\" }", "typo"),
        ("[event]\naction = { template = \"{a\" }", "does not end"),
        ("delimiter = \";;\"\n[event]", "not one character"),
        ("typo = 1\n[event]", "typo"),
        ("", "event"),
    ];
    for (text, expected) in wrong {
        let error = format!("{:?}", Mapping::parse(text).unwrap_err());
        assert!(error.contains(expected), "{text}: {error}");
    }
    let spec = Mapping::parse("[event]\nworkspace_id = \"nowhere\"").unwrap();
    let error = format!("{:?}", Mapping::of(&spec, columns()).unwrap_err());
    assert!(error.contains("`nowhere`"), "{error}");
}

#[test]
fn columns_that_nothing_names_are_told_unless_they_are_kept() {
    assert!(mapping().left_out().is_empty());
    let without = MAP.replace("keep_rest = true", "");
    let mapping = Mapping::of(&Mapping::parse(&without).unwrap(), columns()).unwrap();
    assert_eq!(mapping.left_out(), ["note"]);
}
