//! What was lost, by workspace, until it has been told there.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use annals_schemas::{Event, Instant, WorkspaceId};
use parking_lot::Mutex;

use crate::events_lost::EventsLost;

/// Workspaces whose losses are tallied; of others they are only counted.
const WORKSPACES_MAX: usize = 1_000;
/// More than threads that add a loss at the same moment.
const TALLIES: usize = 16;

type Tally = BTreeMap<WorkspaceId, Loss>;

/// Events of one workspace that were lost, by the recorder's numbers and their own times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Loss {
    events: u64,
    first_number: u64,
    last_number: u64,
    /// `None` of events without a time.
    first_at: Option<Instant>,
    last_at: Option<Instant>,
}

/// Losses that nobody has been told of.
#[derive(Default)]
pub(super) struct Losses {
    /// Whether there are some: looked at for every batch.
    some: AtomicBool,
    /// Several, so that a thread that emits always finds one that nobody holds.
    tallies: [Mutex<Tally>; TALLIES],
}

impl Loss {
    /// One event, which has this number.
    pub fn of(number: u64, event: &Event) -> Self {
        let at = event.occurred_at;
        Self { events: 1, first_number: number, last_number: number, first_at: at, last_at: at }
    }

    fn and(self, other: Self) -> Self {
        let both = [self, other];
        let times = |of: fn(Self) -> Option<Instant>| both.into_iter().filter_map(of);
        Self {
            events: self.events + other.events,
            first_number: self.first_number.min(other.first_number),
            last_number: self.last_number.max(other.last_number),
            first_at: times(|loss| loss.first_at).min(),
            last_at: times(|loss| loss.last_at).max(),
        }
    }

    /// The event that tells of it. `recorder` is the one whose numbers they are.
    pub fn event(self, workspace: &WorkspaceId, recorder: &str) -> Event {
        let Self { events, first_number, last_number, first_at, last_at } = self;
        let at = |at: Option<Instant>| at.map(|at| at.to_string());
        let (producer_id, first_at, last_at) = (recorder.to_owned(), at(first_at), at(last_at));
        EventsLost { producer_id, events, first_number, last_number, first_at, last_at }
            .event(workspace)
    }
}

impl Losses {
    /// Adds what was lost in a workspace. Never waits for who holds a tally: takes the next one.
    pub fn add(&self, workspace: &WorkspaceId, loss: Loss) {
        let first = usize::try_from(loss.first_number).unwrap_or(0) % TALLIES;
        let mut tallies = self.tallies.iter().cycle().skip(first);
        if let Some(mut tally) = tallies.find_map(|tally| tally.try_lock()) {
            add(&mut tally, workspace, loss);
        }
        self.some.store(true, Ordering::Release);
    }

    /// Whether there is something to tell.
    pub fn are_some(&self) -> bool {
        self.some.load(Ordering::Acquire)
    }

    /// Takes what there is to tell.
    pub fn take(&self) -> Tally {
        self.some.store(false, Ordering::Release);
        let mut all = Tally::new();
        for tally in &self.tallies {
            let tally = std::mem::take(&mut *tally.lock());
            for (workspace, loss) in tally {
                add(&mut all, &workspace, loss);
            }
        }
        all
    }
}

fn add(tally: &mut Tally, workspace: &WorkspaceId, loss: Loss) {
    if let Some(known) = tally.get_mut(workspace) {
        *known = known.and(loss);
    } else if tally.len() < WORKSPACES_MAX {
        tally.insert(workspace.clone(), loss);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(workspace: &WorkspaceId, number: u64) -> Loss {
        let at = Instant::from_millis_clamped(i64::try_from(number).unwrap());
        Loss::of(number, &crate::new_event(workspace.clone(), "a.b", at))
    }

    #[test]
    fn losses_of_a_workspace_are_told_together() {
        let losses = Losses::default();
        let acme = WorkspaceId::new("acme").unwrap();
        let other = WorkspaceId::new("other").unwrap();
        for number in [9, 4, 7] {
            losses.add(&acme, loss(&acme, number));
        }
        losses.add(&other, loss(&other, 5));
        assert!(losses.are_some());
        let told = losses.take();
        assert!(!losses.are_some() && losses.take().is_empty());
        let event = told[&acme].event(&acme, "r1");
        assert_eq!(event.action, "annals.events_lost");
        let metadata: serde_json::Value =
            serde_json::from_str(event.metadata.unwrap().as_str()).unwrap();
        let expected = serde_json::json!({
            "producer_id": "r1", "events": 3, "first_number": 4, "last_number": 9,
            "first_at": "1970-01-01T00:00:00.004000Z", "last_at": "1970-01-01T00:00:00.009000Z",
        });
        assert_eq!(metadata, expected);
    }

    /// A thread that emits once waited for whoever held the tally.
    #[test]
    fn a_loss_is_added_while_a_tally_is_held() {
        let losses = Losses::default();
        let acme = WorkspaceId::new("acme").unwrap();
        let held = losses.tallies[5].lock();
        losses.add(&acme, loss(&acme, 5));
        drop(held);
        losses.add(&acme, loss(&acme, 5 + TALLIES as u64));
        let taken = losses.take();
        assert_eq!(taken[&acme], loss(&acme, 5).and(loss(&acme, 5 + TALLIES as u64)));
    }

    #[test]
    fn the_tally_is_bounded() {
        let losses = Losses::default();
        for number in 0..WORKSPACES_MAX as u64 + 5 {
            let workspace = WorkspaceId::new(&format!("w{number}")).unwrap();
            losses.add(&workspace, loss(&workspace, number));
        }
        assert_eq!(losses.take().len(), WORKSPACES_MAX);
    }
}
