//! Why a record cannot become a visible event: the reason shown in the quarantine.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::SchemaViolation;

/// Longest `detail`, in characters; what is beyond is cut.
const DETAIL_MAX_CHARACTERS: usize = 1_000;

/// A record refused, for good: it goes into the quarantine with its bytes, never away.
///
/// `reason` is part of fold version 1; the wording of `detail` is for people and may improve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {detail}")]
pub struct Refusal {
    /// The documented reason.
    pub reason: Reason,
    /// What is wrong, and what to change, for the person who sends such records.
    pub detail: String,
    /// The event's id, where it could be read.
    pub event_id: Option<Uuid>,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        /// The closed list of reasons.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        pub enum Reason { $($(#[$doc])* #[serde(rename = $text)] $variant),+ }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in answers, metrics and docs.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The reason of that name.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

reasons! {
    /// None of the wire forms.
    UnknownFormat = "unknown-format",
    /// A wire form whose schema or version is not known.
    UnknownSchema = "unknown-schema",
    /// Broken bytes of a known wire form: cut off, not JSON, not UTF-8, a tombstone.
    Malformed = "malformed",
    /// Readable, but not an event: a member missing, unknown, or of the wrong type.
    SchemaViolation = "schema-violation",
    /// An event, but larger than the limits allow.
    OverLimit = "over-limit",
    /// The record key is not the event's workspace id.
    KeyMismatch = "key-mismatch",
    /// The record stands in another partition than its key belongs to.
    WrongPartition = "wrong-partition",
    /// An earlier visible event of the workspace has the same id, but other content.
    Conflict = "conflict",
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Refusal {
    /// A refusal of a record whose event id could not be read.
    pub(crate) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into(), event_id: None }
    }
}

impl From<SchemaViolation> for Refusal {
    fn from(violation: SchemaViolation) -> Self {
        let text = violation.to_string();
        let detail = match text.char_indices().nth(DETAIL_MAX_CHARACTERS) {
            Some((cut, _)) => format!("{}…", &text[..cut]),
            None => text,
        };
        Self { reason: violation.reason, detail, event_id: violation.event_id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_named_alike_everywhere() {
        for &reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.as_str()), Some(reason));
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.to_string());
        }
        assert_eq!(Reason::parse("Conflict"), None);
        assert_eq!(Reason::ALL.len(), 8);
    }
}
