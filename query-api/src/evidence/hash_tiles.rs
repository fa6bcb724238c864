//! The upper levels of one partition's tree in flat files, so that any proof is a few reads:
//! `hashes-<k>` has the roots of all complete subtrees of 256^k leaves, `offsets` the offset of the
//! first record of each 256. That is 0.16 bytes a record; leaves and entries are derived from the
//! rows (`derived`).
//!
//! Grown when it is asked for, and never believed: whoever uses it holds the root against the
//! signed one. Files that do not fit each other (a crash while they grew) are made anew.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use annals_schemas::{Offset, OffsetRange};
use annals_store::{MarkedEntry, PartitionStore, StoreError};
use annals_verify::{Hash, complete_root};

/// Hashes of a tile that is full.
const TILE_LEN: usize = 256;
pub(crate) const TILE_WIDTH: u64 = TILE_LEN as u64;
pub(super) const TILE_BITS: u32 = 8;
/// Levels that any tree may have, that of the leaves included.
const LEVELS: u32 = 8;
const HASH_BYTES: u64 = 32;
const OFFSET_BYTES: u64 = 8;

/// Why tiles cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TilesError {
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

/// One partition's files.
pub(crate) struct HashTiles {
    directory: PathBuf,
    /// Of each full tile, and of the one that is not full yet if it has a record.
    offsets: File,
    levels: Vec<File>,
    /// Full tiles of leaves.
    full: u64,
    /// Leaves after them.
    rest: u64,
}

impl HashTiles {
    /// Opens what is there, or begins.
    pub(crate) fn open(directory: &Path) -> Result<Self, TilesError> {
        let open = || {
            std::fs::create_dir_all(directory)?;
            let open = |name: &str| {
                let mut options = OpenOptions::new();
                options.read(true).write(true).create(true).truncate(false);
                options.open(directory.join(name))
            };
            let offsets = open("offsets")?;
            let levels: io::Result<Vec<File>> =
                (1..LEVELS).map(|level| open(&format!("hashes-{level}"))).collect();
            let levels = levels?;
            let full = levels[0].metadata()?.len() / HASH_BYTES;
            // What is not a full tile is looked at again when it grows.
            let (directory, rest) = (directory.to_owned(), 0);
            let mut tiles = Self { directory, offsets, levels, full, rest };
            if !tiles.is_whole()? {
                tiles.clear()?;
            }
            Ok(tiles)
        };
        open().map_err(|source| files(directory, source))
    }

    fn is_whole(&self) -> io::Result<bool> {
        let offsets = self.offsets.metadata()?.len() / OFFSET_BYTES;
        let mut is_whole = offsets == self.full || offsets == self.full + 1;
        for (level, file) in (0..).zip(&self.levels) {
            let complete = self.full >> (TILE_BITS * level);
            is_whole &= file.metadata()?.len() == complete * HASH_BYTES;
        }
        Ok(is_whole)
    }

    fn clear(&mut self) -> io::Result<()> {
        (self.full, self.rest) = (0, 0);
        self.offsets.set_len(0)?;
        self.levels.iter().try_for_each(|file| file.set_len(0))
    }

    /// Number of leaves.
    pub(crate) fn size(&self) -> u64 {
        self.full * TILE_WIDTH + self.rest
    }

    /// Forgets everything: what was grown from is not what was signed.
    pub(crate) fn forget(&mut self) -> Result<(), TilesError> {
        self.clear().map_err(|source| files(&self.directory, source))
    }

