//! One workspace of the plan: its share of the events, its actors, its resources.

use annals_schemas::WorkspaceId;
use uuid::Builder;

use super::Random;
use super::resource_type::{TYPE_EXPONENT, TYPES};
use super::zipf::Zipf;

/// Kind of number stream.
const WORKSPACE: u64 = 0x776f_726b;

/// A workspace.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Its id.
    pub(crate) id: WorkspaceId,
    /// About how many events it gets.
    pub(crate) events: u64,
    /// How many resources it has in the end.
    pub(crate) resources: u64,
    /// How active its actors are.
    pub(crate) actors: Zipf,
    pub(super) types: Zipf,
    pub(super) seed: u64,
}

/// What a workspace gets of everything.
pub(super) struct Size {
    pub(super) events: u64,
    pub(super) actors: usize,
    pub(super) resources: u64,
}

impl Workspace {
    pub(super) fn new(seed: u64, number: usize, size: &Size) -> Self {
        let mut random = Random::of(&[seed, WORKSPACE, number as u64]);
        let id = Builder::from_random_bytes(random.bytes()).into_uuid().to_string();
        Self {
            id: WorkspaceId::new(&id).expect("a UUID has 36 bytes"),
            events: size.events,
            resources: size.resources,
            actors: Zipf::new(size.actors, 1.0),
            types: Zipf::new(TYPES.len(), TYPE_EXPONENT),
            seed: random.bits(),
        }
    }
}
