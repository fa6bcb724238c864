//! An event on its way, from the queue to where it is safe.

use annals_schemas::{Event, Limits, NewRecord, SchemaViolation, WorkspaceId};
use annals_schemas::{checked_record, new_record};

use super::Overflow;
use super::deadlines::Answer;
use super::losses::Loss;

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
    pub claim: Claim,
}

/// What is due when an event's fate is known: room given back, an answer, a loss to tell.
pub(super) struct Claim {
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
    /// The event, and what is due for it.
    pub fn split(self) -> (Event, Claim) {
        let Self { event, number, bytes, overflow, answer } = self;
        let (workspace, loss) = (event.workspace_id.clone(), Loss::of(number, &event));
        (event, Claim { workspace, bytes, overflow, answer, loss, tells: false })
    }

    /// What is due for the event, and the event as a record, unless readers would refuse it.
    pub fn encode(self, limits: &Limits) -> (Claim, Result<NewRecord, SchemaViolation>) {
        let (event, claim) = self.split();
        (claim, checked_record(&event, limits))
    }
}

impl Pending {
    /// The event that tells of a loss.
    pub fn telling(workspace: WorkspaceId, loss: Loss, recorder: &str) -> Self {
        let record = new_record(&loss.event(&workspace, recorder), None);
        let overflow = Overflow::Spool;
        let claim = Claim { workspace, bytes: 0, overflow, answer: None, loss, tells: true };
        Self { record, claim }
    }
}

impl Claim {
    /// How many of the host's events it is.
    pub fn events(&self) -> u64 {
        u64::from(!self.tells)
    }

    /// Whether it may take room in the spool.
    pub fn may_spool(&self) -> bool {
        self.overflow != Overflow::Drop
    }
}
