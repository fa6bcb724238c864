//! One file of a partition: its name, its head, and the sparse index over its frames.
//!
//! A file `<first offset, 20 digits>.log` is a 24-byte head and then frames back to back. A closed
//! file has a side file `.index` with the sparse index, so that opening need not read the frames;
//! it is derived, carries a checksum, and is made again when it is missing or does not fit.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use annals_schemas::{Offset, Partition};
use bytes::Buf;

use super::frame::Head;

/// Size of a file's head.
pub(super) const FILE_HEAD_BYTES: u64 = 24;
const MAGIC: &[u8; 8] = b"ANNALOG0";
const INDEX_MAGIC: &[u8; 8] = b"ANNAIDX0";
/// One index entry at least every so many bytes: what a lookup reads too much at most.
const INDEX_STEP_BYTES: u64 = 64 << 10;

/// A file as readers see it: everything before `end` and `end_byte` may be read.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub path: PathBuf,
    pub file: Arc<File>,
    /// First offset, part of the name.
    pub base: Offset,
    /// After the last offset.
    pub end: Offset,
    /// After the last frame.
    pub end_byte: u64,
    /// Of the last record; `i64::MIN` without one.
    pub last_timestamp_ms: i64,
    pub index: Vec<IndexEntry>,
}

/// A frame's place and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IndexEntry {
    pub offset: Offset,
    pub timestamp_ms: i64,
    pub byte: u64,
}

/// The path of the file that starts at this offset.
pub(super) fn file_path(directory: &Path, base: Offset) -> PathBuf {
    directory.join(format!("{base:020}.log"))
}

/// The first offsets of the files in a partition's directory, in order.
pub(super) fn file_bases(directory: &Path) -> std::io::Result<Vec<Offset>> {
    let mut bases = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let name = entry?.file_name();
        let digits = name.to_str().and_then(|name| name.strip_suffix(".log"));
        if let Some(base) = digits.filter(|d| d.len() == 20).and_then(|d| d.parse().ok()) {
            bases.push(base);
        }
    }
    bases.sort_unstable();
    Ok(bases)
}

/// The first bytes of a file.
pub(super) fn file_head(partition: Partition, base: Offset) -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    head.extend_from_slice(&partition.to_le_bytes());
    head.extend_from_slice(&base.to_le_bytes());
    head.extend_from_slice(&crc32c::crc32c(&head).to_le_bytes());
    head
}

impl Segment {
    /// A file whose frames are not known yet.
    pub fn empty(path: PathBuf, file: File, base: Offset) -> Self {
        Self {
            path,
            file: Arc::new(file),
            base,
            end: base,
            end_byte: FILE_HEAD_BYTES,
            last_timestamp_ms: i64::MIN,
            index: Vec::new(),
        }
    }

    /// Takes one more frame into account, which must follow the last one.
    pub fn push(&mut self, head: &Head) {
        let indexed = self.index.last().map_or(0, |entry| entry.byte);
        if self.index.is_empty() || self.end_byte - indexed >= INDEX_STEP_BYTES {
            self.index.push(IndexEntry {
                offset: head.offset,
                timestamp_ms: head.timestamp_ms,
                byte: self.end_byte,
            });
        }
        self.end = head.offset + 1;
        self.end_byte += head.length_bytes as u64;
        self.last_timestamp_ms = head.timestamp_ms;
    }

    /// A byte at or before the frame of this offset, from which frames can be read.
    pub fn byte_before(&self, offset: Offset) -> u64 {
        let after = self.index.partition_point(|entry| entry.offset <= offset);
        self.index[..after].last().map_or(FILE_HEAD_BYTES, |entry| entry.byte)
    }

    /// A place before the first frame of this time or later. Timestamps never go back.
    pub fn place_before_time(&self, timestamp_ms: i64) -> (Offset, u64) {
        let after = self.index.partition_point(|entry| entry.timestamp_ms < timestamp_ms);
        let entry = self.index[..after].last();
        entry.map_or((self.base, FILE_HEAD_BYTES), |entry| (entry.offset, entry.byte))
    }

