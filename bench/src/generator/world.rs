//! The whole of a plan: workspaces by size.

use super::workspace::{Size, Workspace};
use super::zipf::{Zipf, part};
use super::{Events, Timeline};

const WORKSPACES: usize = 200;
/// The largest workspace gets 24 %.
const WORKSPACE_EXPONENT: f64 = 1.15;
const ACTORS: (u64, u64) = (30, 2_000);
/// How actors grow with size: slower than events.
const ACTOR_POWER: f64 = 0.6;
/// Fewest resources of a workspace.
const MIN_RESOURCES: u64 = 12;

/// Which UUIDs events bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum IdVersion {
    /// Random.
    V4,
    /// By time, as the SDK makes them.
    V7,
}

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// How many events.
    pub(crate) events: u64,
    /// How many distinct resources, about.
    pub(crate) resources: u64,
    /// What everything follows from.
    pub(crate) seed: u64,
    /// Which event ids.
    pub(crate) ids: IdVersion,
}

impl Plan {
    /// For each resource, unless said otherwise.
    pub(crate) const EVENTS_PER_RESOURCE: u64 = 30;
}

/// A plan with its workspaces.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(super) workspaces: Vec<Workspace>,
    pub(super) sizes: Zipf,
}

impl World {
    /// Works a plan out: a few hundred kilobytes, whatever its size.
    pub(crate) fn new(plan: Plan) -> Self {
        let sizes = Zipf::new(WORKSPACES, WORKSPACE_EXPONENT);
        let largest = sizes.share(0);
        let workspace = |number: usize| {
            let share = sizes.share(number);
            let actors = part(ACTORS.1, (share / largest).powf(ACTOR_POWER)).max(ACTORS.0);
            let size = Size {
                events: part(plan.events, share),
                actors: usize::try_from(actors).unwrap_or(1),
                resources: part(plan.resources, share).max(MIN_RESOURCES),
            };
            Workspace::new(plan.seed, number, &size)
        };
        let workspaces = (0..WORKSPACES).map(workspace).collect();
        Self { plan, workspaces, sizes }
    }

    /// All events, in log order.
    pub(crate) fn events(&self) -> Events<'_> {
        Events::new(self)
    }

    /// When the log takes which event.
    pub(crate) fn timeline(&self) -> Timeline {
        Timeline { events: self.plan.events }
    }

    /// The largest workspace.
    pub(crate) fn largest(&self) -> &Workspace {
        &self.workspaces[0]
    }

    /// The workspace of this rank by size, modulo their number.
    pub(crate) fn workspace(&self, number: usize) -> &Workspace {
        &self.workspaces[number % self.workspaces.len()]
    }
}
