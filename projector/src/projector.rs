//! The loop: poll, decode, fold, observe, seal.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use annals_broker::{Consumer, Log};
use annals_schemas::{Instant, Partition, Record};
use annals_service::with_causes;
use annals_store::{Decoded, Store, StoreError};

use crate::assignment::Assignment;
use crate::compactions::Compactions;
use crate::names::Names;
use crate::registry::Resolver;
use crate::seals::Seals;
use crate::status::{PartitionStatus, Status};
use crate::watermarks::Watermarks;
use crate::{ProjectorError, metrics};

/// Bounds of a projector.
#[derive(Debug, Clone)]
pub struct ProjectorOptions {
    /// Live tails of all partitions together: sealed from here on, largest first.
    pub seal_bytes: usize,
    /// Live and frozen tails together: beyond it nothing is polled until a seal has ended.
    pub tail_bytes: usize,
    /// A tail older than this is sealed however small it is.
    pub seal_interval: Duration,
    /// Records taken from the log at once.
    pub poll_records: usize,
    /// Where the name indexes lie, one directory a partition; without it names are scanned.
    pub names_directory: Option<PathBuf>,
}

impl Default for ProjectorOptions {
    fn default() -> Self {
        Self {
            seal_bytes: 64 * 1024 * 1024,
            tail_bytes: 160 * 1024 * 1024,
            seal_interval: Duration::from_secs(600),
            poll_records: 1024,
            names_directory: None,
        }
    }
}

/// Work beside folding, on threads of its own.
struct Upkeep {
    seals: Seals,
    compactions: Compactions,
    names: Names,
}

/// How long a poll waits for a first record: the pace of everything else the loop does.
const POLL_WAIT: Duration = Duration::from_millis(50);
/// First pause after a failure; doubles up to the last.
const RETRY_PAUSE: Duration = Duration::from_millis(200);
const RETRY_PAUSE_MAX: Duration = Duration::from_secs(10);

/// Projects one log into one store.
pub struct Projector {
    log: Arc<dyn Log>,
    store: Store,
    options: ProjectorOptions,
    now: Arc<dyn Fn() -> Instant + Send + Sync>,
    status: Status,
    watermarks: Watermarks,
    resolver: Resolver,
}

impl Projector {
    /// A projector; nothing happens before [`run`](Self::run).
    pub fn new(
        log: Arc<dyn Log>,
        store: Store,
        options: ProjectorOptions,
        now: Arc<dyn Fn() -> Instant + Send + Sync>,
    ) -> Self {
        let (status, watermarks) = (Status::default(), Watermarks::default());
        Self { log, store, options, now, status, watermarks, resolver: Resolver::default() }
    }

    /// The same with a schema registry in front: values framed for one are read.
    #[must_use]
    pub fn with_registry(self, resolver: Resolver) -> Self {
        Self { resolver, ..self }
    }

    /// Conditions of the partitions, live.
    pub fn status(&self) -> Status {
        self.status.clone()
    }

