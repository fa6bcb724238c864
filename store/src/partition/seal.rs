//! Sealing: frozen tail → segment → manifest. Publishing the manifest is the only commit point.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::PartitionStore;
use super::tail::{Frozen, Tail};
use crate::StoreError;
use crate::evidence::hex;
use crate::fold::{Counts, FOLD_VERSION};
use crate::manifest::{LastRecordState, Manifest, Published, SegmentRef, TreeState};
use crate::segment::{FORMAT, SegmentReader, build_segment};
use crate::storage::{Boundary, Created};

/// A frozen tail with the state the manifest will record.
pub struct SealJob {
    frozen: Arc<Frozen>,
    counts: Counts,
    tree: TreeState,
    last: LastRecordState,
}

/// A built segment, not yet stored.
pub struct BuiltSegment {
    job: SealJob,
    bytes: Bytes,
    sha256: String,
}

impl SealJob {
    /// Sorts, compresses and hashes: CPU work of a second or so, holds no lock.
    pub fn build(self, partition: &PartitionStore) -> BuiltSegment {
        let build = self.frozen.build(partition.shared.log_id, partition.partition);
        let bytes = Bytes::from(build_segment(&build));
        let sha256 = hex(&Sha256::digest(&bytes));
        BuiltSegment { job: self, bytes, sha256 }
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
            counts: state.projection.counts,
            tree: TreeState::of(&state.projection.tree),
            last: LastRecordState::of(&last),
        })
    }

    /// Stores the segment, publishes the manifest, and lets readers use the segment.
    ///
    /// On an error the caller must [`reopen`](Self::reopen): until then readers keep what they
    /// have, which is right.
    pub async fn commit(&self, built: BuiltSegment) -> Result<(), StoreError> {
        let boundary = &self.shared.boundary;
        boundary.reached(Boundary::SegmentWritten);
        // Crash here: the log still has everything; the tail is folded again from the last
        // manifest. Nothing to clean up.
        let range = built.job.frozen.tail.range();
        let try_id = hex(&(self.shared.random)());
        let path = format!(
            "partitions/{}/segments/{:020}-{:020}-{try_id}.seg",
            self.partition, range.start, range.end
        );
        match self.shared.storage.put_if_absent(&path, built.bytes.clone()).await? {
            Created::Mine => {}
            Created::Taken => {
                let detail = "another file bears this random name";
                return Err(StoreError::corrupt(&path, 0, detail));
            }
        }
        boundary.reached(Boundary::SegmentSynced);
        // Crash here: a durable segment that no manifest names. Invisible; swept at the next open.
        let mut chain = self.chain.lock().clone();
        let manifest = self.next_manifest(&chain, &built, path, try_id);
        let number = manifest.number;
        match chain.publish(manifest).await? {
            Published::Mine => {}
            Published::Anothers => {
                return Err(StoreError::Superseded { partition: self.partition, number });
            }
        }
        boundary.reached(Boundary::ManifestCreated);
        // Crash here: committed. Recovery opens the segment; the log is read from its end.
        self.install(chain, &built).await?;
        boundary.reached(Boundary::SegmentOpened);
        Ok(())
    }

    fn next_manifest(
        &self,
        chain: &crate::manifest::Chain,
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

    async fn install(
        &self,
        chain: crate::manifest::Chain,
        built: &BuiltSegment,
    ) -> Result<(), StoreError> {
        let range = built.job.frozen.tail.range();
        let segment = chain.head().and_then(|head| head.segments.last()).cloned();
        let segment = segment.expect("the manifest just published names its segment");
        let file = self.shared.storage.open(&segment.path).await?;
        let cache = (self.shared.serial.fetch_add(1, Ordering::Relaxed), self.shared.cache.clone());
        let reader = SegmentReader::open(file, self.shared.log_id, self.partition, range, cache)?;
        let mut state = self.state.write();
        state.segments.push(Arc::new(reader));
        // INV-4: one step under the lock, so no reader sees the rows twice or not at all.
        state.frozen = None;
        drop(state);
        *self.chain.lock() = chain;
        Ok(())
    }
}
