//! Entries and hashes of one partition's tree in flat files, so that any proof is a few reads.
//!
//! `entries` has the entries one after the other, `hashes-<k>` the roots of all complete subtrees
//! of 256^k leaves: C2SP's tiles are stretches of them. Derived from segments, grown when it is
//! asked for, and never believed: whoever uses it holds the root against the signed one. Files that
//! do not fit each other (a crash while they grew) are made anew.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use annals_schemas::Offset;
use annals_store::{Entry, PartitionStore, StoreError};
use annals_verify::{Hash, Subtrees, node};

/// Hashes of a tile that is full.
pub(crate) const TILE_WIDTH: u64 = 256;
const TILE_BITS: u32 = 8;
/// Levels that any tree may have.
const LEVELS: u32 = 8;
const HASH_BYTES: u64 = 32;
const ENTRY_BYTES: u64 = Entry::LENGTH as u64;

/// Why tiles cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TilesError {
    /// Of the files themselves.
    #[error("hash tiles {path}")]
    Files {
        /// Their directory.
        path: String,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// Of the segments.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One partition's tiles.
pub struct HashTiles {
    directory: PathBuf,
    entries: File,
    levels: Vec<File>,
    size: u64,
}

impl HashTiles {
    /// Opens what is there, or begins.
    pub fn open(directory: &Path) -> Result<Self, TilesError> {
        let open = || {
            std::fs::create_dir_all(directory)?;
            let open = |name: &str| {
                let mut options = OpenOptions::new();
                options.read(true).write(true).create(true).truncate(false);
                options.open(directory.join(name))
            };
            let entries = open("entries")?;
            let levels: io::Result<Vec<File>> =
                (0..LEVELS).map(|level| open(&format!("hashes-{level}"))).collect();
            let size = entries.metadata()?.len() / ENTRY_BYTES;
            let mut tiles =
                Self { directory: directory.to_owned(), entries, levels: levels?, size };
            if !tiles.is_whole()? {
                tiles.clear()?;
            }
            Ok(tiles)
        };
        open().map_err(|source| files(directory, source))
    }

    fn is_whole(&self) -> io::Result<bool> {
        let mut is_whole = self.entries.metadata()?.len() == self.size * ENTRY_BYTES;
        for (level, file) in (0..).zip(&self.levels) {
            let complete = self.size >> (TILE_BITS * level);
            is_whole &= file.metadata()?.len() == complete * HASH_BYTES;
        }
        Ok(is_whole)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.size = 0;
        self.entries.set_len(0)?;
        self.levels.iter().try_for_each(|file| file.set_len(0))
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Forgets everything: what was grown from is not what was signed.
    pub fn forget(&mut self) -> Result<(), TilesError> {
        self.clear().map_err(|source| files(&self.directory, source))
    }

    /// Takes up what the live segments have beyond it.
    pub fn grow(&mut self, store: &PartitionStore, partitions: u32) -> Result<(), TilesError> {
        let mut before = 0;
        for segment in store.sealed_segments() {
            let after = before + segment.record_count();
            if after > self.size {
                let entries = segment.entries(&store.log_id(), partitions)?;
                // A merged segment begins before what is here already.
                let known = usize::try_from(self.size - before).unwrap_or(usize::MAX);
                self.append(&entries[known..]).map_err(|source| files(&self.directory, source))?;
            }
            before = after;
        }
        Ok(())
    }

    /// If we stop within this, the files do not fit each other.
    fn append(&mut self, entries: &[(Entry, bool)]) -> io::Result<()> {
        let mut leaves = Vec::with_capacity(entries.len() * 32);
        let mut bytes = Vec::with_capacity(entries.len() * Entry::LENGTH);
        for (entry, _) in entries {
            leaves.extend_from_slice(&entry.leaf().0);
            bytes.extend_from_slice(entry.as_bytes());
        }
        let size = self.size + entries.len() as u64;
        self.levels[0].write_all_at(&leaves, self.size * HASH_BYTES)?;
        for level in 1..LEVELS {
            let bits = TILE_BITS * level;
            let mut roots = Vec::new();
            for number in self.size >> bits..size >> bits {
                let tile = self.hashes(level - 1, number * TILE_WIDTH, TILE_WIDTH)?;
                roots.extend_from_slice(&root_of(tile));
            }
            self.levels[level as usize].write_all_at(&roots, (self.size >> bits) * HASH_BYTES)?;
        }
        self.entries.write_all_at(&bytes, self.size * ENTRY_BYTES)?;
        self.size = size;
        Ok(())
    }

    /// Hashes of a level, from one on.
    pub(crate) fn hashes(&self, level: u32, from: u64, count: u64) -> io::Result<Vec<Hash>> {
        let length = usize::try_from(count * HASH_BYTES).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        self.levels[level as usize].read_exact_at(&mut bytes, from * HASH_BYTES)?;
        Ok(bytes.as_chunks().0.to_vec())
    }

    /// The entry of a leaf.
    pub fn entry(&self, index: u64) -> io::Result<Entry> {
        let mut bytes = [0; Entry::LENGTH];
        self.entries.read_exact_at(&mut bytes, index * ENTRY_BYTES)?;
        Entry::from_bytes(&bytes).ok_or_else(|| io::Error::other("an entry is none"))
    }

    /// Place of the record at an offset.
    pub fn index_of(&self, offset: Offset) -> io::Result<Option<u64>> {
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

impl Subtrees for HashTiles {
    type Error = io::Error;

    fn complete(&self, start: u64, end: u64) -> io::Result<Hash> {
        let height = (end - start).trailing_zeros();
        let level = height / TILE_BITS;
        let count = 1 << (height % TILE_BITS);
        Ok(root_of(self.hashes(level, start >> (TILE_BITS * level), count)?))
    }
}

/// Root of a complete subtree over so many hashes.
fn root_of(mut hashes: Vec<Hash>) -> Hash {
    while hashes.len() > 1 {
        hashes = hashes.chunks_exact(2).map(|pair| node(&pair[0], &pair[1])).collect();
    }
    hashes[0]
}

fn files(directory: &Path, source: io::Error) -> TilesError {
    TilesError::Files { path: directory.display().to_string(), source }
}
