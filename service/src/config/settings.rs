//! The settings gathered so far, each with where it came from.

use super::error::{ConfigError, Origin};
use super::known::{Kind, Known};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use toml::{Table, Value};

/// A value and where it came from.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// Settings by dotted key. Properties stand apart, so that a variable can replace one of them.
#[derive(Debug, Default)]
pub(super) struct Settings {
    by_key: BTreeMap<String, Setting>,
}

impl Settings {
    /// Takes a setting over any earlier one of that key, if the key is known and the kind fits.
    pub(super) fn put(
        &mut self,
        key: &str,
        setting: Setting,
        known: &Known,
    ) -> Result<(), ConfigError> {
        let Setting { value, origin } = setting;
        let Some(found) = known.find(key) else {
            let nearest = known.nearest(key);
            return Err(ConfigError::UnknownKey { origin, key: key.to_owned(), nearest });
        };
        if !found.kind.accepts(&value) {
            let message = format!("must be {}, not {}", found.kind.describe(), value.type_str());
            return Err(ConfigError::Invalid { origin, key: key.to_owned(), message });
        }
        let setting = match (found.kind, self.by_key.remove(key), value) {
            (Kind::Properties, Some(earlier), Value::Table(new)) => {
                let mut both = earlier.value.as_table().cloned().unwrap_or_default();
                both.extend(new);
                Setting { value: Value::Table(both), origin }
            }
            (_, _, value) => Setting { value, origin },
        };
        self.by_key.insert(key.to_owned(), setting);
        Ok(())
    }

    /// All settings as one typed value.
    pub(super) fn into_typed<T: DeserializeOwned>(self) -> Result<T, ConfigError> {
        let mut root = Table::new();
        for (key, setting) in &self.by_key {
            insert(&mut root, key, setting.value.clone());
        }
        serde_path_to_error::deserialize(Value::Table(root)).map_err(|error| {
            let key = error.path().to_string();
            let origin = self.origin(&key);
            let message = error.inner().message().trim_end().to_owned();
            ConfigError::Invalid { origin, key, message }
        })
    }

    /// Where the setting that holds `path` came from.
    fn origin(&self, path: &str) -> Origin {
        let inside = |key: &str| {
            path.strip_prefix(key)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let found = self.by_key.iter().find(|(key, _)| inside(key));
        found.map_or(Origin::Missing, |(_, setting)| setting.origin.clone())
    }
}

/// Puts a value at a dotted path, making tables on the way.
fn insert(table: &mut Table, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            table.insert(path.to_owned(), value);
        }
        Some((head, rest)) => {
            let inner = table.entry(head).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}
