//! Settings from a TOML file, with their lines.

use super::error::{ConfigError, Origin};
use super::known::{Kind, Known};
use super::settings::{Setting, Settings};
use serde::Deserialize;
use std::path::Path;
use toml::de::{DeTable, DeValue, ValueDeserializer};
use toml::{Spanned, Table, Value};

/// A configuration larger than this is none.
const MAX_BYTES: u64 = 1024 * 1024;

/// A file being read.
struct Source<'a> {
    path: &'a Path,
    text: &'a str,
    known: &'a Known,
}

/// Adds the file's settings.
pub(super) fn read(path: &Path, known: &Known, into: &mut Settings) -> Result<(), ConfigError> {
    let text = read_text(path)
        .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    let source = Source { path, text: &text, known };
    let table = DeTable::parse(&text).map_err(|error| source.syntax(&error))?;
    source.add("", table.get_ref(), into)
}

fn read_text(path: &Path) -> std::io::Result<String> {
    if std::fs::metadata(path)?.len() > MAX_BYTES {
        return Err(std::io::Error::other("larger than 1 MiB"));
    }
    std::fs::read_to_string(path)
}

impl Source<'_> {
    /// Walks down to the known keys; what leads nowhere is refused.
    fn add(
        &self,
        section: &str,
        table: &DeTable<'_>,
        into: &mut Settings,
    ) -> Result<(), ConfigError> {
        for (name, value) in table {
            let name_text: &str = name.get_ref();
            let key = if section.is_empty() {
                name_text.to_owned()
            } else {
                format!("{section}.{name_text}")
            };
            let origin = self.origin(name.span().start);
            match (self.known.find(&key), value.get_ref()) {
                (None, DeValue::Table(inner)) if self.known.has_section(&key) => {
                    self.add(&key, inner, into)?;
                }
                (found, _) => {
                    let mut value = self.value(value)?;
                    if found.is_some_and(|found| found.kind == Kind::Properties) {
                        value = flatten(value);
                    }
                    into.put(&key, Setting { value, origin }, self.known)?;
                }
            }
        }
        Ok(())
    }

    fn value(&self, value: &Spanned<DeValue<'_>>) -> Result<Value, ConfigError> {
        let reader = ValueDeserializer::from(value.clone());
        Value::deserialize(reader).map_err(|error| self.syntax(&error))
    }

    fn origin(&self, byte: usize) -> Origin {
        let before = self.text.get(..byte).unwrap_or(self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        Origin::File { path: self.path.to_owned(), line }
    }

    fn syntax(&self, error: &toml::de::Error) -> ConfigError {
        let origin = self.origin(error.span().map_or(0, |span| span.start));
        ConfigError::Syntax { origin, message: error.message().replace('\n', ", ") }
    }
}

/// `sasl.mechanism = "PLAIN"` means the property `sasl.mechanism`, not a table `sasl`.
fn flatten(value: Value) -> Value {
    fn collect(prefix: &str, table: Table, into: &mut Table) {
        for (name, value) in table {
            let name = format!("{prefix}{name}");
            match value {
                Value::Table(inner) => collect(&format!("{name}."), inner, into),
                // librdkafka takes every property as text.
                Value::Integer(_) | Value::Boolean(_) => {
                    into.insert(name, Value::String(value.to_string()));
                }
                other => {
                    into.insert(name, other);
                }
            }
        }
    }
    let Value::Table(table) = value else { return value };
    let mut flat = Table::new();
    collect("", table, &mut flat);
    Value::Table(flat)
}
