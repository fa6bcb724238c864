//! `actions.json`: per action key its label by locale, kind, aliases, secret fields, and schema.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::accept_language::{preferred, shortened};
use super::humanise;
use crate::{FieldPath, Kind};

/// The locale to fall back to.
const FALLBACK_LOCALE: &str = "en";

/// What actions are called, and under which other keys they are known.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    entries: BTreeMap<String, ActionEntry>,
    /// Alias → the key it belongs to.
    aliases: BTreeMap<String, String>,
}

/// One action key's entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionEntry {
    /// The key, as events carry it from now on.
    pub action: String,
    /// Labels by locale; locales are lower-case.
    pub labels: BTreeMap<String, String>,
    /// What the action does, where the file says so.
    pub kind: Option<Kind>,
    /// Keys that older events carry for the same action.
    pub aliases: Vec<String>,
    /// Fields whose values are not recorded.
    pub secrets: Vec<FieldPath>,
    /// JSON Schema of its events as event JSON has them. Not looked at here: what checks events
    /// makes it ready for use.
    pub schema: Option<Value>,
}

/// Why a text is no `actions.json`.
#[derive(Debug, thiserror::Error)]
pub enum LabelsError {
    /// Not JSON of the documented shape.
    #[error("not an actions file: {0}")]
    Shape(#[from] serde_json::Error),
    /// A label without anything visible.
    #[error("action `{action}`: the label for `{locale}` is blank")]
    BlankLabel {
        /// The entry.
        action: String,
        /// The label's locale.
        locale: String,
    },
    /// A secret without a path: it would hide everything.
    #[error("action `{action}`: a secret has an empty path")]
    EmptySecret {
        /// The entry.
        action: String,
    },
    /// A schema that is neither an object nor `true` or `false`.
    #[error("action `{action}`: a schema is an object")]
    SchemaShape {
        /// The entry.
        action: String,
    },
    /// An alias that is a key itself, or belongs to two keys.
    #[error("alias `{alias}` of action `{action}` already belongs to action `{other}`")]
    AliasTaken {
        /// The alias.
        alias: String,
        /// The entry with the second claim.
        action: String,
        /// The entry with the first one.
        other: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    #[serde(default)]
    label: Option<RawLabel>,
    #[serde(default)]
    kind: Option<Kind>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    secret: Vec<String>,
    #[serde(default)]
    schema: Option<Value>,
}

/// A label by locale, or just an English one.
#[derive(Deserialize)]
#[serde(untagged)]
enum RawLabel {
    English(String),
    ByLocale(BTreeMap<String, String>),
}

impl Labels {
    /// Reads `actions.json`:
    /// `{"segment.updated": {"label": {"en": "…", "fr": "…"}, "kind": "update", "aliases": [],
    /// "secret": ["auth.password"], "schema": {…}}}`. A label may also be a plain string, which is
    /// English.
    /// Unknown members are refused, and so is a secret that names no field.
    pub fn parse(json: &str) -> Result<Self, LabelsError> {
        let raw: BTreeMap<String, RawEntry> = serde_json::from_str(json)?;
        let mut labels = Self::default();
        for (action, entry) in raw {
            let entry = ActionEntry::checked(action, entry)?;
            labels.entries.insert(entry.action.clone(), entry);
        }
        for entry in labels.entries.values() {
            for alias in &entry.aliases {
                let earlier = labels.aliases.insert(alias.clone(), entry.action.clone());
                let is_key = labels.entries.contains_key(alias).then(|| alias.clone());
                if let Some(other) = earlier.or(is_key) {
                    let (alias, action) = (alias.clone(), entry.action.clone());
                    return Err(LabelsError::AliasTaken { alias, action, other });
                }
            }
        }
        Ok(labels)
    }

    /// What to call an action: the label in the best language of an `Accept-Language` header, else
    /// in English, else the key humanised. Never blank.
    pub fn label(&self, action: &str, accept_language: Option<&str>) -> String {
        let found = self.entry(action).and_then(|entry| entry.label(accept_language));
        found.map_or_else(|| humanise(action), str::to_owned)
    }

    /// All keys under which events of this action are found: the one given first, then its key or
    /// aliases. Just the one given if the file does not know it.
    pub fn equivalents<'a>(&'a self, action: &'a str) -> Vec<&'a str> {
        let others = self.entry(action).into_iter().flat_map(|entry| {
            std::iter::once(entry.action.as_str()).chain(entry.aliases.iter().map(String::as_str))
        });
        std::iter::once(action).chain(others.filter(|other| *other != action)).collect()
    }

    /// The entry of an action key or alias.
    pub fn entry(&self, action: &str) -> Option<&ActionEntry> {
        let key = self.aliases.get(action).map_or(action, String::as_str);
        self.entries.get(key)
    }

    /// All entries in order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = &ActionEntry> + '_ {
        self.entries.values()
    }
}

impl ActionEntry {
    fn checked(action: String, raw: RawEntry) -> Result<Self, LabelsError> {
        let by_locale = match raw.label {
            None => BTreeMap::new(),
            Some(RawLabel::English(label)) => [(FALLBACK_LOCALE.to_owned(), label)].into(),
            Some(RawLabel::ByLocale(labels)) => labels,
        };
        if let Some((locale, _)) = by_locale.iter().find(|(_, label)| label.trim().is_empty()) {
            return Err(LabelsError::BlankLabel { locale: locale.clone(), action });
        }
        if raw.secret.iter().any(String::is_empty) {
            return Err(LabelsError::EmptySecret { action });
        }
        if raw.schema.as_ref().is_some_and(|schema| !schema.is_object() && !schema.is_boolean()) {
            return Err(LabelsError::SchemaShape { action });
        }
        let secrets = raw.secret.iter().map(|path| FieldPath::parse(path)).collect();
        let lower = |(locale, label): (String, String)| (locale.to_ascii_lowercase(), label);
        let labels = by_locale.into_iter().map(lower).collect();
        let RawEntry { kind, aliases, schema, .. } = raw;
        Ok(Self { action, labels, kind, aliases, secrets, schema })
    }

    /// The label in the best language, else in English.
    fn label(&self, accept_language: Option<&str>) -> Option<&str> {
        let header = accept_language.unwrap_or_default().to_ascii_lowercase();
        let wanted = preferred(&header).into_iter().flat_map(shortened);
        let mut locales = wanted.chain([FALLBACK_LOCALE]);
        locales.find_map(|locale| self.labels.get(locale)).map(String::as_str)
    }
}
