//! Adding names: in code order for each workspace, all or nothing at each commit.
//!
//! Tantivy's writer, its threads and its memory exist from the first name added to the commit. If
//! the process stops in between, or anything fails, what was not committed is forgotten and the
//! index is as of its last commit.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::indexer::{IndexWriterOptions, LogMergePolicy, MergePolicy, NoMergePolicy};
use tantivy::{Index, IndexWriter, TantivyDocument};

use crate::IndexError;
use crate::ordinal::Ordinal;
use crate::schema::{Fields, workspace_term};
use crate::snapshot::Snapshot;

/// Memory in which tantivy builds a segment before it writes it out.
const HEAP_BYTES: usize = 48 * 1024 * 1024;

/// Segments of similar size that are merged into one.
const MERGED_SEGMENTS_MIN: usize = 4;

/// Segments below this count as of similar size.
const SMALL_SEGMENT_NAMES: u32 = 8 * 1024;

/// A segment of more names is not merged again: it bounds how long a commit takes.
const MERGED_NAMES_MAX: usize = 2 * 1024 * 1024;

/// The one writer of an index.
pub(crate) struct NamesWriter {
    index: Index,
    fields: Fields,
    committed: Arc<Snapshot>,
    /// After a failure it is unknown what was committed last until it is read again.
    is_committed_known: bool,
    writer: Option<IndexWriter>,
    workspaces: HashMap<Box<str>, Progress>,
    last_ordinal: Option<Ordinal>,
}

/// A workspace's names since the last commit.
struct Progress {
    ordinal: Ordinal,
    term: String,
    next_code: u32,
}

impl NamesWriter {
    pub(crate) fn new(index: Index, fields: Fields, committed: Arc<Snapshot>) -> Self {
        let last_ordinal = committed.last_ordinal();
        let workspaces = HashMap::new();
        Self {
            index,
            fields,
            committed,
            is_committed_known: true,
            writer: None,
            workspaces,
            last_ordinal,
        }
    }

    /// The code that has to be added next, whether the ones before are committed or not.
    pub(crate) fn next_code(&mut self, workspace: &str) -> Result<u32, IndexError> {
        self.read_committed()?;
        let progress = self.workspaces.get(workspace).map(|progress| progress.next_code);
        let covered = || self.committed.coverage(workspace).map_or(0, |known| known.covered);
        Ok(progress.unwrap_or_else(covered))
    }

    /// Adds a name unless it is there already. Returns whether it was added.
    pub(crate) fn add(
        &mut self,
        workspace: &str,
        code: u32,
        folded: &str,
    ) -> Result<bool, IndexError> {
        let expected = self.next_code(workspace)?;
        if code < expected {
            return Ok(false);
        }
        if code > expected {
            return Err(IndexError::Gap { workspace: workspace.to_owned(), expected, code });
        }
        let added = self.append(workspace, code, folded);
        added.inspect_err(|_| self.forget()).map(|()| true)
    }

    fn append(&mut self, workspace: &str, code: u32, folded: &str) -> Result<(), IndexError> {
        if !self.workspaces.contains_key(workspace) {
            self.begin_workspace(workspace)?;
        }
        if self.writer.is_none() {
            self.writer = Some(self.open_writer()?);
        }
        let progress = self.workspaces.get_mut(workspace);
        if let (Some(progress), Some(writer)) = (progress, &self.writer) {
            let document = self.fields.document(progress.ordinal, &progress.term, code, folded);
            writer.add_document(document).map_err(IndexError::engine("add a name"))?;
            progress.next_code = code + 1;
        }
        Ok(())
    }

    fn begin_workspace(&mut self, workspace: &str) -> Result<(), IndexError> {
        let (ordinal, next_code) = match self.committed.coverage(workspace) {
            Some(known) => (known.ordinal, known.covered),
            None => {
                let next = self.last_ordinal.map_or(Some(Ordinal::FIRST), Ordinal::next);
                let none_left =
                    || IndexError::TooManyWorkspaces { workspace: workspace.to_owned() };
                let ordinal = next.ok_or_else(none_left)?;
                self.last_ordinal = Some(ordinal);
                (ordinal, 0)
            }
        };
        let term = workspace_term(ordinal, workspace);
        self.workspaces.insert(workspace.into(), Progress { ordinal, term, next_code });
        Ok(())
    }

    fn open_writer(&self) -> Result<IndexWriter, IndexError> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(1)
            .memory_budget_per_thread(HEAP_BYTES)
            .build();
        let writer = self
            .index
            .writer_with_options::<TantivyDocument>(options)
            .map_err(IndexError::engine("open for writing"))?;
        // Merging is done by `commit`, so that it never runs unseen behind a reader's back.
        writer.set_merge_policy(Box::new(NoMergePolicy));
        Ok(writer)
    }

    /// Makes what was added durable and merges small segments, giving each new state to `publish`.
    pub(crate) fn commit(
        &mut self,
        publish: &mut dyn FnMut(Arc<Snapshot>),
    ) -> Result<(), IndexError> {
        self.read_committed()?;
        let Some(mut writer) = self.writer.take() else {
            return Ok(());
        };
        let committed = self.commit_and_merge(&mut writer, publish);
        // Dropping the writer joins its threads; only then another one can be opened.
        drop(writer);
        self.forget();
        self.is_committed_known = committed.is_ok();
        committed
    }

    fn commit_and_merge(
        &mut self,
        writer: &mut IndexWriter,
        publish: &mut dyn FnMut(Arc<Snapshot>),
    ) -> Result<(), IndexError> {
        // If we stop before the commit, the segments written so far are swept by the next one; if
        // we stop between the commit and a merge, the merge is done at the next commit.
        writer.commit().map_err(IndexError::engine("commit names"))?;
        self.reload()?;
        publish(Arc::clone(&self.committed));
        loop {
            let segments = self.index.searchable_segment_metas();
            let segments = segments.map_err(IndexError::engine("list segments"))?;
            let merges = merge_policy().compute_merge_candidates(&segments);
            if merges.is_empty() {
                return Ok(());
            }
            for merge in merges {
                let merged = writer.merge(&merge.0).wait();
                merged.map_err(IndexError::engine("merge segments"))?;
            }
            self.reload()?;
            publish(Arc::clone(&self.committed));
        }
    }

    fn reload(&mut self) -> Result<(), IndexError> {
        self.committed = Arc::new(Snapshot::load(&self.index, &self.fields, &self.committed)?);
        self.last_ordinal = self.committed.last_ordinal();
        Ok(())
    }

    fn read_committed(&mut self) -> Result<(), IndexError> {
        if !self.is_committed_known {
            self.reload()?;
            self.is_committed_known = true;
        }
        Ok(())
    }

    /// Drops whatever is not committed.
    fn forget(&mut self) {
        self.writer = None;
        self.workspaces.clear();
        self.is_committed_known = false;
    }
}

fn merge_policy() -> LogMergePolicy {
    let mut policy = LogMergePolicy::default();
    policy.set_min_num_segments(MERGED_SEGMENTS_MIN);
    policy.set_min_layer_size(SMALL_SEGMENT_NAMES);
    policy.set_max_docs_before_merge(MERGED_NAMES_MAX);
    // Two powers of two: the sizes of one level differ by at most four times.
    policy.set_level_log_size(2.0);
    policy
}
