//! The projector on a thread of its own: folding is CPU work and must not delay answers.

use annals_projector::{PartitionStatus, Projector, Status};
use annals_query_api::{PartitionHealth, Readiness};
use annals_service::shutdown::Shutdown;
use tokio::sync::oneshot;

use crate::exit::Failure;

/// A running projector.
pub(super) struct Projecting {
    status: Status,
    ended: oneshot::Receiver<()>,
}

impl Projecting {
    pub(super) fn start(projector: Projector, shutdown: &Shutdown) -> Result<Self, Failure> {
        let status = projector.status();
        let shutdown = shutdown.clone();
        let (end, ended) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::dependency(&error))?;
        std::thread::Builder::new()
            .name("projector".into())
            .spawn(move || {
                runtime.block_on(projector.run(shutdown.requested()));
                // A seal under way may end or not: both are what recovery expects.
                runtime.shutdown_background();
                let _ = end.send(());
            })
            .map_err(|error| Failure::dependency(&error))?;
        Ok(Self { status, ended })
    }

    /// What `/readyz` tells.
    pub(super) fn status(&self) -> Readiness {
        let status = self.status.clone();
        Readiness::new(move || status.all().into_iter().map(health).collect())
    }

    /// Waits for the thread to end; an error if it was a broken invariant that ended it.
    pub(super) async fn finished(&mut self) -> Result<(), Failure> {
        let broken = |_| Failure::no("the projector broke an invariant and ended; see the log");
        (&mut self.ended).await.map_err(broken)
    }
}

fn health((partition, status): (u32, PartitionStatus)) -> PartitionHealth {
    let (status, reason) = match status {
        PartitionStatus::CatchingUp => ("catching-up", None),
        PartitionStatus::Live => ("live", None),
        PartitionStatus::Retrying { reason } => ("retrying", Some(reason)),
        PartitionStatus::Halted { reason } => ("halted", Some(reason)),
    };
    PartitionHealth { partition, status, reason }
}
