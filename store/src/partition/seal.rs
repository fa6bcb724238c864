//! Sealing: frozen tail → segment → manifest. Publishing the manifest is the only commit point.

use std::sync::Arc;

use super::PartitionStore;
use super::build::build;
use super::frozen::Frozen;
use super::install::Exchange;
use super::publishing::{Candidate, Publishing, Purpose};
use super::tail::Tail;
use crate::StoreError;
use crate::fold::{Counts, FOLD_VERSION};
use crate::manifest::{Chain, FORMAT, LastRecordState, Manifest, Published, SegmentRef, TreeState};
use crate::storage::Boundary;

/// A frozen tail with the state the manifest will record. Cheap to clone.
#[derive(Clone)]
pub struct SealJob(Arc<Job>);

struct Job {
    frozen: Arc<Frozen>,
    epoch: u64,
    counts: Counts,
    tree: TreeState,
    last: LastRecordState,
}

/// A built segment, not yet committed. Committing it may be tried again.
pub struct BuiltSegment {
    job: SealJob,
    candidate: Candidate,
}

impl SealJob {
    /// Sorts, compresses and hashes into a staged file: CPU work of a second or so, holds no lock.
    /// After a retryable error, such as a full disk, it may be tried again.
    pub fn build(&self, partition: &PartitionStore) -> Result<BuiltSegment, StoreError> {
        let candidate = build(&self.0.frozen, &partition.shared, partition.partition)?;
        Ok(BuiltSegment { job: self.clone(), candidate })
    }
}

impl BuiltSegment {
    /// Length of the segment.
    pub fn length_bytes(&self) -> u64 {
        self.candidate.written.length
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
        let frozen = Arc::new(Frozen::new(tail, &mut state.projection));
        state.frozen = Some(frozen.clone());
        state.version += 1;
        let last = state.projection.growth.last().expect("a tail that is not empty");
        Some(SealJob(Arc::new(Job {
            frozen,
            epoch: state.epoch,
            counts: state.projection.counts,
            tree: TreeState::of(state.projection.growth.tree()),
            last: LastRecordState::of(&last),
        })))
    }

    /// Stores the segment, publishes the manifest, and lets readers use the segment.
    ///
    /// After a retryable error the same call may be made again: it reads the chain anew, and
    /// recognises an earlier attempt that landed after all. Folded rows stay visible meanwhile:
    /// they follow from the log alone, whatever storage does. `Superseded` means that another
    /// writer was first: [`reopen`](Self::reopen).
    pub async fn commit(&self, built: &mut BuiltSegment) -> Result<(), StoreError> {
        let mut publishing = self.publishing.lock().await;
        self.check_epoch(built.job.0.epoch)?;
        let mut chain = publishing.chain.clone();
        if !built.candidate.tries.is_empty() {
            let known = chain.next().0;
            chain = Chain::load(self.shared.storage.clone(), self.partition).await?;
            if chain.next().0 != known {
                return self.settle(&mut publishing, chain, built).await;
            }
        }
        if !built.candidate.is_stored() {
            self.stage_again(built).await?;
        }
        let boundary = &self.shared.boundary;
        boundary.reached(Boundary::SegmentWritten);
        // Crash here: the log still has everything; the tail is folded again from the last
        // manifest. Left behind is a staged file, cleared at the next start.
        let stored = built.candidate.store(&self.shared, self.partition, Purpose::Seal).await?;
        boundary.reached(Boundary::SegmentSynced);
        // Crash here: a durable segment that no manifest names. Invisible; swept at the next open.
        let manifest = self.next_manifest(&publishing, &chain, &built.job, stored);
        if chain.publish(manifest).await? == Published::Anothers {
            chain = Chain::load(self.shared.storage.clone(), self.partition).await?;
            return self.settle(&mut publishing, chain, built).await;
        }
        boundary.reached(Boundary::ManifestCreated);
        // Crash here: committed. Recovery opens the segment; the log is read from its end.
        self.install(&mut publishing, chain, built).await
    }

    /// A manifest stands where ours was to be: ours from an earlier attempt, or another writer's.
    async fn settle(
        &self,
        publishing: &mut Publishing,
        chain: Chain,
        built: &mut BuiltSegment,
    ) -> Result<(), StoreError> {
        let head = chain.head().expect("a chain that has grown has a head");
        if built.candidate.tries.contains(&head.try_id) {
            return self.install(publishing, chain, built).await;
        }
        Err(StoreError::Superseded { partition: self.partition, number: head.number })
    }

    /// A staged file that could not be synced is of no use any more: it is written once more.
    async fn stage_again(&self, built: &mut BuiltSegment) -> Result<(), StoreError> {
        if built.candidate.staged.open().is_ok() {
            return Ok(());
        }
        let (job, shared, partition) = (built.job.clone(), self.shared.clone(), self.partition);
        let work = move || build(&job.0.frozen, &shared, partition);
        let again = tokio::task::spawn_blocking(work).await;
        let again = again.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        built.candidate.restage(again?);
        Ok(())
    }

    /// A job frozen before the partition was reopened must never be installed: its rows have been
    /// folded again since.
    pub(super) fn check_epoch(&self, epoch: u64) -> Result<(), StoreError> {
        if self.state.read().epoch == epoch {
            return Ok(());
        }
        Err(StoreError::Superseded { partition: self.partition, number: 0 })
    }

    fn next_manifest(
        &self,
        publishing: &Publishing,
        chain: &Chain,
        SealJob(job): &SealJob,
        (segment, try_id): (SegmentRef, String),
    ) -> Manifest {
        let range = segment.range();
        let (number, previous_sha256) = chain.next();
        let head = chain.head();
        let start = head.map_or(range.start, |head| head.start);
        assert_eq!(head.map_or(range.start, |head| head.end), range.start, "INV-3: no gap");
        let mut segments = head.map(|head| head.segments.clone()).unwrap_or_default();
        segments.push(segment);
        Manifest {
            format: FORMAT,
            number,
            previous_sha256,
            created_at: (self.shared.now)(),
            try_id,
            log_id: self.shared.log_id.to_string(),
            partition: self.partition,
            fold_version: FOLD_VERSION,
            fold_from: head.map_or(start, |head| head.fold_from),
            start,
            end: range.end,
            last_record: job.last.clone(),
            counts: job.counts,
            tree: job.tree.clone(),
            segments,
            retired: head.map(|head| publishing.still_retired(head)).unwrap_or_default(),
            schemas: self.schemas().before(range.end),
            checksum: String::new(),
        }
    }

    async fn install(
        &self,
        publishing: &mut Publishing,
        chain: Chain,
        built: &mut BuiltSegment,
    ) -> Result<(), StoreError> {
        let head = chain.head().expect("a chain just published has a head");
        let segment = head.segments.last().expect("a manifest of a seal names its segment");
        let reader = self.open_published(segment).await?;
        let exchange = {
            let state = self.state.read();
            let live = state.segments.len();
            Exchange::prepare(&state, live..live, &reader, true)?
        };
        self.check_epoch(built.job.0.epoch)?;
        let mut state = self.state.write();
        // INV-4: one step under the lock, so no reader sees the rows twice or not at all.
        let replaced = exchange.apply(&mut state, self.shared.recent_bytes);
        let frozen = state.frozen.take();
        state.committed = head.end;
        drop(state);
        drop((replaced, frozen));
        publishing.advance(chain, &mut built.candidate);
        self.shared.boundary.reached(Boundary::SegmentOpened);
        Ok(())
    }
}
