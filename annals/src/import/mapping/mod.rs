//! What the columns of an old audit table mean (docs/IMPORT.md): from a row to event JSON.
//!
//! Guarantees: nothing is guessed; a column that is not there, a text that has no meaning, a time
//! that there was not are errors that name it. Deliberately not here: reading CSV, and what an
//! event is (`parse_event` judges what comes out).

mod leaf;
mod moment;
mod spec;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use annals_ingest::EventBuilder;
use annals_schemas::{Event, Limits, parse_event_value};
use serde_json::{Map, Value};
use uuid::Uuid;

use self::leaf::Row;
use self::spec::Node;
pub(super) use self::spec::Spec;
use crate::exit::Failure;
use crate::sink::describe;

/// A map that fits a table.
#[derive(Debug)]
pub(super) struct Mapping {
    spec: Spec,
    columns: Vec<String>,
    /// Columns that nothing in the map names.
    rest: Vec<usize>,
}

impl Mapping {
    /// Reads the text of a map.
    pub(super) fn parse(text: &str) -> Result<Spec, Failure> {
        Spec::parse(text).map_err(|error| Failure::usage(format!("the map: {error}")))
    }

    /// The map for a table with these columns.
    pub(super) fn of(spec: &Spec, columns: Vec<String>) -> Result<Self, Failure> {
        let mut named = BTreeSet::new();
        spec.event.columns(&mut named);
        for name in &named {
            if !columns.contains(name) {
                let there = columns.join(", ");
                return Err(Failure::usage(format!(
                    "the map names the column `{name}`, and the table has: {there}"
                )));
            }
        }
        let rest = columns.iter().enumerate().filter(|(_, column)| !named.contains(*column));
        let rest = rest.map(|(at, _)| at).collect();
        Ok(Self { spec: spec.clone(), columns, rest })
    }

    /// The columns that do not get into any event.
    pub(super) fn left_out(&self) -> Vec<&str> {
        let rest = if self.spec.keep_rest { &[][..] } else { &self.rest };
        rest.iter().map(|&at| self.columns[at].as_str()).collect()
    }

    /// The event of a row; the error says what is wrong with it.
    pub(super) fn event(&self, fields: &[&str]) -> Result<Event, String> {
        let row = Row { columns: &self.columns, fields };
        let Some(Value::Object(mut members)) = self.value(&self.spec.event, &row)? else {
            return Err("nothing of it is an event".to_owned());
        };
        let changes = members.remove("changes");
        if self.spec.keep_rest {
            self.add_rest(&row, &mut members)?;
        }
        let json = Value::Object(members);
        let parsed = parse_event_value(&json, &Limits::HARD, Uuid::now_v7);
        let mut event = parsed.map_err(|violation| describe(&violation))?;
        if let Some(states) = changes {
            let builder = EventBuilder::new("changes", "changes").map_err(|e| e.to_string())?;
            let changed = builder.changed(&states["before"], &states["after"]);
            event.changes = changed.map_err(|error| format!("/changes: {error}"))?.build().changes;
        }
        Ok(event)
    }

    fn add_rest(&self, row: &Row<'_>, members: &mut Map<String, Value>) -> Result<(), String> {
        let metadata = members.entry("metadata").or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(metadata) = metadata else {
            return Err("/metadata: it is no object, and the rest goes there".to_owned());
        };
        for &at in &self.rest {
            if let Some(text) = row.field(at) {
                metadata.entry(self.columns[at].clone()).or_insert_with(|| text.into());
            }
        }
        Ok(())
    }

    /// What a node is in this row; `None` if nothing of it is there.
    fn value(&self, node: &Node, row: &Row<'_>) -> Result<Option<Value>, String> {
        match node {
            Node::Leaf(leaf) => leaf.value(row),
            Node::Object(members) => {
                let mut object = Map::new();
                let mut is_there = false;
                for (name, member) in members {
                    if let Some(value) = self.value(member, row)? {
                        is_there |= !member.is_constant();
                        object.insert(name.clone(), value);
                    }
                }
                Ok(is_there.then_some(Value::Object(object)))
            }
            Node::List(items) => {
                let mut list = Vec::new();
                for item in items {
                    list.extend(self.value(item, row)?);
                }
                Ok((!list.is_empty()).then_some(Value::Array(list)))
            }
        }
    }
}
