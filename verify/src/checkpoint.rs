//! Tree heads as text, C2SP tlog-checkpoint.

use annals_schemas::{LogId, Partition};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::{Note, TreeHead, VerifierKey, VerifyError};

/// Who a partition's tree heads are of, and the name that its keys sign under.
pub fn origin(log_id: &LogId, partition: Partition) -> String {
    format!("annals/{log_id}/{partition}")
}

/// A tree head with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// `annals/<log id>/<partition>`.
    pub origin: String,
    /// Size and root.
    pub head: TreeHead,
}

impl Checkpoint {
    /// Reads a signed one; at least one of the keys has to have signed it.
    pub fn verified(note: &str, keys: &[VerifierKey], position: &str) -> Result<Self, VerifyError> {
        let note = Note::parse(note, position)?;
        let checkpoint = Self::parse(note.text);
        let checkpoint =
            checkpoint.ok_or_else(|| VerifyError::unsound(position, "it is no checkpoint"))?;
        // The log's own signature is that of a key of its origin's name.
        let own: Vec<VerifierKey> =
            keys.iter().filter(|key| key.name() == checkpoint.origin).cloned().collect();
        note.verify(&own, position)?;
        Ok(checkpoint)
    }

    /// What a note says, whoever signed it: for those who hold its root against one that they have
    /// made themselves.
    pub fn unverified(note: &str) -> Option<Self> {
        Self::parse(Note::parse(note, "").ok()?.text)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        // Nothing follows the three lines but the end of the last.
        let is_plain = lines.next() == Some("") && lines.next().is_none();
        let parsed: u64 = size.parse().ok()?;
        let root = STANDARD.decode(root).ok()?.try_into().ok()?;
        let head = TreeHead { size: parsed, root };
        let found = Self { origin: origin.to_owned(), head };
        (is_plain && found.to_string() == text).then_some(found)
    }
}

impl std::fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let TreeHead { size, root } = self.head;
        write!(f, "{}\n{size}\n{}\n", self.origin, STANDARD.encode(root))
    }
}