    /// Where the side file is.
    pub fn index_path(&self) -> PathBuf {
        self.path.with_extension("index")
    }

    /// The side file's bytes.
    pub fn index_bytes(&self) -> Vec<u8> {
        let mut bytes = INDEX_MAGIC.to_vec();
        for number in [self.base, self.end, self.end_byte] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&self.last_timestamp_ms.to_le_bytes());
        for entry in &self.index {
            bytes.extend_from_slice(&entry.offset.to_le_bytes());
            bytes.extend_from_slice(&entry.timestamp_ms.to_le_bytes());
            bytes.extend_from_slice(&entry.byte.to_le_bytes());
        }
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
        bytes
    }

    /// Fills this segment from a side file; `None` unless it is whole and fits the file.
    pub fn with_index(mut self, bytes: &[u8], file_bytes: u64) -> Option<Self> {
        let (content, mut crc) = bytes.split_at_checked(bytes.len().checked_sub(4)?)?;
        let mut rest = content.strip_prefix(INDEX_MAGIC.as_slice())?;
        if crc.get_u32_le() != crc32c::crc32c(content) || rest.len() < 32 {
            return None;
        }
        let base = rest.get_u64_le();
        (self.end, self.end_byte) = (rest.get_u64_le(), rest.get_u64_le());
        self.last_timestamp_ms = rest.get_i64_le();
        while rest.len() >= 24 {
            let (offset, timestamp_ms) = (rest.get_u64_le(), rest.get_i64_le());
            self.index.push(IndexEntry { offset, timestamp_ms, byte: rest.get_u64_le() });
        }
        (base == self.base && self.end_byte == file_bytes && rest.is_empty()).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment() -> Segment {
        let file = tempfile::tempfile().unwrap();
        let mut segment = Segment::empty(PathBuf::from("00000000000000000007.log"), file, 7);
        for offset in 7..107 {
            let timestamp_ms = i64::try_from(offset / 10).unwrap();
            let (unsynced_bytes, header_count, length_bytes) = (0, 0, 10_000);
            let head = Head { offset, timestamp_ms, unsynced_bytes, header_count, length_bytes };
            segment.push(&head);
        }
        segment
    }

    #[test]
    fn lookups_land_at_or_before_the_frame() {
        let segment = segment();
        assert_eq!((segment.end, segment.end_byte), (107, FILE_HEAD_BYTES + 1_000_000));
        assert_eq!(segment.index.len(), 15, "an entry every 7 frames of 10,000 bytes");
        assert_eq!(segment.byte_before(7), FILE_HEAD_BYTES);
        assert_eq!(segment.byte_before(13), FILE_HEAD_BYTES);
        assert_eq!(segment.byte_before(14), FILE_HEAD_BYTES + 70_000);
        assert_eq!(segment.byte_before(106), FILE_HEAD_BYTES + 980_000);
        assert_eq!(segment.place_before_time(0), (7, FILE_HEAD_BYTES));
        // Offset 20 is the first of time 2; the last entry before time 2 is offset 14.
        assert_eq!(segment.place_before_time(2), (14, FILE_HEAD_BYTES + 70_000));
    }

    #[test]
    fn the_side_file_round_trips_and_refuses_what_does_not_fit() {
        let whole = segment();
        let empty =
            || Segment::empty(whole.path.clone(), tempfile::tempfile().unwrap(), whole.base);
        let bytes = whole.index_bytes();
        let read = empty().with_index(&bytes, whole.end_byte).unwrap();
        assert_eq!((read.end, read.last_timestamp_ms), (107, 10));
        assert_eq!(read.index, whole.index);
        assert!(empty().with_index(&bytes, whole.end_byte - 1).is_none(), "another file length");
        for length in 0..bytes.len() {
            assert!(empty().with_index(&bytes[..length], whole.end_byte).is_none());
        }
        for at in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[at] ^= 1;
            assert!(empty().with_index(&bent, whole.end_byte).is_none(), "byte {at}");
        }
    }
}
