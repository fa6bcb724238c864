//! Whether a schema of a registry is the event's: v1, or v1 and fields behind it.
//!
//! Guarantees: what is called an event's is read by the decoder of v1 byte for byte as its own
//! decoder would read those fields. Deliberately not here: Avro's other resolutions (fields in
//! another order, left out, promoted): a schema that needs them is no event's, and is refused as a
//! whole rather than half understood.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::SCHEMA_V1;

/// A longer schema is not looked at.
pub const SCHEMA_MAX_BYTES: usize = 256 * 1024;

/// How values of a schema are read. Kept with the schema for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SchemaReading {
    /// The event, version 1: nothing may follow its fields.
    EventV1,
    /// A later version: what follows the fields of v1 is passed over.
    EventV1AndMore,
    /// Not at all.
    NoEvent,
}

/// How values written with this schema are read; for one that is no event's, also what differs.
pub fn schema_reading(text: &str) -> (SchemaReading, Option<String>) {
    let parsed: Result<Value, _> = serde_json::from_str(text);
    let compared = match &parsed {
        Ok(writer) => compare(writer),
        Err(error) => Err(format!("it is no JSON: {error}")),
    };
    match compared {
        Ok(reading) => (reading, None),
        Err(difference) => (SchemaReading::NoEvent, Some(difference)),
    }
}

fn compare(writer: &Value) -> Result<SchemaReading, String> {
    let own: Value = serde_json::from_str(SCHEMA_V1).expect("a constant is JSON");
    let mut comparison = Comparison::default();
    let (Type::Record(writer), Type::Record(own)) =
        (comparison.writer(writer)?, comparison.own(&own)?)
    else {
        return Err("it is no record".into());
    };
    comparison.names(writer, own, "")?;
    let (written, fields) = (fields(writer)?, fields(own)?);
    for (index, field) in fields.iter().enumerate() {
        let Some(other) = written.get(index) else {
            return Err(format!("field {} is missing", text(field, "name")));
        };
        comparison.field(other, field, "")?;
    }
    match written.len() == fields.len() {
        true => Ok(SchemaReading::EventV1),
        false => Ok(SchemaReading::EventV1AndMore),
    }
}

