//! One record's proof as text, C2SP tlog-proof. Its extra data is the entry, from which the leaf
//! follows.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::{Checkpoint, Entry, Hash, VerifierKey, VerifyError, verify_inclusion};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// That a record is in a signed tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Place of its leaf.
    pub index: u64,
    /// The record's entry.
    pub entry: Entry,
    /// From the leaf upwards.
    pub path: Vec<Hash>,
    /// The signed tree head.
    pub checkpoint: String,
}

impl std::fmt::Display for TlogProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let extra = STANDARD.encode(self.entry.as_bytes());
        write!(f, "{FIRST_LINE}\nextra {extra}\nindex {}\n", self.index)?;
        for hash in &self.path {
            writeln!(f, "{}", STANDARD.encode(hash))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

impl TlogProof {
    /// Reads what `Display` writes.
    pub fn parse(text: &str, position: &str) -> Result<Self, VerifyError> {
        let wrong = || VerifyError::unsound(position, "it is no proof of this format");
        let (head, checkpoint) = text.split_once("\n\n").ok_or_else(wrong)?;
        let mut lines = head.split('\n');
        let is_first = lines.next() == Some(FIRST_LINE);
        let member = |line: Option<&str>, name: &str| {
            line.and_then(|line| line.strip_prefix(name)).map(str::to_owned)
        };
        let extra = member(lines.next(), "extra ").and_then(|text| STANDARD.decode(text).ok());
        let index = member(lines.next(), "index ").and_then(|text| text.parse().ok());
        let path = lines.map(|line| STANDARD.decode(line).ok()?.try_into().ok());
        let path: Option<Vec<Hash>> = path.collect();
        let entry = extra.and_then(|extra| Entry::from_bytes(&extra));
        match (index, entry, path) {
            (Some(index), Some(entry), Some(path)) if is_first => {
                Ok(Self { index, entry, path, checkpoint: checkpoint.to_owned() })
            }
            _ => Err(wrong()),
        }
    }

    /// The signed tree that the entry is in.
    pub fn verify(&self, keys: &[VerifierKey], position: &str) -> Result<Checkpoint, VerifyError> {
        let checkpoint = Checkpoint::verified(&self.checkpoint, keys, position)?;
        let leaf = self.entry.leaf();
        match verify_inclusion(&leaf.0, self.index, &self.path, &checkpoint.head) {
            true => Ok(checkpoint),
            false => Err(VerifyError::unsound(position, "the path does not lead to the root")),
        }
    }
}
