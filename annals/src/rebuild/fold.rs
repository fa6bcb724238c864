//! Folding into a store of one's own, sealed as it grows.

use annals_schemas::{LogId, Offset, Record};
use annals_store::{Decoded, PartitionStore, Verdict};

use crate::exit::Failure;
use crate::sealed_places::damage;
use crate::topic::Topic;

/// One partition being folded.
pub(super) struct Folding<'a> {
    partition: &'a PartitionStore,
    log_id: LogId,
    partitions: u32,
    /// Sealed from here on: what is in memory at most.
    seal_bytes: usize,
}

impl<'a> Folding<'a> {
    pub(super) fn new(topic: &Topic, partition: &'a PartitionStore, seal_bytes: usize) -> Self {
        let partitions = topic.description().partitions;
        Self { partition, log_id: partition.log_id(), partitions, seal_bytes }
    }

    /// What it is folded into.
    pub(super) fn partition(&self) -> &PartitionStore {
        self.partition
    }

    /// Folds records that follow each other; what became of each.
    pub(super) async fn fold(
        &self,
        records: Vec<Record>,
    ) -> Result<Vec<(Offset, Verdict)>, Failure> {
        let decode = |record| Decoded::new(record, &self.log_id, self.partitions);
        let decoded = records.into_iter().map(decode).collect();
        let verdicts = self.partition.fold_verdicts(decoded).map_err(|error| damage(&error))?;
        if self.partition.live_bytes() >= self.seal_bytes {
            self.seal().await?;
        }
        Ok(verdicts)
    }

    /// Seals what is in memory.
    pub(super) async fn seal(&self) -> Result<(), Failure> {
        let Some(job) = self.partition.freeze() else { return Ok(()) };
        let mut built = job.build(self.partition).map_err(|error| damage(&error))?;
        self.partition.commit(&mut built).await.map_err(|error| damage(&error))
    }
}
