//! The process environment: the only reader of it.

/// Names of all settings that come from the environment start with this.
pub const PREFIX: &str = "ANNALS_";

/// The value of one variable, when it is set, is not empty and is UTF-8.
#[allow(clippy::disallowed_methods, reason = "the one owner of the environment")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// All `ANNALS_*` variables that are UTF-8, sorted by name.
#[allow(clippy::disallowed_methods, reason = "the one owner of the environment")]
pub fn annals_variables() -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_there_and_nothing_else() {
        assert!(variable("PATH").is_some_and(|path| path.contains('/')));
        assert_eq!(variable("ANNALS_SURELY_NOT_SET_HERE"), None);
        assert!(annals_variables().iter().all(|(name, _)| name.starts_with(PREFIX)));
    }
}
