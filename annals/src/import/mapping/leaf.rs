//! One value of an event, from the columns of a row.

use std::collections::BTreeMap;

use annals_schemas::cloud_event_id;
use serde_json::{Value, json};

use super::moment::Clock;

/// Where a value comes from.
#[derive(Debug, Clone)]
pub(crate) enum Leaf {
    /// A column's text.
    Column(String),
    /// The JSON that a column holds.
    Json(String),
    /// A constant.
    Constant(String),
    /// One of a table, by a column's text.
    Values { column: String, values: BTreeMap<String, String>, otherwise: Option<String> },
    /// Texts put together.
    Template(Template),
    /// A moment that a column tells.
    Moment { column: String, clock: Clock },
    /// A UUID made of a source and a column.
    Id { column: String, source: String },
    /// Two columns of JSON, the states between which something changed.
    States { before: Option<String>, after: Option<String> },
}

/// A row with the names of its fields.
pub(super) struct Row<'r> {
    pub columns: &'r [String],
    pub fields: &'r [&'r str],
}

impl<'r> Row<'r> {
    /// The text of a field; an empty one is absent.
    pub fn field(&self, at: usize) -> Option<&'r str> {
        self.fields.get(at).copied().filter(|text| !text.is_empty())
    }

    /// The same by its column, which was found to be there.
    fn text(&self, column: &str) -> Option<&'r str> {
        self.field(self.columns.iter().position(|name| name == column)?)
    }

    fn json(&self, column: &str) -> Result<Option<Value>, String> {
        let parsed = self.text(column).map(serde_json::from_str).transpose();
        parsed.map_err(|error| format!("column `{column}` holds no JSON: {error}"))
    }
}

impl Leaf {
    pub(super) fn columns(&self) -> Vec<&str> {
        match self {
            Self::Constant(_) => Vec::new(),
            Self::Template(template) => template.columns().collect(),
            Self::States { before, after } => {
                [before, after].into_iter().flatten().map(String::as_str).collect()
            }
            Self::Column(column)
            | Self::Json(column)
            | Self::Values { column, .. }
            | Self::Moment { column, .. }
            | Self::Id { column, .. } => vec![column],
        }
    }

    pub(super) fn value(&self, row: &Row<'_>) -> Result<Option<Value>, String> {
        let of_text = |column: &str, read: &dyn Fn(&str) -> Result<String, String>| {
            let text = row.text(column).map(read).transpose();
            let text = text.map_err(|error| format!("column `{column}`: {error}"))?;
            Ok(text.map(Value::from))
        };
        match self {
            Self::Column(column) => Ok(row.text(column).map(Value::from)),
            Self::Json(column) => row.json(column),
            Self::Constant(value) => Ok(Some(value.as_str().into())),
            Self::Values { column, values, otherwise } => of_text(column, &|text| {
                let found = values.get(text).or(otherwise.as_ref()).cloned();
                found.ok_or_else(|| format!("`{text}` has no meaning in the map"))
            }),
            Self::Template(template) => Ok(template.text(row).map(Value::from)),
            Self::Moment { column, clock } => of_text(column, &|text| clock.read(text)),
            Self::Id { column, source } => {
                of_text(column, &|text| Ok(cloud_event_id(source, text).to_string()))
            }
            Self::States { before, after } => {
                let side = |column: &Option<String>| match column {
                    Some(column) => row.json(column),
                    None => Ok(None),
                };
                let (before, after) = (side(before)?, side(after)?);
                let is_there = before.is_some() || after.is_some();
                Ok(is_there.then(|| json!({"before": before, "after": after})))
            }
        }
    }
}

/// Text with columns in braces.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// Each text stands before its column.
    parts: Vec<(String, String)>,
    end: String,
}

impl Template {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, opened)) = rest.split_once('{') {
            let (column, after) = opened
                .split_once('}')
                .ok_or_else(|| format!("`{text}` has a brace that does not end"))?;
            parts.push((before.to_owned(), column.to_owned()));
            rest = after;
        }
        Ok(Self { parts, end: rest.to_owned() })
    }

    fn columns(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|(_, column)| column.as_str())
    }

    /// `None` where all its columns are empty.
    fn text(&self, row: &Row<'_>) -> Option<String> {
        let mut text = String::new();
        let mut is_there = self.parts.is_empty();
        for (before, column) in &self.parts {
            let field = row.text(column);
            is_there |= field.is_some();
            text.push_str(before);
            text.push_str(field.unwrap_or_default());
        }
        text.push_str(&self.end);
        is_there.then_some(text)
    }
}
