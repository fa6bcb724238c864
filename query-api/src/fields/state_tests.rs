//! States of fields, event by event.
#![allow(clippy::needless_pass_by_value, reason = "JSON is written where it is used")]

use annals_schemas::{Limits, parse_event};
use serde_json::json;

use super::*;

fn event(action: &str, changes: Value) -> Event {
    let text = json!({"workspace_id": "acme", "action": action, "changes": changes}).to_string();
    parse_event(text.as_bytes(), &Limits::HARD, uuid::Uuid::new_v4).unwrap()
}

fn values(states: &FieldStates) -> Value {
    serde_json::to_value(states.values()).unwrap()
}

#[test]
fn the_last_change_before_counts_and_the_first_after_tells_what_was_there() {
    let mut states = FieldStates::default();
    states.before(&event("segment.created", json!([{"path": "name", "after": "A"}])));
    states.before(&event(
        "segment.updated",
        json!([
            {"path": "name", "before": "A", "after": "B"},
            {"path": "note", "before": "x"},
        ]),
    ));
    states.after(&event(
        "segment.updated",
        json!([
            {"path": "name", "before": "B", "after": "C"},
            {"path": "size", "before": 12_345_678_901_234_567_890_u64, "after": 2},
            {"path": "owner", "after": "u1"},
        ]),
    ));
    states.after(&event("segment.updated", json!([{"path": "size", "before": 2, "after": 3}])));
    assert_eq!(values(&states), json!({"name": "B", "size": 12_345_678_901_234_567_890_u64}));
    assert_eq!(states.unknown(), BTreeSet::from(["owner".to_owned()]));
    assert_eq!(states.exists(), Some(true));
}

#[test]
fn a_change_within_a_value_changes_it_there() {
    let mut states = FieldStates::default();
    let filter = json!({"country": ["FR", "DE"], "age": 7});
    states.before(&event("segment.updated", json!([{"path": "filter.age", "after": 1}])));
    states.before(&event("segment.updated", json!([{"path": "filter", "after": filter}])));
    states.before(&event(
        "segment.updated",
        json!([
            {"path": "filter.country[1]", "before": "DE", "after": "PL"},
            {"path": "/filter/age", "before": 7},
        ]),
    ));
    assert_eq!(values(&states), json!({"filter": {"country": ["FR", "PL"]}}));
}

#[test]
fn existence_follows_creations_and_deletions() {
    let mut states = FieldStates::default();
    assert_eq!(states.exists(), None);
    states.before(&event("segment.created", json!([{"path": "a", "after": 1}])));
    states.before(&event("segment.deleted", json!([])));
    assert_eq!((states.exists(), values(&states)), (Some(false), json!({"a": 1})));
    states.before(&event("segment.created", json!([{"path": "b", "after": 2}])));
    assert_eq!((states.exists(), values(&states)), (Some(true), json!({"b": 2})));
    let mut states = FieldStates::default();
    states.after(&event("segment.created", json!([{"path": "a", "after": 1}])));
    assert_eq!((states.exists(), values(&states)), (Some(false), json!({})));
    let mut states = FieldStates::default();
    states.after(&event("segment.updated", json!([])));
    assert_eq!(states.exists(), Some(true));
}
