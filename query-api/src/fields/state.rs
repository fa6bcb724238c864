//! The values of a resource's fields at a moment, folded from the changes before it; where there is
//! none, from what the first change after it says was there before.

use std::collections::{BTreeMap, BTreeSet};

use annals_schemas::{Event, FieldPath, JsonText, Kind};
use serde_json::Value;
use serde_json::value::RawValue;

/// What is known of fields.
#[derive(Debug, Default)]
pub(crate) struct FieldStates {
    /// With the name that its last change gave it. No value: known not to be there.
    known: BTreeMap<FieldPath, (String, Option<JsonText>)>,
    unknown: BTreeMap<FieldPath, String>,
    exists: Option<bool>,
}

impl FieldStates {
    /// Takes in the next event up to the moment, oldest first.
    pub(crate) fn before(&mut self, event: &Event) {
        match event.kind() {
            Kind::Create if self.exists == Some(false) => {
                self.known.clear();
                self.exists = Some(true);
            }
            Kind::Delete => self.exists = Some(false),
            Kind::Read if self.exists.is_none() => {}
            _ if self.exists.is_none() || event.kind() == Kind::Create => self.exists = Some(true),
            _ => {}
        }
        for change in &event.changes {
            self.set(&change.path, change.after.clone());
        }
    }

    /// Takes in the next event after the moment, oldest first.
    pub(crate) fn after(&mut self, event: &Event) {
        let is_creation = event.kind() == Kind::Create;
        if self.exists.is_none() {
            self.exists = Some(!is_creation);
        }
        for change in &event.changes {
            let path = FieldPath::parse(&change.path);
            let is_met = |other: &FieldPath| other.meets(&path);
            if self.known.keys().any(is_met) || self.unknown.keys().any(is_met) {
                continue;
            }
            let name = change.path.clone();
            if change.before.is_some() || is_creation {
                self.known.insert(path, (name, change.before.clone()));
            } else {
                // It was not there, or what was there was not recorded: nobody can tell.
                self.unknown.insert(path, name);
            }
        }
    }

    /// Whether the resource existed; `None` if nothing tells.
    pub(crate) fn exists(&self) -> Option<bool> {
        self.exists
    }

    /// Values by the names that producers use.
    pub(crate) fn values(&self) -> BTreeMap<String, Box<RawValue>> {
        let raw = |text: &JsonText| RawValue::from_string(text.as_str().to_owned()).ok();
        let there = self.known.values();
        there.filter_map(|(name, value)| Some((name.clone(), raw(value.as_ref()?)?))).collect()
    }

    /// Fields of which changes speak, but not their value at the moment.
    pub(crate) fn unknown(&self) -> BTreeSet<String> {
        self.unknown.values().cloned().collect()
    }

    fn set(&mut self, name: &str, value: Option<JsonText>) {
        let path = FieldPath::parse(name);
        // A value that holds this field takes the change in.
        let holder = self
            .known
            .iter_mut()
            .find(|(other, (_, value))| **other != path && other.holds(&path) && value.is_some());
        if let Some((other, (_, held))) = holder {
            let changed =
                held.as_ref().and_then(|held| replaced(held, other.below(&path), value.as_ref()));
            if changed.is_some() {
                *held = changed;
                return;
            }
        }
        self.known.retain(|other, _| !path.holds(other));
        self.known.insert(path, (name.to_owned(), value));
    }
}

/// A value in which one place is set or removed; `None` if it has no such place.
fn replaced(held: &JsonText, parts: &[String], value: Option<&JsonText>) -> Option<JsonText> {
    let mut document: Value = serde_json::from_str(held.as_str()).ok()?;
    let (last, parents) = parts.split_last()?;
    let mut place = &mut document;
    for part in parents {
        place = match place {
            Value::Object(members) => members.get_mut(part)?,
            Value::Array(items) => items.get_mut(part.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    let value: Option<Value> = match value {
        Some(text) => Some(serde_json::from_str(text.as_str()).ok()?),
        None => None,
    };
    match (place, value) {
        (Value::Object(members), Some(value)) => drop(members.insert(last.clone(), value)),
        (Value::Object(members), None) => drop(members.remove(last)),
        (Value::Array(items), Some(value)) => {
            let index = last.parse::<usize>().ok().filter(|index| *index <= items.len())?;
            match items.get_mut(index) {
                Some(item) => *item = value,
                None => items.push(value),
            }
        }
        (Value::Array(items), None) => {
            let index = last.parse::<usize>().ok().filter(|index| *index < items.len())?;
            items.remove(index);
        }
        _ => return None,
    }
    JsonText::parse(&document.to_string()).ok()
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
