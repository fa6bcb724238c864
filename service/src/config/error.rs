//! What is wrong with a configuration, and where.

use std::path::PathBuf;

/// Where a setting came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A line of a file, counted from 1.
    File {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// An environment variable.
    Variable(String),
    /// The command line.
    Flag,
    /// Nowhere: the setting is missing.
    Missing,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{}:{line}: ", path.display()),
            Self::Variable(name) => write!(f, "{name}: "),
            Self::Flag => f.write_str("flag: "),
            Self::Missing => Ok(()),
        }
    }
}

/// Why a configuration is refused. None of these goes away by trying again.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{origin}{message}")]
    Syntax {
        /// Where.
        origin: Origin,
        /// What the parser says.
        message: String,
    },
    /// Nobody knows this key.
    #[error("{origin}unknown key `{key}`{}", suggestion(nearest.as_deref()))]
    UnknownKey {
        /// Where.
        origin: Origin,
        /// The key or variable as written.
        key: String,
        /// The known one that looks most like it.
        nearest: Option<String>,
    },
    /// The value is not of the key's kind or not in its range.
    #[error("{origin}`{key}`: {message}")]
    Invalid {
        /// Where.
        origin: Origin,
        /// The dotted key.
        key: String,
        /// What is wrong.
        message: String,
    },
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!("; did you mean `{nearest}`?"))
}
