//! Compaction: neighbouring segments → one segment → manifest. What is read stays the same.
//!
//! States: *chosen* → *building* (a staged file) → *stored* → *published* → *retired* (its
//! inputs) → *removed* after the grace period.

use std::ops::Range;
use std::sync::Arc;

use annals_schemas::OffsetRange;

use super::PartitionStore;
use super::build::verify;
use super::install::Exchange;
use super::publishing::{Candidate, Publishing, Purpose};
use super::tiers::choose;
use crate::StoreError;
use crate::catalog::SealedCatalog;
use crate::fold::Counts;
use crate::manifest::{Chain, Manifest, Published, Retired, SegmentRef};
use crate::segment::{SegmentReader, merge_segments};
use crate::storage::Boundary;

/// Neighbouring segments that are to become one. Cheap to clone.
#[derive(Clone)]
pub struct CompactJob {
    inputs: Arc<[Arc<SegmentReader>]>,
    epoch: u64,
}

/// A merged segment, not yet committed. Committing it may be tried again.
pub struct CompactedSegment {
    job: CompactJob,
    candidate: Candidate,
}

/// What became of a compaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compaction {
    /// Readers use the merged segment.
    Published,
    /// The inputs are live no more, or another writer was first: nothing was changed.
    GivenUp,
}

impl CompactJob {
    /// Number of segments that become one.
    pub fn input_count(&self) -> usize {
        self.inputs.len()
    }

    /// Records of all of them.
    pub fn records(&self) -> u64 {
        self.counts().records()
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.inputs.iter().for_each(|input| counts.add(input.counts()));
        counts
    }

    fn range(&self) -> OffsetRange {
        let ranges = || self.inputs.iter().map(|input| input.identity().range);
        let start = ranges().map(|range| range.start).min().unwrap_or_default();
        OffsetRange { start, end: ranges().map(|range| range.end).max().unwrap_or(start) }
    }

    /// Merges into a staged file and reads it back: CPU work and disk, holds no lock. After a
    /// retryable error, such as a full disk, it may be tried again.
    pub fn build(&self, partition: &PartitionStore) -> Result<CompactedSegment, StoreError> {
        let shared = &partition.shared;
        let staged = shared.storage.stage()?;
        let mut names = NamedResources { partition, recent: None };
        let mut resource_of = |workspace: &str, name| names.resource_of(workspace, name);
        let level = shared.compaction.level;
        let (staged, written) = merge_segments(&self.inputs, staged, level, &mut resource_of)?;
        let mut candidate = Candidate::new(staged, written, self.range());
        verify(&mut candidate, shared, partition.partition)?;
        if candidate.written.counts != self.counts() {
            let path = self.inputs.first().map(|input| input.path()).unwrap_or_default();
            return Err(StoreError::corrupt(path, 0, "INV-2: merging changed the counts"));
        }
        Ok(CompactedSegment { job: self.clone(), candidate })
    }
}

impl CompactedSegment {
    /// Length of the merged segment.
    pub fn length_bytes(&self) -> u64 {
        self.candidate.written.length
    }
}

/// Resources of names of any workspace, one workspace after the other.
struct NamedResources<'a> {
    partition: &'a PartitionStore,
    recent: Option<(String, SealedCatalog)>,
}

impl NamedResources<'_> {
    fn resource_of(&mut self, workspace: &str, name: u32) -> Result<u32, StoreError> {
        let recent = self.recent.take().filter(|(id, _)| id == workspace);
        let (_, catalog) = self.recent.insert(match recent {
            Some(recent) => recent,
            None => {
                let sealed = self.partition.sealed(workspace);
                (workspace.to_owned(), sealed.map(|sealed| sealed.catalog).unwrap_or_default())
            }
        });
        catalog.view().name_resource(name)
    }
}

impl PartitionStore {
    /// The next merge; `None` if segments are few enough. Chooses among live segments only, and
    /// nothing is reserved: one compaction at a time is the caller's part.
    pub fn compact_plan(&self) -> Option<CompactJob> {
        let state = self.state.read();
        let records: Vec<u64> = state.segments.iter().map(|s| s.counts().records()).collect();
        let chosen = choose(&records, &self.shared.compaction)?;
        Some(CompactJob { inputs: state.segments[chosen].into(), epoch: state.epoch })
    }

