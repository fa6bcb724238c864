//! Segments as a manifest names them: live ones, and those that were replaced.

use annals_schemas::{Instant, Offset, OffsetRange};
use serde::{Deserialize, Serialize};

use crate::fold::Counts;
use crate::segment::WrittenSegment;

use super::moment;

/// A live segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SegmentRef {
    pub(crate) path: String,
    pub(crate) start: Offset,
    pub(crate) end: Offset,
    pub(crate) length: u64,
    /// Of the whole file.
    pub(crate) sha256: String,
    /// Of footer and trailer: compared whenever the segment is opened.
    pub(crate) footer_sha256: String,
    pub(crate) counts: Counts,
}

/// A segment that a compaction has replaced. Its file stays for readers that open it by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retired {
    pub(crate) path: String,
    /// When it was replaced.
    #[serde(with = "moment")]
    pub(crate) since: Instant,
}

impl SegmentRef {
    /// What was written, under this name.
    pub(crate) fn new(path: String, range: OffsetRange, written: &WrittenSegment) -> Self {
        Self {
            path,
            start: range.start,
            end: range.end,
            length: written.length,
            sha256: written.sha256.clone(),
            footer_sha256: written.footer_sha256.clone(),
            counts: written.counts,
        }
    }

    pub(crate) fn range(&self) -> OffsetRange {
        OffsetRange { start: self.start, end: self.end }
    }
}
