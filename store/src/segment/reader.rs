//! A segment opened for reading.

use std::sync::Arc;

use annals_schemas::{LogId, OffsetRange, Partition, WorkspaceId};
use moka::sync::Cache;
use zstd::zstd_safe::DDict;

use super::blocks::read_block;
use super::columns::Columns;
use super::footer::{DirectoryEntry, Footer, Section};
use super::ids::{IdIndex, filter_key};
use super::stored_row::StoredRow;
use super::writer::{counts_of, unpacked};
use crate::StoreError;
use crate::catalog::Additions;
use crate::fold::{Counts, Projection};
use crate::storage::ObjectFile;

/// Columns of (segment serial, directory index), bounded by bytes.
pub(crate) type ColumnCache = Cache<(u64, u32), Arc<Columns>>;

/// The block read last.
#[derive(Default)]
pub(crate) struct BlockCache {
    key: Option<(u64, u64)>,
    rows: Vec<StoredRow>,
}

/// An open segment. Cheap to share; needs no lock.
pub(crate) struct SegmentReader {
    file: ObjectFile,
    footer: Footer,
    directory: Vec<DirectoryEntry>,
    dictionary: DDict<'static>,
    ids: IdIndex,
    serial: u64,
    cache: ColumnCache,
}

impl SegmentReader {
    /// Opens the file a manifest names. `serial` is unique within the cache's life.
    pub(crate) fn open(
        file: ObjectFile,
        log_id: LogId,
        partition: Partition,
        range: OffsetRange,
        (serial, cache): (u64, ColumnCache),
    ) -> Result<Self, StoreError> {
        let footer = Footer::read(&file, log_id, partition, range)?;
        let at = footer.directory.at;
        let damaged = |detail: String| StoreError::corrupt(file.path(), at, detail);
        let directory: Vec<DirectoryEntry> =
            unpacked(&footer.directory.read(&file)?).map_err(&damaged)?;
        if counts_of(&directory) != footer.counts {
            return Err(damaged("the directory does not add up to the footer's counts".into()));
        }
        if !directory.is_sorted_by(|a, b| a.workspace < b.workspace) {
            return Err(damaged("the directory is not sorted".into()));
        }
        let dictionary = DDict::create(&footer.dictionary.read(&file)?);
        let ids = IdIndex::read(&file, &footer)?;
        Ok(Self { file, footer, directory, dictionary, ids, serial, cache })
    }

    /// Index of a workspace in the directory.
    pub(crate) fn workspace(&self, id: &str) -> Option<u32> {
        let found = self.directory.binary_search_by(|entry| entry.workspace.as_str().cmp(id));
        found.ok().and_then(|index| u32::try_from(index).ok())
    }

    pub(crate) fn entry(&self, workspace: u32) -> &DirectoryEntry {
        &self.directory[workspace as usize]
    }

    /// The catalog additions of a workspace; `None` for ownerless records.
    pub(crate) fn additions(&self, workspace: u32) -> Result<Option<Additions>, StoreError> {
        self.section(&self.entry(workspace).additions)
    }

    /// A workspace's columns, from the cache if they are there.
    pub(crate) fn columns(&self, workspace: u32) -> Result<Arc<Columns>, StoreError> {
        let key = (self.serial, workspace);
        if let Some(columns) = self.cache.get(&key) {
            return Ok(columns);
        }
        let entry = self.entry(workspace);
        let columns: Columns = self.section(&entry.columns)?;
        if !columns.is_sound() || columns.visible() != entry.visible as usize {
            return Err(self.damaged(&entry.columns, "the columns contradict each other"));
        }
        let columns = Arc::new(columns);
        self.cache.insert(key, columns.clone());
        Ok(columns)
    }

    /// One stored row. Rows that follow each other share a block: the cache spares unpacking it
    /// again for each.
    pub(crate) fn row(
        &self,
        columns: &Columns,
        row: u32,
        cache: &mut BlockCache,
    ) -> Result<StoredRow, StoreError> {
        let after = columns.blocks.partition_point(|block| block.first_row <= row);
        let missing = || StoreError::corrupt(self.file.path(), 0, format!("row {row} is missing"));
        let block = after.checked_sub(1).map(|i| &columns.blocks[i]).ok_or_else(missing)?;
        let key = Some((self.serial, block.at));
        if cache.key != key {
            cache.rows = read_block(&self.file, block, &self.dictionary)?;
            cache.key = key;
        }
        cache.rows.get((row - block.first_row) as usize).cloned().ok_or_else(missing)
    }

    /// The row of a visible event, if it is in this segment.
    pub(crate) fn find(
        &self,
        workspace: &str,
        event_id: &[u8; 16],
    ) -> Result<Option<(u32, u32)>, StoreError> {
        if !self.ids.may_contain(filter_key(workspace, event_id)) {
            return Ok(None);
        }
        let Some(index) = self.workspace(workspace) else { return Ok(None) };
        let row = self.ids.find(&self.file, &self.footer, event_id, index)?;
        Ok(row.map(|row| (index, row)))
    }

    /// Replays what this segment added: catalogs, sequence numbers, counts.
    pub(crate) fn replay_into(&self, projection: &mut Projection) -> Result<(), StoreError> {
        for (index, entry) in (0..).zip(&self.directory) {
            let counts = Counts {
                visible: u64::from(entry.visible),
                duplicate: u64::from(entry.duplicate),
                quarantined: u64::from(entry.quarantined),
            };
            projection.counts.add(counts);
            let Some(id) = WorkspaceId::new(&entry.workspace).ok() else { continue };
            let state = projection.restore(&id, entry.last_seq, entry.last_offset);
            state.counts.add(counts);
            if let Some(additions) = self.additions(index)? {
                let at = &entry.additions;
                state.catalog.replay(additions).map_err(|detail| self.damaged(at, &detail))?;
            }
        }
        Ok(())
    }

    fn section<T: serde::de::DeserializeOwned>(&self, section: &Section) -> Result<T, StoreError> {
        let bytes = section.read(&self.file)?;
        unpacked(&bytes).map_err(|detail| self.damaged(section, &detail))
    }

    fn damaged(&self, section: &Section, detail: &str) -> StoreError {
        StoreError::corrupt(self.file.path(), section.at, detail)
    }
}

impl std::fmt::Debug for SegmentReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SegmentReader({})", self.file.path())
    }
}
