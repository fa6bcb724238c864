//! When neighbouring segments become one, and when what they replaced is removed: one piece of work
//! at a time for the whole process, beside folding and sealing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use annals_schemas::{Instant as WallInstant, Partition};
use annals_service::with_causes;
use annals_store::{CompactJob, Compaction, PartitionStore, Store, StoreError};
use tokio::task::JoinHandle;

use crate::metrics;

/// How often segments are looked at when there was nothing to do.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often retired files are looked at.
const REMOVE_EVERY: Duration = Duration::from_secs(60);
/// Pause after a failure: the disk may be full, the store away.
const RETRY_PAUSE: Duration = Duration::from_secs(10);

/// How often a merged segment's commit is tried, and the first pause in between.
const COMMIT_TRIES: u32 = 5;
const COMMIT_PAUSE: Duration = Duration::from_millis(500);

/// Compactions of one process.
pub(crate) struct Compactions {
    now: Arc<dyn Fn() -> WallInstant + Send + Sync>,
    next_look: Instant,
    next_removal: Instant,
    running: Option<JoinHandle<Result<Compaction, StoreError>>>,
    /// The partition that had its turn last: one that fails must not keep the others from theirs.
    last: Partition,
}

impl Compactions {
    pub(crate) fn new(now: Arc<dyn Fn() -> WallInstant + Send + Sync>) -> Self {
        let (next_look, next_removal) = (Instant::now(), Instant::now() + REMOVE_EVERY);
        Self { now, next_look, next_removal, running: None, last: 0 }
    }

    /// Collects what has ended and starts what is due. Never waits.
    pub(crate) async fn advance(&mut self, store: &Store) {
        if let Some(task) = self.running.take_if(|task| task.is_finished()) {
            let outcome = task.await;
            let outcome =
                outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
            match outcome {
                Ok(Compaction::Published) => {}
                // Another writer was first, or a seal of ours is not recognised yet.
                Ok(Compaction::GivenUp) => self.next_look = Instant::now() + RETRY_PAUSE,
                Err(error) => {
                    let reason = with_causes(&error);
                    tracing::warn!(reason, pause = ?RETRY_PAUSE, "not compacted");
                    self.next_look = Instant::now() + RETRY_PAUSE;
                }
            }
        }
        if self.running.is_some() || self.next_look > Instant::now() {
            return;
        }
        metrics::live_segments(store.partitions().map(|partition| partition.live_segments()).sum());
        if self.next_removal <= Instant::now() {
            self.next_removal = Instant::now() + REMOVE_EVERY;
            let partitions: Vec<_> = store.partitions().collect();
            self.running = Some(tokio::spawn(remove(partitions, (self.now)())));
        } else if let Some((partition, job)) = self.choose(store) {
            self.last = partition.number();
            self.running = Some(tokio::spawn(compact(partition, job)));
        } else {
            self.next_look = Instant::now() + LOOK_EVERY;
        }
    }

    /// A partition with something to merge, the one after the last first.
    fn choose(&self, store: &Store) -> Option<(Arc<PartitionStore>, CompactJob)> {
        let mut partitions: Vec<_> = store.partitions().collect();
        let after = partitions.partition_point(|partition| partition.number() <= self.last);
        partitions.rotate_left(after);
        let mut planned =
            partitions.into_iter().filter_map(|p| p.compact_plan().map(|job| (p, job)));
        planned.next()
    }
}

async fn compact(
    partition: Arc<PartitionStore>,
    job: CompactJob,
) -> Result<Compaction, StoreError> {
    let started = Instant::now();
    let (inputs, records) = (job.input_count(), job.records());
    let builder = partition.clone();
    // CPU and disk for up to minutes: not on the thread that folds.
    let built = tokio::task::spawn_blocking(move || job.build(&builder)).await;
    let built = built.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
    let mut merged = built?;
    let length_bytes = merged.length_bytes();
    let mut tries = 0;
    let outcome = loop {
        match partition.commit_compaction(&mut merged).await {
            // The answer may have been lost: only the same attempt can recognise itself.
            Err(error) if error.is_retryable() && tries < COMMIT_TRIES => {
                tries += 1;
                tracing::warn!(reason = with_causes(&error), tries, "not published yet");
                tokio::time::sleep(COMMIT_PAUSE * tries).await;
            }
            outcome => break outcome?,
        }
    };
    if outcome == Compaction::Published {
        let elapsed = started.elapsed();
        metrics::compacted(length_bytes, elapsed.as_secs_f64());
        let number = partition.number();
        tracing::info!(partition = number, inputs, records, length_bytes, ?elapsed, "compacted");
    }
    Ok(outcome)
}

async fn remove(
    partitions: Vec<Arc<PartitionStore>>,
    now: WallInstant,
) -> Result<Compaction, StoreError> {
    let mut failure = None;
    for partition in partitions {
        match partition.remove_retired(now).await {
            Ok(removed) => metrics::removed(removed.segments),
            Err(error) => failure = Some(error),
        }
    }
    failure.map_or(Ok(Compaction::Published), Err)
}
