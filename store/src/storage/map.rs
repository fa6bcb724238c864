//! Files mapped into memory: the only module of the workspace with `unsafe`.
//!
//! Guarantees that a map shows the whole file as it was when it was mapped, and stays readable
//! after the file's name is gone. Deliberately not here: bounds, checksums, names of objects.

#![allow(unsafe_code, reason = "a map is a promise about a file, which no type can check")]

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use memmap2::{Advice, Mmap, UncheckedAdvice};

/// A file mapped for reading.
#[derive(Debug, Clone)]
pub(super) struct FileMap(Arc<Mmap>);

/// Maps a whole file for reading. The descriptor may be closed afterwards.
///
/// The caller says that the file is complete: nobody writes to it or cuts it from here on.
pub(super) fn map(file: &File) -> std::io::Result<FileMap> {
    // SAFETY: a mapped file must not change while it is borrowed as bytes. Annals maps two kinds:
    // objects, written once under a staging name, durable before they get the name they are opened
    // by, and never altered, only unlinked, which leaves a map whole; and staged files, which
    // refuse writes from the moment they are mapped. Another program that alters such a file
    // changes bytes under us: checksums find it. One that truncates it makes the next read beyond
    // the new end a SIGBUS, which ends this process: nobody but Annals may write below the root.
    let map = unsafe { Mmap::map(file)? };
    Ok(FileMap(Arc::new(map)))
}

impl FileMap {
    /// All of it, sharing the map.
    pub(super) fn bytes(&self) -> Bytes {
        Bytes::from_owner(self.clone())
    }

    /// Says whether what is read next lies side by side, so that the system may read on ahead, or
    /// here and there. A refusal changes nothing.
    pub(super) fn read_ahead(&self, ahead: bool) {
        let advice = if ahead { Advice::Normal } else { Advice::Random };
        let _ = self.0.advise(advice);
    }

    /// Has a stretch fetched at once, as it is about to be read.
    pub(super) fn fetch(&self, stretch: Range<usize>) {
        let stretch = stretch.start.min(self.0.len())..stretch.end.min(self.0.len());
        if !stretch.is_empty() {
            let _ = self.0.advise_range(Advice::WillNeed, stretch.start, stretch.len());
        }
    }

    /// Lets go of the memory behind a stretch that nobody will read soon: to read it again is to
    /// read the file again. Pages at its edges go with it; a refusal of the system changes nothing.
    pub(super) fn release(&self, stretch: Range<usize>) {
        let stretch = stretch.start.min(self.0.len())..stretch.end.min(self.0.len());
        if stretch.is_empty() {
            return;
        }
        // SAFETY: the advice makes later reads of these pages fetch them from the file again. The
        // map is shared and read-only and the file does not change (see `map`), so whoever borrows
        // the bytes reads the same ones.
        let advised = unsafe {
            self.0.unchecked_advise_range(UncheckedAdvice::DontNeed, stretch.start, stretch.len())
        };
        drop(advised);
    }
}

impl AsRef<[u8]> for FileMap {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn whatever_is_said_of_the_reads_to_come_the_bytes_are_the_same() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&[7; 100_000]).unwrap();
        let map = map(file.as_file()).unwrap();
        for ahead in [false, true] {
            map.read_ahead(ahead);
            for stretch in [5..300, 99_000..usize::MAX, 100_000..100_001, 3..3] {
                map.fetch(stretch);
                assert_eq!(map.bytes(), vec![7; 100_000]);
            }
        }
    }

    #[test]
    fn what_was_released_reads_as_before_even_after_the_name_is_gone() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let content: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        file.write_all(&content).unwrap();
        let map = map(file.as_file()).unwrap();
        let bytes = map.bytes();
        assert_eq!(bytes, content);
        map.release(5..300_001);
        assert_eq!(bytes, content);
        drop(file);
        map.release(0..usize::MAX);
        map.release(usize::MAX..usize::MAX);
        assert_eq!(bytes, content);
    }
}
