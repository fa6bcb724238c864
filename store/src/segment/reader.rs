//! A segment opened for reading, in place.
//!
//! Guarantees that every byte is verified before its first use (INV-7): footer and directory at
//! opening, each section once, at its first use after that, each block whenever it is unpacked.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use zstd::zstd_safe::DDict;

use super::MAGIC;
use super::block_table::{Block, BlockTable};
use super::blocks::BlockCache;
use super::footer::{Footer, SegmentIdentity};
use super::further_rows::FurtherRows;
use super::group::{Group, Section, counts_of, read_directory};
use super::kept_counts::KeptCounts;
use super::segment_rows::SegmentRows;
use super::stored_row::StoredRow;
use crate::StoreError;
use crate::fold::Counts;
use crate::packed::KeyTable;
use crate::storage::ObjectFile;

/// Tells the segments of this process apart in a [`BlockCache`].
static NEXT_SERIAL: AtomicU64 = AtomicU64::new(0);

/// An open segment. Cheap to share, needs no lock.
pub(crate) struct SegmentReader {
    file: ObjectFile,
    identity: SegmentIdentity,
    footer: Footer,
    groups: Vec<Group>,
    /// By [`Part::number`]. A flag that is seen late costs a second verification, nothing else.
    verified: Box<[AtomicBool]>,
    dictionary: OnceLock<DDict<'static>>,
    /// By group.
    further: Box<[OnceLock<FurtherRows>]>,
    kept_counts: KeptCounts,
    serial: u64,
}

/// A section that is verified once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Dictionary,
    Ids,
    Columns(u32),
    Lists(u32),
    BlockTable(u32),
    Layer(u32),
}

const PARTS_OF_ALL: usize = 2;
const PARTS_OF_GROUP: usize = 4;

impl Part {
    fn number(self) -> usize {
        let of_group = |group: u32, part| PARTS_OF_ALL + group as usize * PARTS_OF_GROUP + part;
        match self {
            Self::Dictionary => 0,
            Self::Ids => 1,
            Self::Columns(group) => of_group(group, 0),
            Self::Lists(group) => of_group(group, 1),
            Self::BlockTable(group) => of_group(group, 2),
            Self::Layer(group) => of_group(group, 3),
        }
    }
}

impl SegmentReader {
    /// Opens the file a manifest names. `footer_sha256` is the manifest's.
    pub(crate) fn open(
        file: ObjectFile,
        identity: SegmentIdentity,
        footer_sha256: &str,
    ) -> Result<Self, StoreError> {
        let (footer, groups) = file.sparsely(|| read_ends(&file, identity, footer_sha256))?;
        let parts = PARTS_OF_ALL + groups.len() * PARTS_OF_GROUP;
        let further = groups.iter().map(|_| OnceLock::new()).collect();
        Ok(Self {
            file,
            identity,
            footer,
            groups,
            further,
            kept_counts: KeptCounts::default(),
            verified: (0..parts).map(|_| AtomicBool::new(false)).collect(),
            dictionary: OnceLock::new(),
            serial: NEXT_SERIAL.fetch_add(1, Ordering::Relaxed),
        })
    }

    pub(crate) fn identity(&self) -> &SegmentIdentity {
        &self.identity
    }

    pub(crate) fn path(&self) -> &str {
        self.file.path()
    }

    pub(crate) fn counts(&self) -> Counts {
        self.footer.counts
    }

    /// Groups sorted by workspace id; records of nobody first.
    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Index of a workspace's group.
    pub(crate) fn group(&self, workspace: &str) -> Option<u32> {
        let found = self.groups.binary_search_by(|group| group.workspace.as_str().cmp(workspace));
        found.ok().and_then(|index| u32::try_from(index).ok())
    }