/// One type of a schema, references followed.
#[derive(Clone, Copy)]
enum Type<'a> {
    Primitive {
        name: &'a str,
        logical: Option<&'a str>,
    },
    Record(&'a Value),
    Enum(&'a Value),
    Array(&'a Value),
    Union(&'a [Value]),
    /// A map or fixed, which no event has.
    Other(&'a str),
}

/// Both schemas, walked side by side; bounded by the event's own.
#[derive(Default)]
struct Comparison<'a, 'b> {
    writers: Names<'a>,
    owns: Names<'b>,
}

/// Named types met so far, by their names without namespace.
#[derive(Default)]
struct Names<'a>(HashMap<&'a str, &'a Value>);

const PRIMITIVES: [&str; 8] =
    ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];

impl<'a> Names<'a> {
    fn resolve(&mut self, schema: &'a Value) -> Result<Type<'a>, String> {
        match schema {
            Value::String(name) => self.by_name(name, None),
            Value::Array(branches) => Ok(Type::Union(branches)),
            Value::Object(_) => match &schema["type"] {
                Value::String(kind) => self.by_kind(kind, schema),
                nested @ (Value::Object(_) | Value::Array(_)) => self.resolve(nested),
                _ => Err("a type has no `type`".into()),
            },
            _ => Err("a type is neither text, list nor object".into()),
        }
    }

    fn by_kind(&mut self, kind: &'a str, schema: &'a Value) -> Result<Type<'a>, String> {
        match kind {
            "record" | "enum" | "fixed" => {
                let name = unqualified(text(schema, "name"));
                if self.0.insert(name, schema).is_some() {
                    return Err(format!("two types are named {name}"));
                }
                Ok(named(kind, schema))
            }
            "array" => Ok(Type::Array(&schema["items"])),
            "map" => Ok(Type::Other("map")),
            name => self.by_name(name, schema["logicalType"].as_str()),
        }
    }

    fn by_name(&self, name: &'a str, logical: Option<&'a str>) -> Result<Type<'a>, String> {
        if PRIMITIVES.contains(&name) {
            return Ok(Type::Primitive { name, logical });
        }
        let known = self.0.get(unqualified(name));
        let schema = known.ok_or_else(|| format!("type {name} is not defined"))?;
        Ok(named(text(schema, "type"), schema))
    }
}

fn named<'a>(kind: &'a str, schema: &'a Value) -> Type<'a> {
    match kind {
        "record" => Type::Record(schema),
        "enum" => Type::Enum(schema),
        other => Type::Other(other),
    }
}

impl<'a, 'b> Comparison<'a, 'b> {
    fn writer(&mut self, schema: &'a Value) -> Result<Type<'a>, String> {
        self.writers.resolve(schema)
    }

    fn own(&mut self, schema: &'b Value) -> Result<Type<'b>, String> {
        self.owns.resolve(schema)
    }

    fn field(&mut self, writer: &'a Value, own: &'b Value, path: &str) -> Result<(), String> {
        let name = text(own, "name");
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let found = text(writer, "name");
        if found != name {
            return Err(format!("field {path}: it is {found}"));
        }
        self.same(&writer["type"], &own["type"], &path)
    }

    fn same(&mut self, writer: &'a Value, own: &'b Value, path: &str) -> Result<(), String> {
        let found = self.writer(writer).map_err(|error| format!("field {path}: {error}"))?;
        let differs = || format!("field {path}: another type");
        match (found, self.own(own)?) {
            (
                Type::Primitive { name, logical },
                Type::Primitive { name: own, logical: expected },
            ) => {
                let is_other_clock =
                    name == "long" && logical.is_some_and(|logical| Some(logical) != expected);
                if name != own {
                    return Err(differs());
                }
                match is_other_clock {
                    true => Err(format!("field {path}: {}", logical.unwrap_or_default())),
                    false => Ok(()),
                }
            }
            (Type::Record(writer), Type::Record(own)) => self.records(writer, own, path),
            (Type::Enum(writer), Type::Enum(own)) => {
                self.names(writer, own, path)?;
                match writer["symbols"] == own["symbols"] {
                    true => Ok(()),
                    false => Err(format!("field {path}: other symbols")),
                }
            }
            (Type::Array(writer), Type::Array(own)) => self.same(writer, own, path),
            (Type::Union(writer), Type::Union(own)) if writer.len() == own.len() => {
                writer.iter().zip(own).try_for_each(|(writer, own)| self.same(writer, own, path))
            }
            (Type::Other(kind), _) => Err(format!("field {path}: a {kind}")),
            _ => Err(differs()),
        }
    }

    fn records(&mut self, writer: &'a Value, own: &'b Value, path: &str) -> Result<(), String> {
        self.names(writer, own, path)?;
        let (written, fields) = (fields(writer)?, fields(own)?);
        if written.len() != fields.len() {
            return Err(format!("field {path}: {} fields", written.len()));
        }
        written.iter().zip(fields).try_for_each(|(writer, own)| self.field(writer, own, path))
    }

    fn names(&self, writer: &Value, own: &Value, path: &str) -> Result<(), String> {
        let (found, expected) = (unqualified(text(writer, "name")), text(own, "name"));
        match found == expected {
            true => Ok(()),
            false if path.is_empty() => Err(format!("its record is {found}, not {expected}")),
            false => Err(format!("field {path}: a {found}, not a {expected}")),
        }
    }
}

fn fields(record: &Value) -> Result<&[Value], String> {
    let fields = record["fields"].as_array();
    fields.map(Vec::as_slice).ok_or_else(|| "a record has no fields".to_owned())
}

fn text<'a>(schema: &'a Value, member: &str) -> &'a str {
    schema[member].as_str().unwrap_or_default()
}

fn unqualified(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}

#[cfg(test)]
#[path = "writer_schema_tests.rs"]
mod tests;
