//! Log lines on stderr: for people on a terminal, JSON otherwise.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter is not one.
    #[error("`{filter}` is no log filter such as `info` or `annals_store=debug,warn`")]
    Filter {
        /// What was given.
        filter: String,
        /// What is wrong with it.
        #[source]
        source: tracing_subscriber::filter::ParseError,
    },
    /// Somebody has started logging in this process already.
    #[error("logging was started twice")]
    Twice,
}

/// Starts logging to stderr with a filter such as `info` or `annals_store=debug,warn`.
///
/// A line that cannot be written, as on a full disk, is lost: saying so on the same stderr, as the
/// library would, is a panic of whoever logs.
pub fn start_logs(filter: &str) -> Result<(), LogError> {
    let parsed = EnvFilter::try_new(filter)
        .map_err(|source| LogError::Filter { filter: filter.to_owned(), source })?;
    let common =
        fmt().with_env_filter(parsed).with_writer(std::io::stderr).log_internal_errors(false);
    let started = if std::io::stderr().is_terminal() {
        common.try_init()
    } else {
        common.json().flatten_event(true).with_ansi(false).try_init()
    };
    started.map_err(|_| LogError::Twice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_filter_is_named() {
        let error = start_logs("annals=loud").unwrap_err();
        assert!(error.to_string().starts_with("`annals=loud` is no log filter"), "{error}");
    }
}
