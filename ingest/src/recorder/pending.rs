//! An event on its way, from the queue to where it is safe.

use annals_schemas::{Event, NewRecord, WorkspaceId, new_record};
use tokio::sync::oneshot;

use super::losses::Loss;
use super::{NotSafe, Overflow};

/// Answers the caller of `emit_durable`.
pub(super) type Answer = oneshot::Sender<Result<(), NotSafe>>;

/// An event that waits in the queue.
pub(super) struct Queued {
    pub event: Event,
    /// The recorder's number of it.
    pub number: u64,
    pub bytes: usize,
    pub overflow: Overflow,
    pub answer: Option<Answer>,
}

/// A record on its way.
pub(super) struct Pending {
    pub record: NewRecord,
    pub workspace: WorkspaceId,
    pub bytes: usize,
    pub overflow: Overflow,
    pub answer: Option<Answer>,
    /// What is to be told if it is lost: itself, or what it would have told.
    pub loss: Loss,
    /// Whether it tells of losses: then it is none of the host's events.
    pub tells: bool,
}

impl Queued {
    /// The event as a record.
    pub fn encode(self) -> Pending {
        let Self { event, number, bytes, overflow, answer } = self;
        let (record, loss) = (new_record(&event, None), Loss::of(number, &event));
        let workspace = event.workspace_id;
        Pending { record, workspace, bytes, overflow, answer, loss, tells: false }
    }
}

impl Pending {
    /// The event that tells of a loss.
    pub fn telling(workspace: WorkspaceId, loss: Loss, recorder: &str) -> Self {
        let record = new_record(&loss.event(&workspace, recorder), None);
        let overflow = Overflow::Spool;
        Self { record, workspace, bytes: 0, overflow, answer: None, loss, tells: true }
    }

    /// How many of the host's events it is.
    pub fn events(&self) -> u64 {
        u64::from(!self.tells)
    }

    /// Whether it may take room in the spool.
    pub fn may_spool(&self) -> bool {
        self.overflow != Overflow::Drop
    }
}
