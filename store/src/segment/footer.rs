//! The end of a segment: what it is, and where its sections lie.

use annals_schemas::{LogId, OffsetRange, Partition};
use serde::{Deserialize, Serialize};

use super::FORMAT;
use crate::StoreError;
use crate::fold::Counts;
use crate::storage::ObjectFile;

/// First and last eight bytes of every segment.
pub(super) const MAGIC: &[u8; 8] = b"ANNALSEG";
/// Footer length, footer CRC32C, format, magic.
const TRAILER_BYTES: usize = 4 + 4 + 4 + 8;
const MAX_FOOTER_BYTES: u32 = 1024 * 1024;

/// A checksummed stretch of the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Section {
    pub(crate) at: u64,
    pub(crate) length: u32,
    pub(crate) crc: u32,
}

impl Section {
    /// Appends the bytes and says where they lie.
    pub(super) fn append(out: &mut Vec<u8>, bytes: &[u8]) -> Self {
        let length = u32::try_from(bytes.len()).expect("a section is below 4 GiB");
        let section = Self { at: out.len() as u64, length, crc: crc32c::crc32c(bytes) };
        out.extend_from_slice(bytes);
        section
    }

    pub(super) fn read(&self, file: &ObjectFile) -> Result<Vec<u8>, StoreError> {
        file.read_checked(self.at, self.length, self.crc)
    }
}

/// One workspace of the directory, sorted by workspace id; the empty id holds ownerless records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DirectoryEntry {
    pub(crate) workspace: String,
    pub(crate) visible: u32,
    pub(crate) duplicate: u32,
    pub(crate) quarantined: u32,
    /// Page-order keys of the oldest and the newest visible row, `effective_at` then `seq`.
    pub(crate) oldest: (i64, u64),
    pub(crate) newest: (i64, u64),
    /// State after this segment.
    pub(crate) last_seq: u64,
    pub(crate) last_offset: Option<u64>,
    pub(crate) columns: Section,
    pub(crate) additions: Section,
}

/// The footer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Footer {
    pub(crate) fold_version: u32,
    log_id: [u8; 16],
    partition: Partition,
    start: u64,
    end: u64,
    pub(crate) counts: Counts,
    pub(crate) dictionary: Section,
    pub(crate) directory: Section,
    pub(crate) id_pages: Vec<Section>,
    pub(crate) id_fences: Section,
    pub(crate) id_filter: Section,
}

impl Footer {
    pub(super) fn new(log_id: LogId, partition: Partition, range: OffsetRange) -> Self {
        Self {
            fold_version: crate::fold::FOLD_VERSION,
            log_id: log_id.0,
            partition,
            start: range.start,
            end: range.end,
            counts: Counts::default(),
            dictionary: Section::default(),
            directory: Section::default(),
            id_pages: Vec::new(),
            id_fences: Section::default(),
            id_filter: Section::default(),
        }
    }

    /// Appends footer and trailer: the file is complete.
    pub(super) fn finish(&self, out: &mut Vec<u8>) {
        let bytes = postcard::to_stdvec(self).expect("a footer is plain data");
        let section = Section::append(out, &bytes);
        out.extend_from_slice(&section.length.to_le_bytes());
        out.extend_from_slice(&section.crc.to_le_bytes());
        out.extend_from_slice(&FORMAT.to_le_bytes());
        out.extend_from_slice(MAGIC);
    }

    /// Reads the footer and checks that this file is the one the manifest means.
    pub(super) fn read(
        file: &ObjectFile,
        log_id: LogId,
        partition: Partition,
        range: OffsetRange,
    ) -> Result<Self, StoreError> {
        let path = file.path();
        let at = file.length().saturating_sub(TRAILER_BYTES as u64);
        let damaged = |detail: String| StoreError::corrupt(path, at, detail);
        let mut trailer = [0; TRAILER_BYTES];
        file.read_exact_at(&mut trailer, at)?;
        if trailer[12..] != MAGIC[..] {
            return Err(damaged("this is no segment: the closing magic is missing".into()));
        }
        let number = |i: usize| {
            u32::from_le_bytes([trailer[i], trailer[i + 1], trailer[i + 2], trailer[i + 3]])
        };
        let (length, crc, format) = (number(0), number(4), number(8));
        if format > FORMAT {
            return Err(StoreError::NewerFormat {
                path: path.into(),
                found: format,
                known: FORMAT,
            });
        }
        if length > MAX_FOOTER_BYTES || u64::from(length) > at {
            return Err(damaged(format!("a footer of {length} bytes does not fit")));
        }
        let bytes = file.read_checked(at - u64::from(length), length, crc)?;
        let footer: Self =
            postcard::from_bytes(&bytes).map_err(|error| damaged(error.to_string()))?;
        let found = (footer.log_id, footer.partition, footer.start, footer.end);
        if found != (log_id.0, partition, range.start, range.end) {
            let detail = format!(
                "the manifest names partition {partition} offsets {}..{}, the file holds \
                 partition {} offsets {}..{} of log {}",
                range.start,
                range.end,
                footer.partition,
                footer.start,
                footer.end,
                LogId(footer.log_id),
            );
            return Err(damaged(detail));
        }
        Ok(footer)
    }
}
