//! The leaves of a signed tree, derived from the rows tile by tile, with the levels above them.
//!
//! The tiles derived last are kept in memory: the proofs of one page lie beside each other.

use std::collections::VecDeque;
use std::sync::Arc;

use annals_schemas::{Offset, OffsetRange};
use annals_store::{Entry, PartitionStore, SealedSegment};
use annals_verify::{Hash, Subtrees, complete_root};
use parking_lot::Mutex;

use super::hash_tiles::{HashTiles, TILE_BITS, TILE_WIDTH, TilesError};

/// Tiles kept of a partition: 47 KB each.
const KEPT: usize = 64;

/// Tiles of one partition that were derived, the last one at the end.
#[derive(Default)]
pub(crate) struct KeptTiles(Mutex<VecDeque<(u64, Arc<[Entry]>)>>);

/// A tree of a size, read.
pub(crate) struct TreeReader<'a> {
    files: &'a HashTiles,
    kept: &'a KeptTiles,
    store: &'a PartitionStore,
    partitions: u32,
    size: u64,
    segments: std::cell::OnceCell<Vec<SealedSegment>>,
}

impl<'a> TreeReader<'a> {
    /// The first `size` leaves, of which the files have to have the full tiles.
    pub(super) fn new(
        (files, kept): (&'a HashTiles, &'a KeptTiles),
        store: &'a PartitionStore,
        partitions: u32,
        size: u64,
    ) -> Self {
        let segments = std::cell::OnceCell::new();
        Self { files, kept, store, partitions, size, segments }
    }

    /// The entries of a tile, as far as the tree goes.
    pub(crate) fn entries(&self, tile: u64) -> Result<Arc<[Entry]>, TilesError> {
        let width = (self.size - tile * TILE_WIDTH).min(TILE_WIDTH);
        let wanted = usize::try_from(width).unwrap_or(usize::MAX);
        let found =
            |(number, entries): &&(u64, Arc<[Entry]>)| *number == tile && entries.len() == wanted;
        if let Some((_, entries)) = self.kept.0.lock().iter().find(found) {
            return Ok(entries.clone());
        }
        let entries: Arc<[Entry]> = self.derive(tile, wanted)?.into();
        let mut kept = self.kept.0.lock();
        kept.retain(|(number, _)| *number != tile);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back((tile, entries.clone()));
        Ok(entries)
    }

    fn derive(&self, tile: u64, wanted: usize) -> Result<Vec<Entry>, TilesError> {
        let Some(start) = self.files.first_offset(tile)? else { return Ok(Vec::new()) };
        let end = self.files.first_offset(tile + 1)?.unwrap_or(Offset::MAX);
        let segments = self.segments.get_or_init(|| self.store.sealed_segments());
        let mut entries = Vec::with_capacity(wanted);
        for segment in segments {
            let range = segment.range();
            let part = OffsetRange { start: start.max(range.start), end: end.min(range.end) };
            if part.start < part.end && entries.len() < wanted {
                let found = segment.entries_in(part, &self.store.log_id(), self.partitions)?;
                entries.extend(found.into_iter().map(|(entry, _)| entry));
            }
        }
        entries.truncate(wanted);
        Ok(entries)
    }

    /// Place of the record at an offset.
    pub(crate) fn index_of(&self, offset: Offset) -> Result<Option<u64>, TilesError> {
        let Some(tile) = self.files.tile_of(offset)? else { return Ok(None) };
        if tile * TILE_WIDTH >= self.size {
            return Ok(None);
        }
        let entries = self.entries(tile)?;
        let found = entries.binary_search_by_key(&offset, |entry| entry.fields().offset);
        Ok(found.ok().map(|index| tile * TILE_WIDTH + index as u64))
    }

    /// Hashes of a level, from one on; no further than the tile of the first.
    pub(crate) fn hashes(
        &self,
        level: u32,
        from: u64,
        count: u64,
    ) -> Result<Vec<Hash>, TilesError> {
        if level > 0 {
            let hashes = self.files.hashes(level, from, count);
            return hashes.map_err(|source| TilesError::Files { path: "hashes".into(), source });
        }
        let entries = self.entries(from / TILE_WIDTH)?;
        let first = usize::try_from(from % TILE_WIDTH).unwrap_or(usize::MAX);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let leaves: Vec<Hash> =
            entries.iter().skip(first).take(count).map(|entry| entry.leaf().0).collect();
        match leaves.len() == count {
            true => Ok(leaves),
            false => {
                let source = std::io::Error::other(format!("the rows give no leaf {from}"));
                Err(TilesError::Files { path: "leaves".into(), source })
            }
        }
    }
}

impl Subtrees for TreeReader<'_> {
    type Error = TilesError;

    fn complete(&self, start: u64, end: u64) -> Result<Hash, TilesError> {
        let height = (end - start).trailing_zeros();
        let level = height / TILE_BITS;
        let count = 1 << (height % TILE_BITS);
        Ok(complete_root(self.hashes(level, start >> (TILE_BITS * level), count)?))
    }
}
