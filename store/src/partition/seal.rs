//! Sealing: frozen tail → segment → manifest. Publishing the manifest is the only commit point.

use std::sync::Arc;

use annals_schemas::OffsetRange;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::PartitionStore;
use super::tail::{Frozen, Tail};
use crate::StoreError;
use crate::evidence::hex;
use crate::fold::{Counts, FOLD_VERSION};
use crate::manifest::{Chain, LastRecordState, Manifest, Published, SegmentRef, TreeState};
use crate::segment::{FORMAT, SegmentReader, build_segment};
use crate::storage::{Boundary, Created, ObjectFile};

/// A frozen tail with the state the manifest will record.
pub struct SealJob {
    frozen: Arc<Frozen>,
    epoch: u64,
    counts: Counts,
    tree: TreeState,
    last: LastRecordState,
}

/// A built segment, not yet committed. Committing it may be tried again.
pub struct BuiltSegment {
    job: SealJob,
    bytes: Bytes,
    sha256: String,
    /// Random ids of the attempts so far: tells a manifest of ours that landed late.
    tries: Vec<String>,
}

impl SealJob {
    /// Sorts, compresses and hashes: CPU work of a second or so, holds no lock.
    ///
    /// The bytes are opened as a reader would before they are trusted: a segment that cannot be
    /// read must never be committed.
    pub fn build(self, partition: &PartitionStore) -> Result<BuiltSegment, StoreError> {
        let build = self.frozen.build(partition.shared.log_id, partition.partition);
        let bytes = Bytes::from(build_segment(&build));
        let file = ObjectFile::in_memory("the segment being built", bytes.clone());
        partition.open_segment(file, self.frozen.tail.range())?;
        let sha256 = hex(&Sha256::digest(&bytes));
        Ok(BuiltSegment { job: self, bytes, sha256, tries: Vec::new() })
    }
}

impl PartitionStore {
    /// Freezes the live tail; a new one takes its place. `None` if it is empty or a seal is under
    /// way. Crash here: nothing happened outside memory.
    pub fn freeze(&self) -> Option<SealJob> {
        let mut state = self.state.write();
        if state.frozen.is_some() || state.tail.range().is_empty() {
            return None;
        }
        let next = state.tail.range().end;
        let tail = std::mem::replace(&mut state.tail, Tail::starting_at(next));
        let frozen = Arc::new(Frozen::new(tail, &state.projection));
        state.frozen = Some(frozen.clone());
        let last = state.projection.last.expect("a tail that is not empty");
        Some(SealJob {
            frozen,
            epoch: state.epoch,
            counts: state.projection.counts,
            tree: TreeState::of(&state.projection.tree),
            last: LastRecordState::of(&last),
        })
    }

    /// Stores the segment, publishes the manifest, and lets readers use the segment.
    ///
    /// After a retryable error the same call may be made again: it reads the chain anew, stores
    /// under a new name, and recognises an earlier attempt that landed after all. Folded rows stay
    /// visible meanwhile: they follow from the log alone, whatever storage does. `Superseded` means
    /// that another writer was first: [`reopen`](Self::reopen).
    pub async fn commit(&self, built: &mut BuiltSegment) -> Result<(), StoreError> {
        self.check_epoch(built, self.state.read().epoch)?;
        let mut chain = self.chain.lock().clone();
        if !built.tries.is_empty() {
            let known = chain.next().0;
            chain = Chain::load(self.shared.storage.clone(), self.partition).await?;
            if chain.next().0 != known {
                return self.settle(chain, built).await;
            }
        }
        let boundary = &self.shared.boundary;
        boundary.reached(Boundary::SegmentWritten);
        // Crash here: the log still has everything; the tail is folded again from the last
        // manifest. Nothing to clean up.
        let (path, try_id) = self.store_segment(built).await?;
        boundary.reached(Boundary::SegmentSynced);
        // Crash here: a durable segment that no manifest names. Invisible; swept at the next open.
        let manifest = self.next_manifest(&chain, built, path, try_id);
        if chain.publish(manifest).await? == Published::Anothers {
            chain = Chain::load(self.shared.storage.clone(), self.partition).await?;
            return self.settle(chain, built).await;
        }
        boundary.reached(Boundary::ManifestCreated);
        // Crash here: committed. Recovery opens the segment; the log is read from its end.
        self.install(chain, built).await
    }

