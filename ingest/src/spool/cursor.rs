//! How far the log in front has acknowledged what is in the spool, as a file.
//!
//! Twelve bytes: the offset and its CRC32C. Replaced in one step, and on disk when that returns: a
//! crash leaves the old offset or the new one.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use annals_schemas::Offset;

/// The file.
pub(super) struct Cursor {
    path: PathBuf,
}

impl Cursor {
    /// The cursor of the spool in this directory.
    pub fn of(directory: &Path) -> Self {
        Self { path: directory.join("acknowledged") }
    }

    /// What it says; 0 if it is not there or was not written whole: then what has been
    /// acknowledged goes to the log again, where it does no harm.
    pub fn read(&self) -> Offset {
        let decode = |bytes: Vec<u8>| {
            let (offset, checksum) = bytes.split_first_chunk::<8>()?;
            let is_whole = checksum == crc32c::crc32c(offset).to_le_bytes();
            is_whole.then(|| u64::from_le_bytes(*offset))
        };
        fs::read(&self.path).ok().and_then(decode).unwrap_or(0)
    }

    /// Sets it.
    pub fn write(&self, offset: Offset) -> io::Result<()> {
        let offset = offset.to_le_bytes();
        let beside = self.path.with_extension("new");
        let mut file = File::create(&beside)?;
        file.write_all(&offset)?;
        file.write_all(&crc32c::crc32c(&offset).to_le_bytes())?;
        file.sync_data()?;
        fs::rename(&beside, &self.path)?;
        match self.path.parent() {
            Some(directory) => File::open(directory)?.sync_all(),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_was_written_and_nothing_that_was_not() {
        let directory = tempfile::tempdir().unwrap();
        let cursor = Cursor::of(directory.path());
        assert_eq!(cursor.read(), 0, "there is none yet");
        for offset in [7, u64::MAX, 3] {
            cursor.write(offset).unwrap();
            assert_eq!(cursor.read(), offset);
        }
        let whole = fs::read(&cursor.path).unwrap();
        for length in 0..whole.len() {
            fs::write(&cursor.path, &whole[..length]).unwrap();
            assert_eq!(cursor.read(), 0, "{length} bytes of it");
        }
        for at in 0..whole.len() {
            let mut bent = whole.clone();
            bent[at] ^= 1;
            fs::write(&cursor.path, &bent).unwrap();
            assert_eq!(cursor.read(), 0, "byte {at}");
        }
    }
}
