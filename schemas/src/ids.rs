//! Identities that bound everything else: the log and the workspace.

use std::fmt;
use std::sync::{Arc, LazyLock};

use crate::hex;

/// The isolation unit: 1 to 128 bytes of UTF-8, otherwise free. It is the record key on the log.
///
/// Never part of a storage path. Cloning is cheap (shared text).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorkspaceId(Arc<str>);

/// The text is not a workspace id; carries its length in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a workspace id has 1 to 128 bytes, this one has {length_bytes}")]
pub struct InvalidWorkspaceId {
    /// Length of the refused text.
    pub length_bytes: usize,
}

impl WorkspaceId {
    /// The longest workspace id, in bytes.
    pub const MAX_BYTES: usize = 128;

    /// Checks and wraps a text.
    pub fn new(text: &str) -> Result<Self, InvalidWorkspaceId> {
        match text.len() {
            1..=Self::MAX_BYTES => Ok(Self(Arc::from(text))),
            length_bytes => Err(InvalidWorkspaceId { length_bytes }),
        }
    }

    /// Stands in for an id at fault while the rest of an event is read; never leaves the crate.
    pub(crate) fn placeholder() -> Self {
        static PLACEHOLDER: LazyLock<WorkspaceId> = LazyLock::new(|| WorkspaceId(Arc::from("?")));
        PLACEHOLDER.clone()
    }

    /// Reads a record key: `None` unless it is UTF-8 of a legal length.
    pub fn from_key(key: &[u8]) -> Option<Self> {
        std::str::from_utf8(key).ok().and_then(|text| Self::new(text).ok())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for WorkspaceId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorkspaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for WorkspaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// 16 random bytes made once when a log is first used; part of every entry hashed for it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LogId(pub [u8; 16]);

impl LogId {
    /// Reads 32 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.len() != 32 || !text.is_ascii() {
            return None;
        }
        let mut bytes = [0; 16];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workspace_ids_are_bounded_in_bytes() {
        assert_eq!(WorkspaceId::new(""), Err(InvalidWorkspaceId { length_bytes: 0 }));
        assert!(WorkspaceId::new(&"é".repeat(64)).is_ok());
        assert_eq!(
            WorkspaceId::new(&"é".repeat(65)),
            Err(InvalidWorkspaceId { length_bytes: 130 })
        );
        assert_eq!(WorkspaceId::from_key(&[0xff]), None);
    }

    #[test]
    fn log_id_hex_round_trips() {
        let id = LogId([0xab; 16]);
        assert_eq!(LogId::from_hex(&id.to_string()), Some(id));
        assert_eq!(LogId::from_hex("ab"), None);
        assert_eq!(LogId::from_hex(&"zz".repeat(16)), None);
    }
}
