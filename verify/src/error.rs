//! What a verification can come to besides "sound".

/// Why something is not sound, or why that cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It is not what it claims to be.
    #[error("{position}: {detail}")]
    Unsound {
        /// Where: a file with a line or byte, or a partition with an offset.
        position: String,
        /// What is wrong there.
        detail: String,
    },
    /// Nothing was decided: a file cannot be read, a key is no key.
    #[error("{what}: {detail}")]
    Undecided {
        /// What could not be used.
        what: String,
        /// Why.
        detail: String,
    },
}

impl VerifyError {
    /// Not sound, at this place.
    pub fn unsound(position: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Unsound { position: position.into(), detail: detail.into() }
    }

    /// Not decided.
    pub fn undecided(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Undecided { what: what.into(), detail: detail.into() }
    }

    /// Whether trying again may help: never, since nothing but files was looked at.
    pub fn is_retryable(&self) -> bool {
        false
    }
}
