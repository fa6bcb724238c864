//! The published end of a partition: a 28-byte file that the writer overwrites after each fsync.
//!
//! Other processes read up to it. It is itself not fsynced at each commit (that would double the
//! cost): it is written after the data is on disk, so after a power cut it may lag behind, never
//! run ahead. What it names was promised, so damage before it is rot and not a torn tail.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use annals_schemas::Offset;
use bytes::Buf;

/// Where the readable part of a partition ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Published {
    /// First offset of the last file.
    pub base: Offset,
    /// End of its last fsynced frame.
    pub byte: u64,
    /// First offset not yet acknowledged.
    pub end: Offset,
}

/// The file's path in a partition's directory.
pub(super) fn path(directory: &Path) -> PathBuf {
    directory.join("published")
}

impl Published {
    /// The file's content.
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(28);
        for number in [self.base, self.byte, self.end] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
        bytes
    }

    /// Reads the file; `None` if it is not whole.
    pub fn read(file: &File) -> io::Result<Option<Self>> {
        // A reader may catch the writer half way; the next look finds it whole.
        for _ in 0..8 {
            let mut bytes = [0; 28];
            match file.read_exact_at(&mut bytes, 0) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
                Err(error) => return Err(error),
            }
            let mut rest = bytes.as_slice();
            let (base, byte, end) = (rest.get_u64_le(), rest.get_u64_le(), rest.get_u64_le());
            if rest.get_u32_le() == crc32c::crc32c(&bytes[..24]) {
                return Ok(Some(Self { base, byte, end }));
            }
        }
        Ok(None)
    }
}
