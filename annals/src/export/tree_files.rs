//! Entries and hashes of a whole tree in flat files, for one export: what leads from a workspace's
//! records to the root needs leaves from everywhere. 184 bytes a record, gone with the export.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use annals_schemas::Offset;
use annals_store::{Entry, MarkedEntry, PartitionStore};
use annals_verify::{Hash, Subtrees, complete_root};

use crate::exit::Failure;
use crate::sealed_places::damage;

/// A level's hashes are the roots of so many of the level below.
const WIDTH: u64 = 256;
const BITS: u32 = 8;
/// Levels that any tree may have.
const LEVELS: usize = 8;
const HASH_BYTES: u64 = 32;
const ENTRY_BYTES: u64 = Entry::LENGTH as u64;

/// The files; removed when dropped.
pub(super) struct TreeFiles {
    directory: PathBuf,
    entries: File,
    levels: Vec<File>,
    size: u64,
}

/// The same while they are written.
struct Writing {
    entries: BufWriter<File>,
    levels: Vec<BufWriter<File>>,
    /// Of each level, the hashes that do not make one of the next yet.
    open: [Vec<Hash>; LEVELS],
    size: u64,
}

impl TreeFiles {
    /// Writes the tree of all sealed records.
    pub(super) fn write(
        directory: &Path,
        store: &PartitionStore,
        partitions: u32,
    ) -> Result<Self, Failure> {
        let failed = |e: io::Error| Failure::usage(format!("{}: {e}", directory.display()));
        let mut writing = Writing::begin(directory).map_err(failed)?;
        for segment in store.sealed_segments() {
            for stretch in segment.stretches() {
                let entries = segment.entries_in(stretch, &store.log_id(), partitions);
                writing.push_all(&entries.map_err(|error| damage(&error))?).map_err(failed)?;
            }
        }
        writing.end(directory).map_err(failed)
    }

    /// Number of leaves.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The entry of a leaf.
    pub(super) fn entry(&self, index: u64) -> io::Result<Entry> {
        let mut bytes = [0; Entry::LENGTH];
        self.entries.read_exact_at(&mut bytes, index * ENTRY_BYTES)?;
        Entry::from_bytes(&bytes).ok_or_else(|| io::Error::other("an entry is none"))
    }

    /// Place of the record at an offset.
    pub(super) fn index_of(&self, offset: Offset) -> io::Result<Option<u64>> {
        let (mut start, mut end) = (0, self.size);
        while start < end {
            let middle = start + (end - start) / 2;
            let found = self.entry(middle)?.fields().offset;
            if found == offset {
                return Ok(Some(middle));
            }
            if found < offset { start = middle + 1 } else { end = middle }
        }
        Ok(None)
    }
}

impl Drop for TreeFiles {
    fn drop(&mut self) {
        // What cannot be removed is in nobody's way.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl Subtrees for TreeFiles {
    type Error = io::Error;

    fn complete(&self, start: u64, end: u64) -> io::Result<Hash> {
        let height = (end - start).trailing_zeros();
        let level = height / BITS;
        let mut bytes = vec![0; 32 << (height % BITS)];
        let at = (start >> (BITS * level)) * HASH_BYTES;
        self.levels[level as usize].read_exact_at(&mut bytes, at)?;
        Ok(complete_root(bytes.as_chunks().0.to_vec()))
    }
}

impl Writing {
    fn begin(directory: &Path) -> io::Result<Self> {
        std::fs::create_dir(directory)?;
        let file = |name: &str| {
            let mut options = File::options();
            let options = options.read(true).write(true).create_new(true);
            Ok::<_, io::Error>(BufWriter::with_capacity(
                1 << 18,
                options.open(directory.join(name))?,
            ))
        };
        let levels: io::Result<_> = (0..LEVELS).map(|n| file(&format!("hashes-{n}"))).collect();
        let open = std::array::from_fn(|_| Vec::new());
        Ok(Self { entries: file("entries")?, levels: levels?, open, size: 0 })
    }

    fn push_all(&mut self, entries: &[MarkedEntry]) -> io::Result<()> {
        for (entry, _) in entries {
            self.entries.write_all(entry.as_bytes())?;
            self.push(0, entry.leaf().0)?;
            self.size += 1;
        }
        Ok(())
    }

    fn push(&mut self, level: usize, hash: Hash) -> io::Result<()> {
        self.levels[level].write_all(&hash)?;
        self.open[level].push(hash);
        if self.open[level].len() as u64 == WIDTH && level + 1 < LEVELS {
            let complete = std::mem::take(&mut self.open[level]);
            return self.push(level + 1, complete_root(complete));
        }
        Ok(())
    }

    fn end(self, directory: &Path) -> io::Result<TreeFiles> {
        let file =
            |writer: BufWriter<File>| writer.into_inner().map_err(io::IntoInnerError::into_error);
        let entries = file(self.entries)?;
        let levels: io::Result<_> = self.levels.into_iter().map(file).collect();
        Ok(TreeFiles { directory: directory.to_owned(), entries, levels: levels?, size: self.size })
    }
}
