//! What can go wrong while keys are kept.

use std::path::PathBuf;

/// A failure to keep or use a secret. A refused bearer is not one: that is `None`.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The file system said no.
    #[error("cannot {verb} {}", path.display())]
    Storage {
        /// What was tried: "read", "write", ….
        verb: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// The token key file holds something else.
    #[error("{} holds no PKCS#8 Ed25519 private key", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// The machine gave no random bytes.
    #[error("the machine gave no random bytes")]
    Randomness,
    /// A token could not be signed.
    #[error("cannot sign a token")]
    Signing(#[source] jsonwebtoken::errors::Error),
    /// A key was asked for with something out of bounds.
    #[error("{0}")]
    InvalidRequest(&'static str),
}

impl AccessError {
    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Storage { .. } | Self::Randomness)
    }
}
