//! Folding into a store of one's own, sealed as it grows.

use std::time::{Duration, Instant};

use annals_projector::Resolver;
use annals_schemas::{Instant as WallInstant, LogId, Offset, Record};
use annals_store::{
    Compaction, Decoded, PartitionSchemas, PartitionStore, Storage, StoreError, Verdict,
    schema_path,
};

use crate::exit::Failure;
use crate::sealed_places::damage;
use crate::topic::Topic;

/// So long a registry that is away is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(200);

/// One partition being folded.
pub(super) struct Folding<'a> {
    partition: &'a PartitionStore,
    log_id: LogId,
    partitions: u32,
    /// Sealed from here on: what is in memory at most.
    seal_bytes: usize,
    /// Asked for schemas that no ruling of the live store knows.
    resolver: Resolver,
}

impl<'a> Folding<'a> {
    pub(super) fn new(topic: &Topic, partition: &'a PartitionStore, seal_bytes: usize) -> Self {
        let partitions = topic.description().partitions;
        let (log_id, resolver) = (partition.log_id(), Resolver::default());
        Self { partition, log_id, partitions, seal_bytes, resolver }
    }

    /// The same with a registry to ask.
    pub(super) fn asking(self, resolver: &Resolver) -> Self {
        Self { resolver: resolver.clone(), ..self }
    }

    /// What it is folded into.
    pub(super) fn partition(&self) -> &'a PartitionStore {
        self.partition
    }

    /// Folds records that follow each other; what became of each.
    pub(super) async fn fold(
        &self,
        mut records: Vec<Record>,
    ) -> Result<Vec<(Offset, Verdict)>, Failure> {
        let mut verdicts = Vec::with_capacity(records.len());
        while !records.is_empty() {
            let admitted = self.admit(&records).await?;
            let later = records.split_off(admitted);
            let schemas = self.partition.schemas();
            let decode =
                |record| Decoded::with_schemas(record, &self.log_id, self.partitions, &*schemas);
            let decoded = records.into_iter().map(decode);
            let folded = self.partition.fold_verdicts(decoded).map_err(|error| damage(&error))?;
            verdicts.extend(folded);
            records = later;
        }
        if self.partition.live_bytes() >= self.seal_bytes {
            self.seal().await?;
            self.merge().await.map_err(|error| damage(&error))?;
        }
        Ok(verdicts)
    }

    /// How many of the records can be folded: at least one, or a failure.
    async fn admit(&self, records: &[Record]) -> Result<usize, Failure> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let admitted = self.resolver.admit(self.partition, records).await;
            let admitted = admitted.map_err(|error| damage(&error))?;
            match admitted.waits {
                Some(waits) if admitted.records == 0 => {
                    if Instant::now() >= deadline {
                        return Err(damage(&waits));
                    }
                    tokio::time::sleep(PAUSE).await;
                }
                _ => return Ok(admitted.records),
            }
        }
    }

    /// Seals what is in memory.
    pub(super) async fn seal(&self) -> Result<(), Failure> {
        let Some(job) = self.partition.freeze() else { return Ok(()) };
        let mut built = job.build(self.partition).map_err(|error| damage(&error))?;
        self.partition.commit(&mut built).await.map_err(|error| damage(&error))
    }

    /// Merges what is to be: what is known of ids, resources and names is looked up segment by
    /// segment, so that without merges each seal would be slower than the one before.
    async fn merge(&self) -> Result<(), StoreError> {
        while let Some(job) = self.partition.compact_plan() {
            let mut merged = job.build(self.partition)?;
            if self.partition.commit_compaction(&mut merged).await? == Compaction::GivenUp {
                // Another writer is here: what is left to merge is its part.
                break;
            }
        }
        // Nobody reads this store yet.
        self.partition.remove_retired(WallInstant::MAX).await?;
        Ok(())
    }
}

/// Takes over what the live store was told of schemas, so that records are judged as they were: the
/// registry may be gone, or say something else by now.
pub(super) async fn adopt_schemas(
    from: &Storage,
    schemas: &PartitionSchemas,
    into: &PartitionStore,
) -> Result<(), Failure> {
    let mut texts = Vec::new();
    for schema in schemas.all() {
        let path = schema_path(schema);
        let text = from.get(&path).await.map_err(|error| damage(&error))?;
        let lost =
            || Failure::no(format!("{path} is missing: it is the text of schema {}", schema.id));
        texts.push((path.clone(), text.ok_or_else(lost)?));
    }
    into.adopt_ruling(schemas, texts).await.map_err(|error| damage(&error))
}