    /// Stores the merged segment, publishes a manifest with the same checkpoint in which it takes
    /// the inputs' place, and lets readers use it. Seals and compactions publish one after the
    /// other.
    ///
    /// After a retryable error the same call may be made again, as with [`commit`](Self::commit).
    pub async fn commit_compaction(
        &self,
        merged: &mut CompactedSegment,
    ) -> Result<Compaction, StoreError> {
        let mut publishing = self.publishing.lock().await;
        let mut chain = publishing.chain.clone();
        if !merged.candidate.tries.is_empty() {
            chain = Chain::load(self.shared.storage.clone(), self.partition).await?;
            if chain.next().0 != publishing.chain.next().0 {
                return self.settle_compaction(&mut publishing, chain, merged).await;
            }
        }
        let Some(replaced) = self.inputs_in(&publishing, &merged.job) else {
            return Ok(Compaction::GivenUp);
        };
        let boundary = &self.shared.boundary;
        boundary.reached(Boundary::CompactionWritten);
        // Crash here: a staged file, cleared at the next start.
        let purpose = Purpose::Compaction;
        let stored = merged.candidate.store(&self.shared, self.partition, purpose).await?;
        boundary.reached(Boundary::CompactionSynced);
        // Crash here: a durable segment that no manifest names; removed after the next open.
        let Some(manifest) = self.compacted_manifest(&publishing, replaced, stored) else {
            return Ok(Compaction::GivenUp);
        };
        if chain.publish(manifest).await? == Published::Anothers {
            chain = Chain::load(self.shared.storage.clone(), self.partition).await?;
            return self.settle_compaction(&mut publishing, chain, merged).await;
        }
        boundary.reached(Boundary::CompactionPublished);
        // Crash here: committed. The inputs are listed as retired, any later run removes them.
        self.install_compaction(&mut publishing, chain, merged).await
    }

    /// A manifest stands where ours was to be. Another one's is not for a compaction to follow: it
    /// may be a seal of this process whose answer was lost, and that seal will find it.
    async fn settle_compaction(
        &self,
        publishing: &mut Publishing,
        chain: Chain,
        merged: &mut CompactedSegment,
    ) -> Result<Compaction, StoreError> {
        if chain.head().is_some_and(|head| merged.candidate.tries.contains(&head.try_id)) {
            return self.install_compaction(publishing, chain, merged).await;
        }
        Ok(Compaction::GivenUp)
    }

    /// Where the inputs are among the segments of the head, if all of them are still live.
    fn inputs_in(&self, publishing: &Publishing, job: &CompactJob) -> Option<Range<usize>> {
        if self.state.read().epoch != job.epoch {
            return None;
        }
        let live = &publishing.chain.head()?.segments;
        let paths = job.inputs.iter().map(|input| input.path());
        let first =
            live.iter().position(|segment| Some(segment.path.as_str()) == paths.clone().next())?;
        let place = first..first + job.inputs.len();
        let named = live.get(place.clone())?.iter().map(|segment| segment.path.as_str());
        named.eq(paths).then_some(place)
    }

    fn compacted_manifest(
        &self,
        publishing: &Publishing,
        replaced: Range<usize>,
        (segment, try_id): (SegmentRef, String),
    ) -> Option<Manifest> {
        let mut manifest = publishing.chain.head()?.clone();
        let now = (self.shared.now)();
        (manifest.number, manifest.previous_sha256) = publishing.chain.next();
        manifest.created_at = now;
        manifest.try_id = try_id;
        manifest.retired = publishing.still_retired(&manifest);
        let gone = manifest.segments.splice(replaced, [segment]);
        let gone = gone.map(|segment| Retired { path: segment.path, since: now });
        manifest.retired.extend(gone.collect::<Vec<_>>());
        Some(manifest)
    }

    async fn install_compaction(
        &self,
        publishing: &mut Publishing,
        chain: Chain,
        merged: &mut CompactedSegment,
    ) -> Result<Compaction, StoreError> {
        let range = merged.candidate.range;
        let head = chain.head().map(|head| head.segments.as_slice()).unwrap_or_default();
        let segment = head.iter().find(|segment| segment.range() == range);
        let reader = self.open_published(segment.expect("its manifest names the segment")).await?;
        let exchange = {
            let state = self.state.read();
            let inside =
                |segment: &Arc<SegmentReader>| range.contains(segment.identity().range.start);
            let first = state.segments.iter().position(inside).unwrap_or(state.segments.len());
            let count = state.segments.iter().filter(|segment| inside(segment)).count();
            Exchange::prepare(&state, first..first + count, &reader, false)?
        };
        // INV-4: one step under the lock, so no reader sees the rows twice or not at all. Readers
        // that hold the inputs keep them.
        let replaced = exchange.apply(&mut self.state.write(), self.shared.recent_bytes);
        drop(replaced);
        publishing.advance(chain, &mut merged.candidate);
        self.shared.boundary.reached(Boundary::CompactionOpened);
        Ok(Compaction::Published)
    }
}
