//! The map as it is written: TOML in the shape of the event JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::leaf::{Leaf, Template};
use super::moment::Clock;

/// A whole map.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    /// What stands between two fields.
    pub delimiter: u8,
    /// Whether columns that nothing names go to the metadata.
    pub keep_rest: bool,
    /// The event.
    pub event: Node,
}

/// A part of the event.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// A value.
    Leaf(Leaf),
    /// Members by name.
    Object(BTreeMap<String, Node>),
    /// Items.
    List(Vec<Node>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSpec {
    #[serde(default = "comma")]
    delimiter: String,
    #[serde(default)]
    keep_rest: bool,
    event: toml::Table,
}

/// A rule: everything that a leaf may say.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawLeaf {
    column: Option<String>,
    values: Option<BTreeMap<String, String>>,
    otherwise: Option<String>,
    json: bool,
    value: Option<String>,
    template: Option<String>,
    source: Option<String>,
    format: Option<String>,
    zone: Option<String>,
    epoch: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

/// Words that make a table a rule; none of them is a member of an event beside a text.
const RULES: [&str; 5] = ["column", "value", "template", "before", "after"];

fn comma() -> String {
    ",".to_owned()
}

impl Spec {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let raw: RawSpec = toml::from_str(text).map_err(|error| error.to_string())?;
        let &[delimiter] = raw.delimiter.as_bytes() else {
            return Err(format!("the delimiter `{}` is not one character", raw.delimiter));
        };
        let event = Node::of_table("event", &raw.event)?;
        Ok(Self { delimiter, keep_rest: raw.keep_rest, event })
    }
}

impl Node {
    fn of_table(at: &str, table: &toml::Table) -> Result<Self, String> {
        let member = |(name, value): (&String, &toml::Value)| {
            Ok((name.clone(), Self::of(&format!("{at}.{name}"), value)?))
        };
        Ok(Self::Object(table.iter().map(member).collect::<Result<_, String>>()?))
    }

    fn of(at: &str, value: &toml::Value) -> Result<Self, String> {
        match value {
            toml::Value::String(column) => Ok(Self::Leaf(Leaf::Column(column.clone()))),
            toml::Value::Array(items) => {
                let item = |(index, item)| Self::of(&format!("{at}[{index}]"), item);
                Ok(Self::List(items.iter().enumerate().map(item).collect::<Result<_, _>>()?))
            }
            toml::Value::Table(table) if RULES.iter().any(|rule| table.contains_key(*rule)) => {
                let raw = RawLeaf::deserialize(table.clone());
                let raw = raw.map_err(|error| format!("{at}: {}", error.message()))?;
                raw.leaf().map(Self::Leaf).map_err(|error| format!("{at}: {error}"))
            }
            toml::Value::Table(table) => Self::of_table(at, table),
            other => Err(format!("{at}: `{other}` is no column; is it {{ value = \"…\" }}?")),
        }
    }

    /// Whether it is the same in every row.
    pub(super) fn is_constant(&self) -> bool {
        match self {
            Self::Leaf(leaf) => matches!(leaf, Leaf::Constant(_)),
            Self::Object(members) => members.values().all(Self::is_constant),
            Self::List(items) => items.iter().all(Self::is_constant),
        }
    }

    /// Adds the columns that it names.
    pub(super) fn columns(&self, to: &mut BTreeSet<String>) {
        match self {
            Self::Leaf(leaf) => to.extend(leaf.columns().into_iter().map(str::to_owned)),
            Self::Object(members) => members.values().for_each(|member| member.columns(to)),
            Self::List(items) => items.iter().for_each(|item| item.columns(to)),
        }
    }
}

impl RawLeaf {
    fn leaf(self) -> Result<Leaf, String> {
        let is_timed = self.format.is_some() || self.zone.is_some() || self.epoch.is_some();
        let has_values = self.values.is_some();
        match (self.column, self.value, self.template) {
            (None, Some(value), None) if !is_timed && !has_values => Ok(Leaf::Constant(value)),
            (None, None, Some(text)) if !is_timed && !has_values => {
                Template::parse(&text).map(Leaf::Template)
            }
            (None, None, None) => Ok(Leaf::States { before: self.before, after: self.after }),
            (Some(column), None, None) => match (self.values, self.source, self.json, is_timed) {
                (Some(values), None, false, false) => {
                    Ok(Leaf::Values { column, values, otherwise: self.otherwise })
                }
                (None, Some(source), false, false) => Ok(Leaf::Id { column, source }),
                (None, None, true, false) => Ok(Leaf::Json(column)),
                (None, None, false, true) => {
                    let clock = Clock::of(self.format, self.zone, self.epoch.as_deref())?;
                    Ok(Leaf::Moment { column, clock })
                }
                (None, None, false, false) => Ok(Leaf::Column(column)),
                _ => Err("values, source, json and a time exclude one another".to_owned()),
            },
            _ => Err("column, value and template exclude one another".to_owned()),
        }
    }
}