    /// Takes up what the live segments have beyond its full tiles.
    pub(crate) fn grow(
        &mut self,
        store: &PartitionStore,
        partitions: u32,
    ) -> Result<(), TilesError> {
        let known = self.full * TILE_WIDTH;
        let mut open: Vec<MarkedEntry> = Vec::new();
        let mut before = 0;
        for segment in store.sealed_segments() {
            let after = before + segment.record_count();
            if after > known {
                // Where the next tile begins; if no record of it was seen before, its place in the
                // segment, which may be a merged one that begins earlier.
                let from = self.first_offset(self.full)?;
                let skipped = if from.is_none() { known.saturating_sub(before) } else { 0 };
                let mut skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
                for OffsetRange { start, end } in segment.stretches() {
                    let range = OffsetRange { start: start.max(from.unwrap_or(0)), end };
                    if range.start >= range.end {
                        continue;
                    }
                    let entries = segment.entries_in(range, &store.log_id(), partitions)?;
                    let known = skipped.min(entries.len());
                    skipped -= known;
                    open.extend_from_slice(&entries[known..]);
                    self.take(&mut open).map_err(|source| files(&self.directory, source))?;
                }
            }
            before = after;
        }
        Ok(())
    }

    /// Takes the full tiles of these entries, and leaves the rest of them. If we stop within this,
    /// the files do not fit each other.
    fn take(&mut self, entries: &mut Vec<MarkedEntry>) -> io::Result<()> {
        let (tiles, rest) = entries.as_chunks::<TILE_LEN>();
        let first = |tile: &[MarkedEntry]| tile[0].0.fields().offset.to_le_bytes();
        let mut offsets: Vec<u8> = tiles.iter().flat_map(|tile| first(tile)).collect();
        offsets.extend((!rest.is_empty()).then(|| first(rest)).into_iter().flatten());
        self.offsets.write_all_at(&offsets, self.full * OFFSET_BYTES)?;
        let root = |tile: &[MarkedEntry; TILE_LEN]| {
            complete_root(tile.iter().map(|(entry, _)| entry.leaf().0).collect())
        };
        let roots: Vec<Hash> = tiles.iter().map(root).collect();
        self.levels[0].write_all_at(roots.as_flattened(), self.full * HASH_BYTES)?;
        let full = self.full + roots.len() as u64;
        for level in 2..LEVELS {
            let bits = TILE_BITS * (level - 1);
            let mut roots = Vec::new();
            for number in self.full >> bits..full >> bits {
                let tile = self.hashes(level - 1, number * TILE_WIDTH, TILE_WIDTH)?;
                roots.extend_from_slice(&complete_root(tile));
            }
            let at = (self.full >> bits) * HASH_BYTES;
            self.levels[level as usize - 1].write_all_at(&roots, at)?;
        }
        (self.full, self.rest) = (full, rest.len() as u64);
        *entries = rest.to_vec();
        Ok(())
    }

    /// Offset of the first record of a tile; `None` if it has none that was seen.
    pub(super) fn first_offset(&self, tile: u64) -> Result<Option<Offset>, TilesError> {
        let read = || {
            let known = self.offsets.metadata()?.len() / OFFSET_BYTES;
            if tile >= known {
                return Ok(None);
            }
            let mut bytes = [0; 8];
            self.offsets.read_exact_at(&mut bytes, tile * OFFSET_BYTES)?;
            Ok(Some(u64::from_le_bytes(bytes)))
        };
        read().map_err(|source| files(&self.directory, source))
    }

    /// The tile that the record at an offset is in, if there is one.
    pub(super) fn tile_of(&self, offset: Offset) -> Result<Option<u64>, TilesError> {
        let (mut start, mut end) = (0, self.size().div_ceil(TILE_WIDTH));
        while start < end {
            let middle = start + (end - start) / 2;
            let is_before = self.first_offset(middle)?.is_some_and(|first| first <= offset);
            if is_before { start = middle + 1 } else { end = middle }
        }
        Ok(start.checked_sub(1))
    }

    /// Hashes of a level above the leaves, from one on.
    pub(super) fn hashes(&self, level: u32, from: u64, count: u64) -> io::Result<Vec<Hash>> {
        let length = usize::try_from(count * HASH_BYTES).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        self.levels[level as usize - 1].read_exact_at(&mut bytes, from * HASH_BYTES)?;
        Ok(bytes.as_chunks().0.to_vec())
    }
}

fn files(directory: &Path, source: io::Error) -> TilesError {
    TilesError::Files { path: directory.display().to_string(), source }
}
