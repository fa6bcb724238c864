//! Positioned reads of one immutable object.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use super::cache::KeptCopy;
use super::map::{FileMap, map};
use crate::StoreError;

/// An object opened for reading; stays readable after the name is removed.
///
/// A file is mapped, anything else is in memory: both are bytes in place, read without a copy.
#[derive(Debug, Clone)]
pub(crate) struct ObjectFile {
    path: String,
    bytes: Bytes,
    /// What the bytes are of, if they are a file's.
    map: Option<FileMap>,
    /// The cache's copy that they are of, if they are.
    copy: Option<Arc<KeptCopy>>,
}

impl ObjectFile {
    pub(super) fn open(path: &str, file: &Path) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Read { path: path.to_owned(), source };
        let file = File::open(file).map_err(failed)?;
        Ok(Self::mapped(path, map(&file).map_err(failed)?))
    }

    pub(crate) fn in_memory(path: &str, bytes: Bytes) -> Self {
        Self { path: path.to_owned(), bytes, map: None, copy: None }
    }

    pub(super) fn mapped(path: &str, map: FileMap) -> Self {
        Self { path: path.to_owned(), bytes: map.bytes(), map: Some(map), copy: None }
    }

    /// The same, read from a copy that a cache keeps.
    pub(super) fn of_copy(self, copy: KeptCopy) -> Self {
        Self { copy: Some(Arc::new(copy)), ..self }
    }

    /// Says that a stretch will not be read soon: it need not stay in memory. Reading it goes on
    /// to work.
    pub(crate) fn release(&self, at: u64, length: u64) {
        if let (Some(map), Some((at, length))) = (&self.map, place(at, length)) {
            map.release(at..at.saturating_add(length));
        }
    }

    /// Reads a few stretches of it that lie far apart. Around what is read nothing is fetched from
    /// the device meanwhile, where the system would read on for megabytes.
    pub(crate) fn sparsely<T>(&self, read: impl FnOnce() -> T) -> T {
        let ahead = |ahead| self.map.iter().for_each(|map| map.read_ahead(ahead));
        ahead(false);
        let read = read();
        ahead(true);
        read
    }

    /// Has a stretch fetched at once, as it is about to be read.
    pub(crate) fn fetch(&self, at: u64, length: u64) {
        if let (Some(map), Some((at, length))) = (&self.map, place(at, length)) {
            map.fetch(at..at.saturating_add(length));
        }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Length in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// A stretch in place; a file that ends before is damaged. Not verified: see
    /// [`checked`](Self::checked).
    pub(crate) fn bytes(&self, at: u64, length: u64) -> Result<&[u8], StoreError> {
        let start = usize::try_from(at).ok();
        let end = at.checked_add(length).and_then(|end| usize::try_from(end).ok());
        start.zip(end).and_then(|(start, end)| self.bytes.get(start..end)).ok_or_else(|| {
            let detail = format!("{length} bytes wanted, the file has {}", self.length());
            StoreError::corrupt(&self.path, at, detail)
        })
    }

    /// A stretch in place whose CRC32C is this one.
    pub(crate) fn checked(&self, at: u64, length: u64, crc: u32) -> Result<&[u8], StoreError> {
        let bytes = self.bytes(at, length)?;
        // INV-7: every byte read is verified, here and nowhere else.
        if crc32c::crc32c(bytes) != crc {
            if let Some(copy) = &self.copy {
                copy.distrust();
            }
            let detail = format!("checksum of {length} bytes does not match");
            return Err(StoreError::corrupt(&self.path, at, detail));
        }
        Ok(bytes)
    }

    /// All of it, sharing the map.
    pub(super) fn content(&self) -> Bytes {
        self.bytes.clone()
    }
}

fn place(at: u64, length: u64) -> Option<(usize, usize)> {
    usize::try_from(at).ok().zip(usize::try_from(length).ok())
}
