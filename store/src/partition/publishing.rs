//! The one at a time who extends the chain, and what is left behind to be removed.

use std::collections::BTreeSet;

use annals_schemas::{OffsetRange, Partition};

use super::Surroundings;
use crate::StoreError;
use crate::evidence::hex;
use crate::manifest::{Chain, Manifest, Retired, SegmentRef};
use crate::segment::WrittenSegment;
use crate::storage::{Created, StagedFile};

/// The chain, held by whoever publishes.
#[derive(Debug)]
pub(super) struct Publishing {
    pub(super) chain: Chain,
    /// Retired files that are gone: the next manifest leaves them out.
    pub(super) removed: BTreeSet<String>,
    /// Files that no manifest named when they were seen. They may belong to another writer who is
    /// about to publish, so they are removed only after a manifest of ours: that one made sure that
    /// the other's can no longer become the next.
    pub(super) orphans: BTreeSet<String>,
    /// Whether a manifest has been published since the orphans were seen.
    pub(super) has_published: bool,
}

/// A segment that is built, on its way to be published. Kept over all attempts.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) staged: StagedFile,
    pub(super) written: WrittenSegment,
    pub(super) range: OffsetRange,
    /// Random ids of the attempts to publish: tells a manifest of ours that landed late.
    pub(super) tries: Vec<String>,
    /// Names that an attempt may have left behind.
    left: Vec<String>,
    /// The name under which it is durable.
    stored: Option<String>,
}

impl Candidate {
    pub(super) fn new(staged: StagedFile, written: WrittenSegment, range: OffsetRange) -> Self {
        Self { staged, written, range, tries: Vec::new(), left: Vec::new(), stored: None }
    }

    /// Whether it is durable under a name.
    pub(super) fn is_stored(&self) -> bool {
        self.stored.is_some()
    }

    /// Takes another staged file of the same rows.
    pub(super) fn restage(&mut self, other: Self) {
        self.staged = other.staged;
        self.written = other.written;
        self.stored = None;
    }

    /// Makes the segment durable under a name no manifest knows, unless an earlier attempt did;
    /// says what a manifest is to say of it, and the attempt's id.
    ///
    /// After an unclear answer another name is taken: what the first one holds is not known.
    pub(super) async fn store(
        &mut self,
        shared: &Surroundings,
        partition: Partition,
        purpose: Purpose,
    ) -> Result<(SegmentRef, String), StoreError> {
        let try_id = hex(&(shared.random)());
        let path = match &self.stored {
            Some(path) => path.clone(),
            None => {
                let path = purpose.path(partition, self.range, &try_id);
                self.left.push(path.clone());
                match shared.storage.adopt(&path, &mut self.staged).await? {
                    Created::Mine => self.left.pop(),
                    // The name is random: nobody else's stands there, but a backend may say so.
                    Created::Taken => return Err(taken(path)),
                };
                self.stored.insert(path).clone()
            }
        };
        self.tries.push(try_id.clone());
        Ok((SegmentRef::new(path, self.range, &self.written), try_id))
    }
}

fn taken(path: String) -> StoreError {
    let source = Box::new(std::io::Error::from(std::io::ErrorKind::AlreadyExists));
    let source = object_store::Error::AlreadyExists { path: path.clone(), source };
    StoreError::Storage { operation: "creating", path, source }
}

/// What a segment is written for. Told by its name, since it decides who may sweep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Lies beyond the checkpoint until it is published.
    Seal,
    /// Lies before the checkpoint from the start.
    Compaction,
}

const COMPACTED: &str = "-compacted.seg";

impl Purpose {
    fn path(self, partition: Partition, range: OffsetRange, try_id: &str) -> String {
        let ending = if self == Self::Compaction { COMPACTED } else { ".seg" };
        let OffsetRange { start, end } = range;
        format!("partitions/{partition}/segments/{start:020}-{end:020}-{try_id}{ending}")
    }

    pub(super) fn of(path: &str) -> Self {
        if path.ends_with(COMPACTED) { Self::Compaction } else { Self::Seal }
    }
}

impl Publishing {
    pub(super) fn new(chain: Chain, orphans: BTreeSet<String>) -> Self {
        Self { chain, removed: BTreeSet::new(), orphans, has_published: false }
    }

    /// Retired files that the next manifest has to list.
    pub(super) fn still_retired(&self, head: &Manifest) -> Vec<Retired> {
        let listed = head.retired.iter();
        listed.filter(|retired| !self.removed.contains(&retired.path)).cloned().collect()
    }

    /// Takes the chain with the manifest that was published for this segment.
    pub(super) fn advance(&mut self, chain: Chain, candidate: &mut Candidate) {
        let retired = chain.head().map(|head| head.retired.as_slice()).unwrap_or_default();
        self.removed.retain(|path| retired.iter().any(|retired| retired.path == *path));
        self.orphans.extend(candidate.left.drain(..));
        self.has_published = true;
        self.chain = chain;
    }
}
