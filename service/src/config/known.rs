//! The keys there are.

use crate::environment::PREFIX;
use toml::Value;

/// How unlike the nearest key may be and still be suggested (0 unlike, 1 equal).
const MIN_SIMILARITY: f64 = 0.7;

/// What a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// Texts; in a variable separated by commas.
    List,
    /// Names with texts, such as a Kafka client's properties. A dotted name is one name.
    Properties,
    /// A table whose shape the typed configuration knows; only in the file.
    Table,
}

/// One key, such as `http.listen`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Section and name with a dot between.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

impl Key {
    /// A key of this name and kind.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind }
    }
}

/// All keys of a program.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// The keys, in lists that belong together.
    pub keys: &'static [&'static [Key]],
    /// Variables starting with `ANNALS_` that mean something else and are left alone.
    pub other_variables: &'static [&'static str],
}

impl Known {
    /// Every key.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        self.keys.iter().copied().flatten().copied()
    }

    /// The key of this dotted name.
    pub(super) fn find(&self, name: &str) -> Option<Key> {
        self.keys().find(|key| key.name == name)
    }

    /// Whether some key lies inside the table of this name.
    pub(super) fn has_section(&self, name: &str) -> bool {
        self.keys().any(|key| key.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
    }

    /// The known key most like `name`.
    pub(super) fn nearest(&self, name: &str) -> Option<String> {
        nearest(name, self.keys().map(|key| key.name.to_owned()))
    }

    /// The known variable most like `variable`.
    pub(super) fn nearest_variable(&self, variable: &str) -> Option<String> {
        let others = self.other_variables.iter().map(|name| (*name).to_owned());
        nearest(variable, self.keys().map(|key| variable_name(key.name)).chain(others))
    }
}

impl Kind {
    /// In words, for messages.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Integer => "a whole number",
            Self::Boolean => "true or false",
            Self::List => "a list of texts",
            Self::Properties => "names with texts",
            Self::Table => "a table",
        }
    }

    /// Whether the value is of this kind.
    pub(super) fn accepts(self, value: &Value) -> bool {
        let texts = |values: &[Value]| values.iter().all(Value::is_str);
        match self {
            Self::Text => value.is_str(),
            Self::Integer => value.is_integer(),
            Self::Boolean => value.is_bool(),
            Self::List => value.as_array().is_some_and(|values| texts(values)),
            Self::Properties => value.as_table().is_some_and(|t| t.values().all(Value::is_str)),
            Self::Table => value.is_table(),
        }
    }
}

/// `http.allowed_origins` → `ANNALS_HTTP_ALLOWED_ORIGINS`.
pub(super) fn variable_name(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_ascii_uppercase())
}

fn nearest(name: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    candidates
        .map(|candidate| (strsim::jaro_winkler(name, &candidate), candidate))
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}