    /// Runs until `shutdown` resolves. Failures of log and storage are waited out with back-off;
    /// nothing is sealed at the end: the log has everything.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let asking = self.watermarks.clone().keep_asking(self.log.clone(), self.now.clone());
        let mut pause = RETRY_PAUSE;
        let Self { options, status, .. } = &self;
        // Both outlive failures of the log: a seal under way has to be collected, and a partition
        // once halted stays halted.
        let mut upkeep = Upkeep {
            seals: Seals::new(options.seal_bytes, options.seal_interval, status.clone()),
            compactions: Compactions::new(self.now.clone()),
            names: Names::new(options.names_directory.clone()),
        };
        let mut assignment = Assignment::new(status.clone());
        let working = async {
            loop {
                let Err(error) = self.project(&mut assignment, &mut upkeep, &mut pause).await;
                let reason = with_causes(&error);
                tracing::warn!(reason, ?pause, "projecting failed, trying again");
                status.all_retrying(&error.to_string());
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(RETRY_PAUSE_MAX);
            }
        };
        tokio::select! {
            () = asking => {}
            () = working => {}
            () = shutdown => {}
        }
    }

    /// Assigns and works until the log fails.
    async fn project(
        &self,
        assignment: &mut Assignment,
        upkeep: &mut Upkeep,
        pause: &mut Duration,
    ) -> Result<Infallible, ProjectorError> {
        let mut consumer = self.log.consumer()?;
        assignment.assign(&*self.log, &self.store, &mut *consumer).await?;
        loop {
            let mut failures = self.seal(&mut upkeep.seals).await;
            upkeep.compactions.advance(&self.store).await;
            upkeep.names.advance(&self.store).await;
            if failures.is_empty() && self.is_full() {
                // Nothing is polled while memory is short; answers stay as complete as they were.
                tokio::time::sleep(POLL_WAIT).await;
                continue;
            }
            let records = consumer.poll(self.options.poll_records, POLL_WAIT).await?;
            if !records.is_empty() {
                *pause = RETRY_PAUSE;
            }
            failures.extend(self.fold(records, assignment).await);
            if failures.is_empty() && !assignment.is_due(&*consumer) {
                self.observe(&*consumer);
                continue;
            }
            for (partition, error) in &failures {
                assignment.failed(*partition, error);
            }
            assignment.assign(&*self.log, &self.store, &mut *consumer).await?;
        }
    }

    /// Folds what was polled, partition by partition; says which partitions failed.
    async fn fold(
        &self,
        records: Vec<Record>,
        assignment: &mut Assignment,
    ) -> Vec<(Partition, StoreError)> {
        let mut failed: Vec<(Partition, StoreError)> = Vec::new();
        let mut batches: BTreeMap<Partition, Vec<Record>> = BTreeMap::new();
        for record in records {
            let partition = record.position.partition;
            if failed.iter().any(|(other, _)| *other == partition) {
                continue;
            }
            match assignment.admit(&record, &self.store) {
                Ok(true) => batches.entry(partition).or_default().push(record),
                Ok(false) => {}
                Err(error) => failed.push((partition, error)),
            }
        }
        for (partition, batch) in batches {
            if let Err(error) = self.fold_batch(partition, batch, assignment).await {
                failed.push((partition, error));
            }
            // The seal's steps and shutdown get their turn between partitions.
            tokio::task::yield_now().await;
        }
        failed
    }

    /// Folds records of one partition, up to the first whose schema is not resolved.
    async fn fold_batch(
        &self,
        partition: Partition,
        mut records: Vec<Record>,
        assignment: &mut Assignment,
    ) -> Result<(), StoreError> {
        let store = self.store.partition(partition)?;
        let (log_id, partitions) = (self.store.log_id(), self.store.partition_count());
        while !records.is_empty() {
            let admitted = self.resolver.admit(&store, &records).await?;
            let later = records.split_off(admitted.records);
            if !records.is_empty() {
                let schemas = store.schemas();
                let decode = |record| Decoded::with_schemas(record, &log_id, partitions, &*schemas);
                let folded = store.fold(records.into_iter().map(decode))?;
                metrics::folded(folded.counts);
                assignment.worked(partition);
            }
            if let Some(waits) = admitted.waits {
                return Err(waits);
            }
            records = later;
        }
        Ok(())
    }

    /// Moves `complete_through` where the tail has reached the log's end. Only asked when nothing
    /// failed: a consumer stands behind records that a failed fold has not taken (INV-10).
    fn observe(&self, consumer: &dyn Consumer) {
        for store in self.store.partitions() {
            let partition = store.number();
            let reached = self.watermarks.get(partition).zip(consumer.position(partition));
            let Some(((at, high_watermark), position)) = reached else { continue };
            if position >= high_watermark {
                store.observe(at, store.next_offset().unwrap_or(position));
                if !self.status.is_live(partition) {
                    self.status.set(partition, PartitionStatus::Live);
                }
            }
        }
    }

    /// Starts a due seal and collects an ended one.
    async fn seal(&self, seals: &mut Seals) -> Vec<(Partition, StoreError)> {
        seals.start_if_due(&self.store);
        metrics::tail_bytes(self.held_bytes());
        match seals.outcome().await {
            Some((partition, Err(error))) => vec![(partition, error)],
            _ => Vec::new(),
        }
    }

    fn held_bytes(&self) -> usize {
        self.store.partitions().map(|store| store.tail_bytes()).sum()
    }

    fn is_full(&self) -> bool {
        self.held_bytes() >= self.options.tail_bytes
    }
}
