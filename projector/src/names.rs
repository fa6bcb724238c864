//! The name indexes beside the partitions: opened, fed after seals, begun again when they are lost.
//!
//! An index is derived. Nothing here may stop folding or answering: a search that finds no index,
//! or one that is behind, scans the names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use annals_index::{IndexError, PartitionIndex, SealedNames, feed};
use annals_schemas::{LogId, Offset, Partition};
use annals_service::with_causes;
use annals_store::{PartitionStore, Store};
use tokio::task::JoinHandle;

use crate::metrics;

/// How often sealed names are compared with what is indexed. A commit syncs files: some 0.1 s.
const FEED_EVERY: Duration = Duration::from_secs(2);
/// Pause after a failure.
const RETRY_PAUSE: Duration = Duration::from_secs(10);

type Indexes = BTreeMap<Partition, Arc<PartitionIndex>>;

/// Name indexes of one process.
pub(crate) struct Names {
    directory: Option<PathBuf>,
    indexes: Indexes,
    next: Instant,
    running: Option<JoinHandle<Fed>>,
}

/// What one round came to.
struct Fed {
    indexes: Indexes,
    failure: Option<IndexError>,
}

impl Names {
    /// Indexes below this directory; none at all without one.
    pub(crate) fn new(directory: Option<PathBuf>) -> Self {
        Self { directory, indexes: Indexes::new(), next: Instant::now(), running: None }
    }

    /// Collects a round that has ended and starts one that is due. Never waits.
    pub(crate) async fn advance(&mut self, store: &Store) {
        let Some(directory) = &self.directory else { return };
        if let Some(task) = self.running.take_if(|task| task.is_finished()) {
            let fed = task.await;
            let fed = fed.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
            self.indexes = fed.indexes;
            self.next = Instant::now() + FEED_EVERY;
            if let Some(error) = fed.failure {
                let reason = with_causes(&error);
                tracing::warn!(reason, pause = ?RETRY_PAUSE, "a name index could not be fed");
                self.next = Instant::now() + RETRY_PAUSE;
            }
        }
        if self.running.is_none() && self.next <= Instant::now() {
            let round = Round {
                directory: directory.clone(),
                log_id: store.log_id(),
                partitions: store.partitions().collect(),
            };
            let indexes = std::mem::take(&mut self.indexes);
            self.running = Some(tokio::task::spawn_blocking(move || round.feed(indexes)));
        }
    }
}

/// One look at every partition.
struct Round {
    directory: PathBuf,
    log_id: LogId,
    partitions: Vec<Arc<PartitionStore>>,
}

impl Round {
    fn feed(self, mut indexes: Indexes) -> Fed {
        let mut failure = None;
        for partition in &self.partitions {
            let Some(first) = partition.first_sealed_offset() else { continue };
            let known = indexes.remove(&partition.number());
            match self.feed_one(partition, first, known) {
                Ok(index) => {
                    indexes.insert(partition.number(), index);
                }
                // Its handle is dropped: the next round opens the directory anew, and begins an
                // empty index if that is damaged or gone.
                Err(error) => failure = Some(error),
            }
        }
        Fed { indexes, failure }
    }

    fn feed_one(
        &self,
        partition: &Arc<PartitionStore>,
        first: Offset,
        known: Option<Arc<PartitionIndex>>,
    ) -> Result<Arc<PartitionIndex>, IndexError> {
        let directory = self.directory.join(partition.number().to_string());
        let index = match known.filter(|_| is_there(&directory)) {
            Some(index) => index,
            None => {
                // The lock of a lost index goes with its last handle.
                partition.clear_names();
                // Codes count from the first record folded: a rebuild after the log has expired
                // gives others.
                let origin = format!("{}/{}/{first}", self.log_id, partition.number());
                Arc::new(PartitionIndex::open(&directory, &origin)?)
            }
        };
        let fed = feed(&index, &SealedNames(partition));
        if fed.is_err() {
            partition.clear_names();
        }
        let report = fed?;
        if report.names_added > 0 {
            metrics::names_fed(report.names_added, report.elapsed.as_secs_f64());
        }
        partition.set_names(index.clone());
        Ok(index)
    }
}

/// Somebody may remove the directory while it is open: nothing would notice before a commit.
fn is_there(directory: &Path) -> bool {
    directory.is_dir()
}
