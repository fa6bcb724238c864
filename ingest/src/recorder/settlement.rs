//! What became of events: counted, told to who waits, and remembered if it was a loss.

use std::sync::Arc;

use super::NotSafe;
use super::losses::Losses;
use super::pending::Claim;
use super::progress::Progress;

/// Where the fates of events are noted. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Settlement {
    pub progress: Arc<Progress>,
    pub losses: Arc<Losses>,
}

impl Settlement {
    /// The log has acknowledged them.
    pub fn delivered(&self, all: Vec<Claim>) {
        self.progress.deliver(all.iter().map(Claim::events).sum());
        self.safe(all);
    }

    /// They are on disk, or on the log.
    pub fn safe(&self, all: Vec<Claim>) {
        self.settle(all, &Ok(()));
    }

    /// They are lost.
    pub fn lost(&self, all: Vec<Claim>, why: NotSafe) {
        let events = all.iter().map(Claim::events).sum();
        if events > 0 {
            self.progress.lose(events);
        }
        let is_refused = matches!(why, NotSafe::Refused { .. });
        // A log that does not take the telling either would be told without end.
        for claim in all.iter().filter(|claim| !(claim.tells && is_refused)) {
            self.losses.add(&claim.workspace, claim.loss);
        }
        self.settle(all, &Err(why));
    }

    fn settle(&self, all: Vec<Claim>, outcome: &Result<(), NotSafe>) {
        // What tells of losses was never queued: who waits for the queue must not count it.
        let events = all.iter().map(Claim::events).sum();
        let bytes = all.iter().map(|claim| claim.bytes).sum();
        for answer in all.into_iter().filter_map(|claim| claim.answer) {
            answer.give(outcome.clone());
        }
        if events > 0 {
            self.progress.settle(events, bytes);
        }
    }
}