    /// Columns and lists of a group. Verifies their sections at first use.
    pub(crate) fn rows(&self, group: u32) -> Result<SegmentRows<'_>, StoreError> {
        let columns = self.part(Part::Columns(group))?;
        let lists = self.part(Part::Lists(group))?;
        let visible = self.group_at(group).visible;
        let further = &self.further[group as usize];
        SegmentRows::open((columns, lists), visible, further)
            .ok_or_else(|| self.damaged(Part::Columns(group), "the columns contradict each other"))
    }

    /// Counts of its rows that queries have asked for.
    pub(crate) fn kept_counts(&self) -> &KeptCounts {
        &self.kept_counts
    }

    /// One stored row of a group: visible rows first, then refused ones.
    pub(crate) fn row<'c>(
        &self,
        group: u32,
        row: u32,
        cache: &'c mut BlockCache,
    ) -> Result<StoredRow<'c>, StoreError> {
        let stored = StoredRow::read(self.find_row(group, row, cache)?);
        stored.ok_or_else(|| self.damaged_row(group, row, "does not decode"))
    }

    /// The same as bytes, for a compaction: what `bytes` held before is replaced.
    pub(crate) fn row_bytes(
        &self,
        group: u32,
        row: u32,
        cache: &mut BlockCache,
        bytes: &mut Vec<u8>,
    ) -> Result<(), StoreError> {
        let found = self.find_row(group, row, cache)?;
        bytes.clear();
        bytes.extend_from_slice(found);
        Ok(())
    }

    /// Rows (group, row) whose id has this hash: mostly none, and another's once in a million. The
    /// caller reads the row and compares.
    pub(crate) fn candidates(&self, id_hash: u64) -> Result<Vec<(u32, u32)>, StoreError> {
        self.ids()?.get(id_hash).map(|row| self.place_of(row)).collect()
    }

    /// Says that a group will not be read soon. What was verified stays verified: the file does not
    /// change.
    pub(super) fn release(&self, group: u32) {
        let Group { blocks_at, layer, .. } = self.group_at(group);
        self.file.release(*blocks_at, layer.end().saturating_sub(*blocks_at));
    }

    /// The id table, for merging.
    pub(crate) fn ids(&self) -> Result<KeyTable<'_>, StoreError> {
        let table = KeyTable::open(self.part(Part::Ids)?);
        let table = table.filter(|table| u64::from(table.len()) == self.footer.counts.visible);
        table.ok_or_else(|| self.damaged(Part::Ids, "the id table is not one of as many rows"))
    }

    /// The layer of a group; empty for the records of nobody.
    pub(crate) fn layer(&self, group: u32) -> Result<&[u8], StoreError> {
        self.part(Part::Layer(group))
    }

    /// Group and row of a row of the segment.
    fn place_of(&self, row: u32) -> Result<(u32, u32), StoreError> {
        let after = self.groups.partition_point(|group| group.first_row <= row);
        let index = after.checked_sub(1);
        let group = index.and_then(|index| self.groups.get(index));
        let within = group
            .map(|group| row - group.first_row)
            .filter(|within| group.is_some_and(|group| *within < group.visible));
        let place = index.and_then(|index| u32::try_from(index).ok()).zip(within);
        place.ok_or_else(|| self.damaged(Part::Ids, &format!("row {row} does not exist")))
    }

    /// The bytes of a row.
    pub(super) fn find_row<'c>(
        &self,
        group: u32,
        row: u32,
        cache: &'c mut BlockCache,
    ) -> Result<&'c [u8], StoreError> {
        self.find_row_in(&self.block_table(group)?, group, row, cache)
    }

    /// The same with the group's table.
    pub(super) fn find_row_in<'c>(
        &self,
        table: &BlockTable<'_>,
        group: u32,
        row: u32,
        cache: &'c mut BlockCache,
    ) -> Result<&'c [u8], StoreError> {
        if !cache.holds(self.serial, group, row) {
            let block = table.find(row);
            let block = block.ok_or_else(|| self.damaged_row(group, row, "is missing"))?;
            self.load(group, &block, cache)?;
        }
        cache.row(row).ok_or_else(|| self.damaged_row(group, row, "is cut"))
    }

    /// Verifies and unpacks a block.
    pub(super) fn load(
        &self,
        group: u32,
        block: &Block,
        cache: &mut BlockCache,
    ) -> Result<(), StoreError> {
        let (at, length) = self.place_of_block(group, block)?;
        let packed = self.file.checked(at, length, block.crc)?;
        let dictionary = self.dictionary()?;
        let place = (self.serial, group, block.rows.clone());
        let damaged = |detail: &str| StoreError::corrupt(self.path(), at, detail);
        cache.load(packed, dictionary, place).map_err(damaged)
    }

    /// The bytes of a block, not verified: to fetch them from memory, and for nothing else.
    pub(super) fn unverified(&self, group: u32, block: &Block) -> Result<&[u8], StoreError> {
        let (at, length) = self.place_of_block(group, block)?;
        self.file.bytes(at, length)
    }

    /// Where a block starts in the file, and its length.
    fn place_of_block(&self, group: u32, block: &Block) -> Result<(u64, u64), StoreError> {
        let Group { blocks_at, blocks_length, .. } = *self.group_at(group);
        let at = blocks_at.saturating_add(block.bytes.start);
        let length = block.bytes.end.checked_sub(block.bytes.start);
        let length = length.filter(|_| block.bytes.end <= blocks_length);
        let detail = "the block lies outside of its group";
        let length = length.ok_or_else(|| StoreError::corrupt(self.path(), at, detail))?;
        Ok((at, length))
    }

    pub(super) fn block_table(&self, group: u32) -> Result<BlockTable<'_>, StoreError> {
        let bytes = self.part(Part::BlockTable(group))?;
        let table = BlockTable::open(bytes, self.group_at(group).rows());
        table.ok_or_else(|| self.damaged(Part::BlockTable(group), "the block table is none"))
    }

    /// Made at first use: many segments are open that no row is read from.
    pub(super) fn dictionary(&self) -> Result<&DDict<'static>, StoreError> {
        if let Some(dictionary) = self.dictionary.get() {
            return Ok(dictionary);
        }
        let bytes = self.part(Part::Dictionary)?;
        Ok(self.dictionary.get_or_init(|| DDict::create(bytes)))
    }

    /// The bytes of a section, verified before the first time they are given.
    fn part(&self, part: Part) -> Result<&[u8], StoreError> {
        let Section { at, length, crc } = self.section(part);
        let verified = &self.verified[part.number()];
        if verified.load(Ordering::Relaxed) {
            return self.file.bytes(at, length);
        }
        let bytes = self.file.checked(at, length, crc)?;
        verified.store(true, Ordering::Relaxed);
        Ok(bytes)
    }

    /// Compares a section's checksum, whether that was done before or not.
    pub(super) fn verify_part(&self, part: Part) -> Result<(), StoreError> {
        let Section { at, length, crc } = self.section(part);
        self.file.checked(at, length, crc).map(|_| ())
    }

    fn section(&self, part: Part) -> Section {
        match part {
            Part::Dictionary => self.footer.dictionary,
            Part::Ids => self.footer.ids,
            Part::Columns(group) => self.group_at(group).columns,
            Part::Lists(group) => self.group_at(group).lists,
            Part::BlockTable(group) => self.group_at(group).block_table,
            Part::Layer(group) => self.group_at(group).layer,
        }
    }

    /// # Panics
    /// If the segment has no such group: numbers come from `group` and `groups`.
    pub(super) fn group_at(&self, group: u32) -> &Group {
        &self.groups[group as usize]
    }

    pub(super) fn damaged(&self, part: Part, detail: &str) -> StoreError {
        StoreError::corrupt(self.path(), self.section(part).at, detail)
    }

    pub(super) fn damaged_row(&self, group: u32, row: u32, detail: &str) -> StoreError {
        let Group { workspace, blocks_at, .. } = self.group_at(group);
        let detail = format!("row {row} of group {workspace:?} {detail}");
        StoreError::corrupt(self.path(), *blocks_at, detail)
    }

    /// How many sections have been verified since opening.
    #[cfg(test)]
    pub(super) fn verified_parts(&self) -> usize {
        self.verified.iter().filter(|flag| flag.load(Ordering::Relaxed)).count()
    }
}

impl std::fmt::Debug for SegmentReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SegmentReader({})", self.path())
    }
}

/// Footer and directory, at the end of the file, and the magic at its beginning.
fn read_ends(
    file: &ObjectFile,
    identity: SegmentIdentity,
    footer_sha256: &str,
) -> Result<(Footer, Vec<Group>), StoreError> {
    let footer = Footer::read(file, identity, footer_sha256)?;
    if file.bytes(0, MAGIC.len() as u64)? != MAGIC {
        let detail = "this is no segment: the opening magic is missing";
        return Err(StoreError::corrupt(file.path(), 0, detail));
    }
    let directory = footer.directory;
    let damaged = |detail: String| StoreError::corrupt(file.path(), directory.at, detail);
    file.fetch(directory.at, directory.length);
    let bytes = file.checked(directory.at, directory.length, directory.crc)?;
    let (groups, end) = read_directory(bytes, footer.dictionary.end()).map_err(&damaged)?;
    if counts_of(&groups) != footer.counts {
        return Err(damaged("the directory does not add up to the footer's counts".into()));
    }
    if end != footer.ids.at {
        return Err(damaged(format!("the groups end at {end}, not {}", footer.ids.at)));
    }
    Ok((footer, groups))
}
