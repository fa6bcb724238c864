//! Configuration: `annals.toml`, then `ANNALS_*` variables, then flags; later ones win.
//!
//! The caller says which keys there are (`Known`) and into which type they go. A key nobody knows
//! is refused with the nearest known one: a misspelt setting must never be silently ignored.

mod error;
mod file;
mod known;
mod settings;
mod variables;

pub use error::{ConfigError, Origin};
pub use known::{Key, Kind, Known};
/// A value given by a flag.
pub use toml::Value;

use serde::de::DeserializeOwned;
use settings::{Setting, Settings};
use std::path::Path;

/// Loads the configuration from the file (if one is given), the process environment and the flags.
///
/// `flags` are pairs of a dotted key and its value. The file, once given, must exist.
pub fn load<T: DeserializeOwned>(
    known: &Known,
    file: Option<&Path>,
    flags: &[(&str, Value)],
) -> Result<T, ConfigError> {
    load_with(known, file, &crate::environment::annals_variables(), flags)
}

/// Like `load`, with the variables as a parameter.
pub fn load_with<T: DeserializeOwned>(
    known: &Known,
    file: Option<&Path>,
    variables: &[(String, String)],
    flags: &[(&str, Value)],
) -> Result<T, ConfigError> {
    let mut settings = Settings::default();
    if let Some(path) = file {
        file::read(path, known, &mut settings)?;
    }
    variables::read(variables, known, &mut settings)?;
    for (key, value) in flags {
        let origin = Origin::Flag;
        settings.put(key, Setting { value: value.clone(), origin }, known)?;
    }
    settings.into_typed()
}

#[cfg(test)]
mod tests;
