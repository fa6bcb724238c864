//! The end of a segment: what it is of, and what is in front of it.
//!
//! Guarantees that a file is opened only if it is the one that the manifest means. Deliberately
//! not here: the directory.

use annals_schemas::{LogId, OffsetRange, Partition};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::group::Section;
use super::{FORMAT, MAGIC};
use crate::StoreError;
use crate::evidence::hex;
use crate::fold::{Counts, FOLD_VERSION};
use crate::storage::ObjectFile;

/// Footer length, footer CRC32C, format, magic.
pub(super) const TRAILER_BYTES: u64 = 4 + 4 + 4 + 8;
const MAX_FOOTER_BYTES: u32 = 64 * 1024;

/// What a segment is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SegmentIdentity {
    pub(crate) log_id: LogId,
    pub(crate) partition: Partition,
    pub(crate) range: OffsetRange,
}

impl std::fmt::Display for SegmentIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { log_id, partition, range: OffsetRange { start, end } } = self;
        write!(f, "partition {partition} offsets {start}..{end} of log {log_id}")
    }
}

/// The footer. The sections of the groups lie between dictionary and ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Footer {
    fold_version: u32,
    log_id: [u8; 16],
    partition: Partition,
    start: u64,
    end: u64,
    pub(super) counts: Counts,
    pub(super) dictionary: Section,
    pub(super) ids: Section,
    pub(super) directory: Section,
}

impl Footer {
    pub(super) fn new(identity: SegmentIdentity) -> Self {
        Self {
            fold_version: FOLD_VERSION,
            log_id: identity.log_id.0,
            partition: identity.partition,
            start: identity.range.start,
            end: identity.range.end,
            counts: Counts::default(),
            dictionary: Section::default(),
            ids: Section::default(),
            directory: Section::default(),
        }
    }

    /// Footer and trailer.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = postcard::to_stdvec(self).expect("a footer is plain data");
        let length = u32::try_from(bytes.len()).expect("a footer has a few hundred bytes");
        let crc = crc32c::crc32c(&bytes);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(MAGIC);
        bytes
    }

    /// Reads footer and trailer and checks that this file is the one the manifest means.
    pub(super) fn read(
        file: &ObjectFile,
        identity: SegmentIdentity,
        footer_sha256: &str,
    ) -> Result<Self, StoreError> {
        let at = file.length().saturating_sub(TRAILER_BYTES);
        let damaged = |at: u64, detail: String| StoreError::corrupt(file.path(), at, detail);
        let trailer = Trailer::read(file, at)?;
        let Some(start) = at.checked_sub(trailer.length.into()) else {
            return Err(damaged(at, format!("a footer of {} bytes does not fit", trailer.length)));
        };
        let bytes = file.checked(start, trailer.length.into(), trailer.crc)?;
        let found = hex(&Sha256::digest(file.bytes(start, file.length() - start)?));
        if found != footer_sha256 {
            let detail = format!("the footer's sha256 is {found}, expected {footer_sha256}");
            return Err(damaged(start, detail));
        }
        let mut footer: Self = postcard::from_bytes(bytes)
            .map_err(|error| damaged(start, format!("the footer does not decode: {error}")))?;
        if footer.identity() != identity {
            let detail = format!("this is {}, expected {identity}", footer.identity());
            return Err(damaged(start, detail));
        }
        footer
            .place(start)
            .ok_or_else(|| damaged(start, "the footer's sections do not fit".into()))?;
        Ok(footer)
    }

    fn identity(&self) -> SegmentIdentity {
        SegmentIdentity {
            log_id: LogId(self.log_id),
            partition: self.partition,
            range: OffsetRange { start: self.start, end: self.end },
        }
    }

    /// Fills in the places of the sections that the footer starts right after.
    fn place(&mut self, footer_at: u64) -> Option<()> {
        self.dictionary.at = MAGIC.len() as u64;
        self.directory.at = footer_at.checked_sub(self.directory.length)?;
        self.ids.at = self.directory.at.checked_sub(self.ids.length)?;
        let groups_at = self.dictionary.at.checked_add(self.dictionary.length)?;
        (groups_at <= self.ids.at).then_some(())
    }
}

/// What the last bytes say about the footer.
struct Trailer {
    length: u32,
    crc: u32,
}

impl Trailer {
    fn read(file: &ObjectFile, at: u64) -> Result<Self, StoreError> {
        let damaged = |detail: String| StoreError::corrupt(file.path(), at, detail);
        let bytes = file.bytes(at, TRAILER_BYTES)?;
        let number = |i: usize| {
            let word = bytes.get(i..).and_then(|rest| rest.first_chunk::<4>());
            word.map_or(0, |word| u32::from_le_bytes(*word))
        };
        if !bytes.ends_with(MAGIC) {
            return Err(damaged("this is no segment: the closing magic is missing".into()));
        }
        let (length, crc, found) = (number(0), number(4), number(8));
        if found > FORMAT {
            return Err(StoreError::NewerFormat { path: file.path().into(), found, known: FORMAT });
        }
        if found < FORMAT {
            let detail = format!("format {found} is read no more: `annals rebuild` makes it anew");
            return Err(damaged(detail));
        }
        if length > MAX_FOOTER_BYTES {
            return Err(damaged(format!("a footer of {length} bytes is none")));
        }
        Ok(Self { length, crc })
    }
}
