//! Who waits for which workspace, and one task a partition that tells them.
//!
//! A partition says that it has folded something, not for whom. Asking is left to one task, which
//! looks at each followed workspace's last seq once for all its followers, and at most every few
//! milliseconds however fast the partition folds. A follower is woken by rows of its own workspace
//! alone.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use annals_schemas::{Partition, WorkspaceId};
use annals_service::problem::{Problem, ProblemKind};
use annals_store::WorkspaceReader;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::metrics;

/// Followers at the same time.
const MAX_FOLLOWERS: usize = 5_000;
/// Followers of one workspace: the others are for its neighbours.
const MAX_FOLLOWERS_EACH: usize = MAX_FOLLOWERS / 2;
/// What arrives within it is told together.
const PAUSE: Duration = Duration::from_millis(5);
const RETRY_AFTER_SECONDS: u64 = 5;

/// All followers of this process. Cheap to share.
#[derive(Clone, Default)]
pub(crate) struct Followers(Arc<Mutex<Desks>>);

#[derive(Default)]
struct Desks {
    partitions: HashMap<Partition, HashMap<WorkspaceId, Followed>>,
    count: usize,
}

/// A workspace that somebody follows.
struct Followed {
    workspace: WorkspaceReader,
    last_seq: watch::Sender<u64>,
    followers: usize,
}

/// A place among the followers, given back when it is dropped.
pub(super) struct Watching {
    followers: Followers,
    partition: Partition,
    workspace: WorkspaceId,
    last_seq: watch::Receiver<u64>,
}

impl Followers {
    /// Begins to follow a workspace; `rate-limited` if there are too many followers.
    pub(super) fn follow(&self, workspace: &WorkspaceReader) -> Result<Watching, Problem> {
        let (partition, id) = (workspace.partition(), workspace.id().clone());
        let mut desks = self.0.lock();
        let of_workspace = desks.partitions.get(&partition).and_then(|desk| desk.get(&id));
        let own = of_workspace.map_or(0, |followed| followed.followers);
        if desks.count >= MAX_FOLLOWERS || own >= MAX_FOLLOWERS_EACH {
            metrics::follower_refused();
            return Err(Problem::new(ProblemKind::RateLimited)
                .detail("too many readers follow the log")
                .retry_after(RETRY_AFTER_SECONDS));
        }
        desks.count += 1;
        metrics::followers(desks.count);
        let is_first = !desks.partitions.contains_key(&partition);
        let followed = desks.partitions.entry(partition).or_default();
        let followed = followed.entry(id.clone()).or_insert_with(|| Followed {
            workspace: workspace.clone(),
            last_seq: watch::Sender::new(0),
            followers: 0,
        });
        followed.followers += 1;
        let last_seq = followed.last_seq.subscribe();
        drop(desks);
        if is_first {
            tokio::spawn(self.clone().tell(partition, workspace.arrivals()));
        }
        Ok(Watching { followers: self.clone(), partition, workspace: id, last_seq })
    }

    /// Tells followers of a partition until there are none.
    async fn tell(self, partition: Partition, mut arrivals: watch::Receiver<u64>) {
        loop {
            // Looks first: what came before it subscribed is told as well.
            if !self.look(partition) {
                return;
            }
            tokio::time::sleep(PAUSE).await;
            // Followers that leave wake nobody; the task notices with the next arrival or here.
            let waited = tokio::time::timeout(Duration::from_secs(60), arrivals.changed()).await;
            if waited.is_ok_and(|changed| changed.is_err()) {
                return;
            }
        }
    }

    /// Tells those whose workspace has grown; `false` if nobody follows the partition.
    fn look(&self, partition: Partition) -> bool {
        let mut desks = self.0.lock();
        let Some(followed) = desks.partitions.get(&partition) else { return false };
        if followed.is_empty() {
            desks.partitions.remove(&partition);
            return false;
        }
        for Followed { workspace, last_seq, .. } in followed.values() {
            let now = workspace.last_seq();
            last_seq.send_if_modified(|told| std::mem::replace(told, now) != now);
        }
        true
    }

    fn leave(&self, partition: Partition, workspace: &WorkspaceId) {
        let mut desks = self.0.lock();
        desks.count -= 1;
        metrics::followers(desks.count);
        // An empty desk stays: its task takes it away, so that there is one task and never two.
        let Some(followed) = desks.partitions.get_mut(&partition) else { return };
        if let Some(entry) = followed.get_mut(workspace) {
            entry.followers -= 1;
            if entry.followers == 0 {
                followed.remove(workspace);
            }
        }
    }
}

impl Watching {
    /// Returns once the workspace has a row beyond this seq.
    pub(super) async fn beyond(&mut self, seq: u64) {
        // The sender lives as long as this place.
        let _ = self.last_seq.wait_for(|last| *last > seq).await;
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.followers.leave(self.partition, &self.workspace);
    }
}