    /// A manifest stands where ours was to be: ours from an earlier attempt, or another writer's.
    async fn settle(&self, chain: Chain, built: &BuiltSegment) -> Result<(), StoreError> {
        let head = chain.head().expect("a chain that has grown has a head");
        if built.tries.contains(&head.try_id) {
            return self.install(chain, built).await;
        }
        Err(StoreError::Superseded { partition: self.partition, number: head.number })
    }

    async fn store_segment(
        &self,
        built: &mut BuiltSegment,
    ) -> Result<(String, String), StoreError> {
        let range = built.job.frozen.tail.range();
        let try_id = hex(&(self.shared.random)());
        built.tries.push(try_id.clone());
        let path = format!(
            "partitions/{}/segments/{:020}-{:020}-{try_id}.seg",
            self.partition, range.start, range.end
        );
        match self.shared.storage.put_if_absent(&path, built.bytes.clone()).await? {
            Created::Mine => Ok((path, try_id)),
            Created::Taken => {
                Err(StoreError::corrupt(&path, 0, "another file bears this random name"))
            }
        }
    }

    /// A job frozen before the partition was reopened must never be installed: its rows have been
    /// folded again since.
    fn check_epoch(&self, built: &BuiltSegment, epoch: u64) -> Result<(), StoreError> {
        if built.job.epoch == epoch {
            return Ok(());
        }
        Err(StoreError::Superseded { partition: self.partition, number: 0 })
    }

    fn next_manifest(
        &self,
        chain: &Chain,
        built: &BuiltSegment,
        path: String,
        try_id: String,
    ) -> Manifest {
        let range = built.job.frozen.tail.range();
        let (number, previous_sha256) = chain.next();
        let head = chain.head();
        let mut segments = head.map(|head| head.segments.clone()).unwrap_or_default();
        segments.push(SegmentRef {
            path,
            start: range.start,
            end: range.end,
            length: built.bytes.len() as u64,
            sha256: built.sha256.clone(),
        });
        let start = head.map_or(range.start, |head| head.start);
        assert_eq!(head.map_or(range.start, |head| head.end), range.start, "INV-3: no gap");
        Manifest {
            format: FORMAT,
            number,
            previous_sha256,
            try_id,
            log_id: self.shared.log_id.to_string(),
            partition: self.partition,
            fold_version: FOLD_VERSION,
            fold_from: head.map_or(start, |head| head.fold_from),
            start,
            end: range.end,
            last_record: built.job.last.clone(),
            segments,
            counts: built.job.counts,
            tree: built.job.tree.clone(),
        }
    }

    async fn install(&self, chain: Chain, built: &BuiltSegment) -> Result<(), StoreError> {
        let range = built.job.frozen.tail.range();
        let segment = chain.head().and_then(|head| head.segments.last()).cloned();
        let segment = segment.expect("the manifest just published names its segment");
        let file = self.shared.storage.open(&segment.path).await?;
        let reader = self.open_segment(file, range)?;
        let mut state = self.state.write();
        self.check_epoch(built, state.epoch)?;
        state.segments.push(Arc::new(reader));
        // INV-4: one step under the lock, so no reader sees the rows twice or not at all.
        state.frozen = None;
        drop(state);
        *self.chain.lock() = chain;
        self.shared.boundary.reached(Boundary::SegmentOpened);
        Ok(())
    }

    pub(super) fn open_segment(
        &self,
        file: ObjectFile,
        range: OffsetRange,
    ) -> Result<SegmentReader, StoreError> {
        self.shared.open_segment(file, self.partition, range)
    }
}
