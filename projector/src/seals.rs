//! When a tail becomes a segment, and the one seal under way.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use annals_schemas::Partition;
use annals_service::with_causes;
use annals_store::{BuiltSegment, PartitionStore, SealJob, Store, StoreError};
use tokio::task::JoinHandle;

use crate::status::Status;

/// First pause before a commit is tried again; doubles up to the last.
const RETRY_PAUSE: Duration = Duration::from_millis(200);
const RETRY_PAUSE_MAX: Duration = Duration::from_secs(5);

/// Seals of one process: one at a time, the largest tail first.
pub(crate) struct Seals {
    seal_bytes: usize,
    seal_interval: Duration,
    status: Status,
    /// Since when a partition's live tail has had something in it.
    since: BTreeMap<Partition, Instant>,
    running: Option<(Partition, JoinHandle<Result<(), StoreError>>)>,
}

impl Seals {
    pub(crate) fn new(seal_bytes: usize, seal_interval: Duration, status: Status) -> Self {
        Self { seal_bytes, seal_interval, status, since: BTreeMap::new(), running: None }
    }

    /// Notes which tails have something in them, and starts a seal if one is due.
    pub(crate) fn start_if_due(&mut self, store: &Store) {
        let mut total = 0;
        let mut largest: Option<(usize, Arc<PartitionStore>)> = None;
        let mut oldest: Option<(Instant, Arc<PartitionStore>)> = None;
        for partition in store.partitions() {
            let live = partition.live_bytes();
            total += live;
            if live == 0 || partition.is_sealing() {
                self.since.remove(&partition.number());
                continue;
            }
            let since = *self.since.entry(partition.number()).or_insert_with(Instant::now);
            if largest.as_ref().is_none_or(|(bytes, _)| *bytes < live) {
                largest = Some((live, partition.clone()));
            }
            if oldest.as_ref().is_none_or(|(other, _)| since < *other) {
                oldest = Some((since, partition));
            }
        }
        if self.running.is_none() {
            let by_size = largest.filter(|_| total >= self.seal_bytes).map(|(_, p)| p);
            let by_age = oldest.filter(|(since, _)| since.elapsed() >= self.seal_interval);
            if let Some(partition) = by_size.or(by_age.map(|(_, p)| p)) {
                self.start(partition);
            }
        }
    }

    fn start(&mut self, partition: Arc<PartitionStore>) {
        let Some(job) = partition.freeze() else { return };
        let number = partition.number();
        self.since.remove(&number);
        let status = self.status.clone();
        let task = tokio::spawn(async move {
            let started = Instant::now();
            let built = build(&partition, &job, &status).await?;
            let length_bytes = built.length_bytes();
            commit(&partition, built, &status).await?;
            crate::metrics::sealed(length_bytes, started.elapsed().as_secs_f64());
            Ok(())
        });
        self.running = Some((number, task));
    }

    /// The outcome of the running seal, once it has ended.
    pub(crate) async fn outcome(&mut self) -> Option<(Partition, Result<(), StoreError>)> {
        let (partition, task) = self.running.take_if(|(_, task)| task.is_finished())?;
        let outcome = task.await;
        let outcome = outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        Some((partition, outcome))
    }
}

/// Tries until the segment is built: the disk it is staged on may be full for a while.
async fn build(
    partition: &Arc<PartitionStore>,
    job: &SealJob,
    status: &Status,
) -> Result<BuiltSegment, StoreError> {
    let mut pause = RETRY_PAUSE;
    loop {
        let (builder, job) = (partition.clone(), job.clone());
        // Building is CPU work of up to seconds: not on the threads that poll and answer.
        let built = tokio::task::spawn_blocking(move || job.build(&builder)).await;
        match built.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic())) {
            Err(error) if error.is_retryable() && !is_superseded(&error) => {
                rest(partition, &error, status, &mut pause).await;
            }
            outcome => return outcome,
        }
    }
}

/// Tries until the segment is committed, another writer was first, or trying is of no use. Rows
/// stay visible throughout; a full disk or an absent store is waited out.
async fn commit(
    partition: &PartitionStore,
    mut built: BuiltSegment,
    status: &Status,
) -> Result<(), StoreError> {
    let mut pause = RETRY_PAUSE;
    loop {
        match partition.commit(&mut built).await {
            Err(error) if error.is_retryable() && !is_superseded(&error) => {
                rest(partition, &error, status, &mut pause).await;
            }
            outcome => {
                status.set_sealing(partition.number(), None);
                return outcome;
            }
        }
    }
}

async fn rest(
    partition: &PartitionStore,
    error: &StoreError,
    status: &Status,
    pause: &mut Duration,
) {
    let reason = with_causes(error);
    tracing::warn!(partition = partition.number(), reason, ?pause, "not sealed yet");
    status.set_sealing(partition.number(), Some(reason));
    tokio::time::sleep(*pause).await;
    *pause = (*pause * 2).min(RETRY_PAUSE_MAX);
}

fn is_superseded(error: &StoreError) -> bool {
    matches!(error, StoreError::Superseded { .. })
}
