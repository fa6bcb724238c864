//! What can go wrong with a name index, by what the caller can do about it.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use annals_store::NameIndexError;

/// A name index could not be opened, written or read. Nothing is lost: the index is derived, and
/// what it had committed stays.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Another process, or another handle of this one, has the directory open.
    #[error("name index {}: another process has it open", directory.display())]
    Locked {
        /// The index's directory.
        directory: PathBuf,
    },
    /// The directory or its marker could not be read or written.
    #[error("name index {}: cannot {action}", directory.display())]
    Io {
        /// The index's directory.
        directory: PathBuf,
        /// What was attempted.
        action: &'static str,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// Tantivy refused or failed. What was not committed is forgotten: feed again.
    #[error("name index: cannot {action}")]
    Engine {
        /// What was attempted.
        action: &'static str,
        /// The cause.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// Names must be added in code order, without a gap.
    #[error("name index: workspace {workspace:?} needs code {expected} next, not {code}")]
    Gap {
        /// The workspace.
        workspace: String,
        /// The code that has to come next.
        expected: u32,
        /// The code that came.
        code: u32,
    },
    /// The partition has more workspaces than terms can tell apart.
    #[error("name index: no number is left for workspace {workspace:?}")]
    TooManyWorkspaces {
        /// The workspace that found no number.
        workspace: String,
    },
    /// The source of the names failed.
    #[error("name index: cannot read the names of workspace {workspace:?}")]
    Source {
        /// The workspace being read; empty while listing workspaces.
        workspace: String,
        /// The cause.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

impl IndexError {
    /// A failure of the source of names, for implementations of [`crate::NameSource`].
    pub fn from_source(
        workspace: &str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> IndexError {
        IndexError::Source { workspace: workspace.to_owned(), source: source.into() }
    }

    /// Whether the same call may succeed later, with nothing changed by the caller.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Locked { .. } | Self::Io { .. } | Self::Engine { .. } | Self::Source { .. } => {
                true
            }
            Self::Gap { .. } | Self::TooManyWorkspaces { .. } => false,
        }
    }

    pub(crate) fn engine(action: &'static str) -> impl FnOnce(tantivy::TantivyError) -> IndexError {
        move |source| IndexError::Engine { action, source: Box::new(source) }
    }

    pub(crate) fn reading(source: io::Error) -> IndexError {
        IndexError::Engine { action: "read postings", source: Box::new(source) }
    }
}

impl From<IndexError> for NameIndexError {
    fn from(error: IndexError) -> Self {
        NameIndexError { detail: error.to_string(), source: Some(Box::new(error)) }
    }
}
