//! Positioned reads of one immutable object.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use bytes::Bytes;

use crate::StoreError;

/// An object opened for reading; stays readable after the name is removed.
#[derive(Debug)]
pub(crate) struct ObjectFile {
    path: String,
    length: u64,
    source: Source,
}

#[derive(Debug)]
enum Source {
    File(File),
    Memory(Bytes),
}

impl ObjectFile {
    pub(super) fn open(path: &str, file: &Path) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Read { path: path.to_owned(), source };
        let file = File::open(file).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        Ok(Self { path: path.to_owned(), length, source: Source::File(file) })
    }

    pub(crate) fn in_memory(path: &str, bytes: Bytes) -> Self {
        let length = bytes.len() as u64;
        Self { path: path.to_owned(), length, source: Source::Memory(bytes) }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Length in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Fills the buffer from this byte on; a file that ends before is damaged.
    pub(crate) fn read_exact_at(&self, buffer: &mut [u8], at: u64) -> Result<(), StoreError> {
        let end = at.checked_add(buffer.len() as u64).filter(|end| *end <= self.length);
        let Some(end) = end else {
            let detail = format!("{} bytes wanted, the file has {}", buffer.len(), self.length);
            return Err(StoreError::corrupt(&self.path, at, detail));
        };
        match &self.source {
            Source::File(file) => file
                .read_exact_at(buffer, at)
                .map_err(|source| StoreError::Read { path: self.path.clone(), source })?,
            Source::Memory(bytes) => {
                let range = usize::try_from(at).ok().zip(usize::try_from(end).ok());
                let (start, end) = range.expect("an object in memory is addressable");
                buffer.copy_from_slice(&bytes[start..end]);
            }
        }
        Ok(())
    }

    /// Reads a stretch and checks its CRC32C.
    pub(crate) fn read_checked(
        &self,
        at: u64,
        length: u32,
        crc: u32,
    ) -> Result<Vec<u8>, StoreError> {
        let mut bytes = vec![0; length as usize];
        self.read_exact_at(&mut bytes, at)?;
        // INV-7: every byte read is verified, here and nowhere else.
        if crc32c::crc32c(&bytes) != crc {
            let detail = format!("checksum of {length} bytes does not match");
            return Err(StoreError::corrupt(&self.path, at, detail));
        }
        Ok(bytes)
    }
}
