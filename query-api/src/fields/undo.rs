//! How an event's changes are undone: a JSON patch (RFC 6902), and what has changed there since.

use annals_schemas::{Change, Event, FieldPath, JsonText, Kind};
use annals_store::Row;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::openapi::OperationName;

/// One operation of a patch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Operation {
    #[schema(value_type = OperationName, inline)]
    op: &'static str,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    value: Option<Box<RawValue>>,
}

/// A later event that touched the same field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Conflict {
    /// The field, as a JSON pointer.
    path: String,
    event_id: String,
    effective_at: String,
    action: String,
}

/// Restores the values before, the last change first.
pub(crate) fn patch(changes: &[Change]) -> Vec<Operation> {
    changes.iter().rev().filter_map(operation).collect()
}

fn operation(change: &Change) -> Option<Operation> {
    let path = FieldPath::parse(&change.path).pointer();
    let raw = |text: &JsonText| RawValue::from_string(text.as_str().to_owned()).ok();
    let (op, value) = match (&change.before, &change.after) {
        (Some(before), Some(_)) => ("replace", Some(raw(before)?)),
        (Some(before), None) => ("add", Some(raw(before)?)),
        (None, Some(_)) => ("remove", None),
        (None, None) => return None,
    };
    Some(Operation { op, path, value })
}

/// Fields that the patch removes though nobody said that they were not there before: only who made
/// the resource knows that of all its fields.
pub(crate) fn uncertain(event: &Event) -> Vec<String> {
    if event.kind() == Kind::Create {
        return Vec::new();
    }
    let is_told = |change: &&Change| change.before.is_some() || change.after.is_none();
    let untold = event.changes.iter().rev().filter(|change| !is_told(change));
    untold.map(|change| FieldPath::parse(&change.path).pointer()).collect()
}

/// What a later event did to the same fields.
pub(crate) fn conflicts(changes: &[Change], later: &Row) -> Vec<Conflict> {
    let mine: Vec<FieldPath> =
        changes.iter().map(|change| FieldPath::parse(&change.path)).collect();
    let paths = later.event.changes.iter().map(|change| FieldPath::parse(&change.path));
    let met = paths.filter(|path| mine.iter().any(|own| own.meets(path)));
    met.map(|path| Conflict {
        path: path.pointer(),
        event_id: later.event_id().to_string(),
        effective_at: later.effective_at.to_string(),
        action: later.event.action.clone(),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use annals_schemas::{Limits, parse_event};
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_patch_restores_what_was_there_last_change_first() {
        let changes = json!([
            {"path": "filter.country", "before": ["FR"], "after": ["FR", "DE"]},
            {"path": "note", "before": null},
            {"path": "owner", "after": "u1"},
            {"path": "nothing"},
        ]);
        let event = event("a.updated", &changes);
        let found: Value = serde_json::to_value(patch(&event.changes)).unwrap();
        let expected = json!([
            {"op": "remove", "path": "/owner"},
            {"op": "add", "path": "/note", "value": null},
            {"op": "replace", "path": "/filter/country", "value": ["FR"]},
        ]);
        assert_eq!(found, expected);
    }

    #[test]
    fn a_field_is_surely_new_only_where_the_resource_is() {
        let changes = json!([
            {"path": "a", "after": 1},
            {"path": "b", "before": null, "after": 1},
            {"path": "c", "before": 1},
            {"path": "d/e", "after": null},
        ]);
        assert_eq!(uncertain(&event("a.updated", &changes)), ["/d~1e", "/a"]);
        assert_eq!(uncertain(&event("a.created", &changes)), [""; 0]);
    }

    fn event(action: &str, changes: &Value) -> Event {
        let event = json!({"workspace_id": "acme", "action": action, "changes": changes});
        parse_event(event.to_string().as_bytes(), &Limits::HARD, uuid::Uuid::new_v4).unwrap()
    }
}
