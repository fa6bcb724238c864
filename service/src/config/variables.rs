//! Settings from environment variables: `ANNALS_SECTION_KEY`.

use super::error::{ConfigError, Origin};
use super::known::{Key, Kind, Known, variable_name};
use super::settings::{Setting, Settings};
use toml::{Table, Value};

/// Adds the settings of all variables; one that names no key is refused.
pub(super) fn read(
    variables: &[(String, String)],
    known: &Known,
    into: &mut Settings,
) -> Result<(), ConfigError> {
    for (name, text) in variables {
        if known.other_variables.contains(&name.as_str()) {
            continue;
        }
        let origin = Origin::Variable(name.clone());
        let Some((key, property)) = known.keys().find_map(|key| matching(key, name)) else {
            let nearest = known.nearest_variable(name);
            return Err(ConfigError::UnknownKey { origin, key: name.clone(), nearest });
        };
        let value = value(key.kind, property, text).ok_or_else(|| ConfigError::Invalid {
            origin: origin.clone(),
            key: key.name.to_owned(),
            message: format!("must be {}", key.kind.describe()),
        })?;
        into.put(key.name, Setting { value, origin }, known)?;
    }
    Ok(())
}

/// The key that a variable sets, and for properties which of them.
fn matching(key: Key, variable: &str) -> Option<(Key, Option<String>)> {
    let rest = variable.strip_prefix(&variable_name(key.name))?;
    if rest.is_empty() {
        return (key.kind != Kind::Properties).then_some((key, None));
    }
    let property = rest.strip_prefix('_').filter(|_| key.kind == Kind::Properties)?;
    Some((key, Some(property.replace('_', ".").to_ascii_lowercase())))
}

fn value(kind: Kind, property: Option<String>, text: &str) -> Option<Value> {
    let owned = text.to_owned();
    Some(match kind {
        Kind::Text => Value::String(owned),
        Kind::Integer => Value::Integer(text.trim().parse().ok()?),
        Kind::Boolean => Value::Boolean(text.trim().parse().ok()?),
        Kind::List => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
        }
        Kind::Properties => Value::Table(Table::from_iter([(property?, Value::String(owned))])),
        Kind::Table => return None,
    })
}
