//! JSON Schemas of actions, as `actions.json` has them: what an event of an action has to look like
//! beside what every event has to.
//!
//! Guarantees: a schema that cannot be used is told when the file is read; nothing is fetched for
//! one; patterns take time in proportion to the text. What is told of a fault never holds a value:
//! it may be a secret. Deliberately not here: the fold, which takes whatever is an event.

use std::collections::HashMap;
use std::sync::Arc;

use annals_schemas::{Event, FieldError, Labels, MAX_FIELD_ERRORS};
use jsonschema::{PatternOptions, Validator};
use parking_lot::Mutex;
use serde_json::Value;

/// The schemas of one `actions.json`, ready for use.
#[derive(Debug, Default)]
pub struct ActionSchemas {
    /// By the action's key, not its aliases.
    by_action: HashMap<String, Validator>,
}

/// A schema that is none, or needs what is not there.
#[derive(Debug, thiserror::Error)]
#[error("action `{action}`: its schema cannot be used: {detail}")]
pub struct InvalidActionSchema {
    action: String,
    detail: String,
}

impl ActionSchemas {
    /// Makes them ready. A schema may refer to itself and to the drafts of JSON Schema.
    ///
    /// # Errors
    /// The first action whose schema cannot be used.
    pub fn compile(actions: &Labels) -> Result<Self, InvalidActionSchema> {
        let mut by_action = HashMap::new();
        for entry in actions.iter() {
            let Some(schema) = &entry.schema else { continue };
            let options = jsonschema::options().with_pattern_options(PatternOptions::regex());
            let compiled = options.build(schema).map_err(|error| InvalidActionSchema {
                action: entry.action.clone(),
                detail: format!("{error} at {:?}", error.instance_path().as_str()),
            })?;
            by_action.insert(entry.action.clone(), compiled);
        }
        Ok(Self { by_action })
    }

    /// Holds an event, as event JSON has it, against the schema of its action, if that has one. The
    /// action may be given by an alias.
    ///
    /// # Errors
    /// Every fault with its place, up to the usual number.
    pub fn check(&self, actions: &Labels, event: &Event) -> Result<(), Vec<FieldError>> {
        if self.by_action.is_empty() {
            return Ok(());
        }
        let key = actions.entry(&event.action).map(|entry| entry.action.as_str());
        let Some(schema) = key.and_then(|key| self.by_action.get(key)) else { return Ok(()) };
        let json = given(event);
        let faults = schema.iter_errors(&json).map(|error| FieldError {
            pointer: error.instance_path().as_str().to_owned(),
            detail: error.masked().to_string(),
        });
        let faults: Vec<_> = faults.take(MAX_FIELD_ERRORS).collect();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

/// The event JSON with the members that were given. The rest are `null` in it, which a schema would
/// take for a value: what it requires would always be there.
fn given(event: &Event) -> Value {
    let mut json = event.to_json();
    without_nulls(&mut json);
    for part in ["actor", "context"] {
        without_nulls(&mut json[part]);
    }
    if let Some(on_behalf_of) = json["actor"].get_mut("on_behalf_of") {
        without_nulls(on_behalf_of);
    }
    json["resources"].as_array_mut().into_iter().flatten().for_each(without_nulls);
    json
}

fn without_nulls(json: &mut Value) {
    if let Some(members) = json.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
}

/// The schemas of the `actions.json` of the moment, made ready once for each.
#[derive(Default)]
pub(super) struct CurrentSchemas(Mutex<Option<(Arc<Labels>, Arc<ActionSchemas>)>>);

impl CurrentSchemas {
    /// Those of this file. Whoever reads one refuses schemas that cannot be used; should one come
    /// here all the same, the file has none, and the log says so.
    pub(super) fn of(&self, actions: &Arc<Labels>) -> Arc<ActionSchemas> {
        let mut current = self.0.lock();
        if let Some((known, schemas)) = &*current
            && Arc::ptr_eq(known, actions)
        {
            return schemas.clone();
        }
        let schemas = Arc::new(ActionSchemas::compile(actions).unwrap_or_else(|error| {
            tracing::error!(%error, "events are not held against the schemas of their actions");
            ActionSchemas::default()
        }));
        *current = Some((actions.clone(), schemas.clone()));
        schemas
    }
}

#[cfg(test)]
mod tests {
    use annals_schemas::Limits;
    use serde_json::json;

    use super::*;

    fn actions() -> Labels {
        let schema = json!({
            "properties": {
                "resources": {"minItems": 1},
                "metadata": {
                    "properties": {"pin": {"type": "string", "pattern": "^[0-9]{4}$"}},
                    "required": ["pin", "plan"],
                },
            },
            "required": ["metadata"],
        });
        let file = json!({
            "plan.changed": {"schema": schema, "aliases": ["plan.set"]}, "plan.viewed": {},
        });
        Labels::parse(&file.to_string()).unwrap()
    }

    fn check(json: &serde_json::Value) -> Result<(), Vec<FieldError>> {
        let actions = actions();
        let event =
            annals_schemas::parse_event_value(json, &Limits::GATEWAY, uuid::Uuid::nil).unwrap();
        ActionSchemas::compile(&actions).unwrap().check(&actions, &event)
    }

    #[test]
    fn faults_are_told_by_place_and_without_values() {
        for action in ["plan.changed", "plan.set"] {
            let faults = check(&json!({
                "workspace_id": "acme", "action": action, "metadata": {"pin": "secret-9"},
            }))
            .unwrap_err();
            let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(pointers, ["/metadata", "/metadata/pin", "/resources"], "{faults:?}");
            assert!(faults.iter().all(|fault| !fault.detail.contains("secret")), "{faults:?}");
        }
        let good = json!({
            "workspace_id": "acme", "action": "plan.changed",
            "resources": [{"type": "plan", "id": "p1"}], "metadata": {"pin": "1234", "plan": "pro"},
        });
        assert_eq!(check(&good), Ok(()));
        // What was not given, or given as nothing, is not there.
        for metadata in [json!({}), json!(null)] {
            let event = json!({
                "workspace_id": "acme", "action": "plan.changed",
                "resources": [{"type": "plan", "id": "p1"}], "metadata": metadata,
            });
            let faults = check(&event).unwrap_err();
            assert_eq!(faults.len(), 1, "{faults:?}");
        }
        for action in ["plan.viewed", "unknown.action"] {
            assert_eq!(check(&json!({"workspace_id": "acme", "action": action})), Ok(()));
        }
    }

    #[test]
    fn a_schema_that_cannot_be_used_is_told_with_its_action() {
        for (schema, what) in [
            (json!({"type": "no such type"}), "a.b"),
            (json!({"pattern": "("}), "a.b"),
            (json!({"pattern": "(?=x)y"}), "a.b"),
            (json!({"$ref": "http://schemas.example/other.json"}), "a.b"),
        ] {
            let actions = Labels::parse(&json!({"a.b": {"schema": schema}}).to_string()).unwrap();
            let error = ActionSchemas::compile(&actions).unwrap_err().to_string();
            assert!(error.contains(&format!("action `{what}`")), "{error}");
        }
    }

    #[test]
    fn they_are_made_ready_once_for_each_file() {
        let (current, first, second) =
            (CurrentSchemas::default(), Arc::new(actions()), Arc::new(actions()));
        let schemas = current.of(&first);
        assert!(Arc::ptr_eq(&schemas, &current.of(&first)));
        assert!(!Arc::ptr_eq(&schemas, &current.of(&second)));
    }
}
