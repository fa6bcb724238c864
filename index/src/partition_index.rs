//! The name index of one partition: one writer at a time, any number of pins.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use annals_store::{NameIndex, NameIndexError, PinnedNames};
use parking_lot::{Mutex, RwLock};
use tantivy::directory::DirectoryLock;

use crate::IndexError;
use crate::directory::{Opened, open_or_create};
use crate::pinned::PinnedPartitionNames;
use crate::snapshot::Snapshot;
use crate::writer::NamesWriter;

/// An index over the distinct names of all workspaces of one partition, open for reading and
/// writing. Share it in an `Arc`; pinning never waits for a writer.
pub struct PartitionIndex {
    directory: PathBuf,
    committed: RwLock<Arc<Snapshot>>,
    writer: Mutex<NamesWriter>,
    /// Released last: no other process may come in while the writer still ends.
    _lock: DirectoryLock,
}

impl PartitionIndex {
    /// Opens the index in `directory`, which is made if need be and must belong to it alone.
    /// `origin` says whose codes these are (the log and the partition). What is damaged, of another
    /// origin or in another format is removed, with a warning, and the index begins empty. All
    /// files are read once to verify their checksums.
    ///
    /// Errors: [`IndexError::Locked`] while the directory is open elsewhere; [`IndexError::Io`] and
    /// [`IndexError::Engine`] when an index cannot even be begun there.
    pub fn open(directory: &Path, origin: &str) -> Result<Self, IndexError> {
        let Opened { lock, index, fields, snapshot } = open_or_create(directory, origin)?;
        let committed = Arc::new(snapshot);
        let writer = NamesWriter::new(index, fields, Arc::clone(&committed));
        Ok(Self {
            directory: directory.to_owned(),
            committed: RwLock::new(committed),
            writer: Mutex::new(writer),
            _lock: lock,
        })
    }

    /// Where the index lies.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Adds one folded name. Returns false, and does nothing, for a code that is there already;
    /// codes of a workspace must come in order ([`IndexError::Gap`]). Seen and kept from the next
    /// [`commit`](Self::commit) on; after an error everything since the last commit is forgotten.
    pub fn add(&self, workspace: &str, code: u32, folded: &str) -> Result<bool, IndexError> {
        self.writer.lock().add(workspace, code, folded)
    }

    /// The code of `workspace` to be added next: codes below it are covered or await a commit.
    pub fn next_code(&self, workspace: &str) -> Result<u32, IndexError> {
        self.writer.lock().next_code(workspace)
    }

    /// Makes all names added so far durable, atomically, and seen by every pin taken afterwards.
    pub fn commit(&self) -> Result<(), IndexError> {
        self.writer.lock().commit(&mut |snapshot| *self.committed.write() = snapshot)
    }

    /// Codes of `workspace` below this are covered by a pin taken at this moment.
    pub fn covered(&self, workspace: &str) -> u32 {
        self.pin_names(workspace).covered()
    }

    /// Names covered, of all workspaces.
    pub fn names(&self) -> u64 {
        self.committed.read().names()
    }

    /// Segments a query visits.
    pub fn segments(&self) -> usize {
        self.committed.read().segments.len()
    }

    /// As [`NameIndex::pin`], with the type named.
    pub fn pin_names(&self, workspace: &str) -> PinnedPartitionNames {
        PinnedPartitionNames::new(Arc::clone(&self.committed.read()), workspace)
    }
}

impl NameIndex for PartitionIndex {
    fn pin(&self, workspace: &str) -> Result<Box<dyn PinnedNames>, NameIndexError> {
        Ok(Box::new(self.pin_names(workspace)))
    }
}

#[cfg(test)]
#[path = "partition_index_tests.rs"]
mod tests;
