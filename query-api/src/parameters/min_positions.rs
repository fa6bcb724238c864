//! `min_position`: what the reader wrote itself and wants to see.

use std::time::Duration;

use annals_schemas::Position;
use annals_service::problem::{Problem, ProblemKind};
use tokio::time::{Instant, sleep, timeout_at};

use super::{Pairs, values};
use crate::access::Reading;

/// How long a read waits for the positions that it asks for.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// Wakes are put together: a partition may fold thousands of batches a second.
const PAUSE: Duration = Duration::from_millis(2);
const RETRY_AFTER_SECONDS: u64 = 1;

/// Positions that have to be visible before an answer is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct MinPositions(Vec<Position>);

impl MinPositions {
    pub(super) fn read(pairs: &mut Pairs) -> Self {
        Self(pairs.read_many("min_position", values::position))
    }

    /// Returns once they are visible; `behind` after five seconds. Positions in other partitions
    /// than the workspace's cannot matter to it, and tell nothing of them.
    ///
    /// For whoever may see positions: to others, whether it waits would tell which partition they
    /// are in and how far it is, and so how much the neighbours write.
    pub(crate) async fn wait(&self, reader: &Reading) -> Result<(), Problem> {
        if !self.0.is_empty() && !reader.sees_positions() {
            let detail = "is for readers with audit:verify or audit:admin";
            return Err(Problem::new(ProblemKind::Forbidden).parameter("min_position", detail));
        }
        let workspace = &reader.workspace;
        let own = self.0.iter().filter(|position| position.partition == workspace.partition());
        let Some(last) = own.map(|position| position.offset).max() else { return Ok(()) };
        let deadline = Instant::now() + MAX_WAIT;
        let mut arrivals = workspace.arrivals();
        while workspace.next_offset() <= last {
            match timeout_at(deadline, arrivals.changed()).await {
                Ok(Ok(())) => sleep(PAUSE).await,
                _ => return Err(behind()),
            }
        }
        Ok(())
    }
}

fn behind() -> Problem {
    Problem::new(ProblemKind::Behind)
        .detail("the position asked for is not visible yet")
        .retry_after(RETRY_AFTER_SECONDS)
}
