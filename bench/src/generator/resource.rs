//! What is acted on: resources that come into being over the years and are renamed at times.

use annals_schemas::Resource;
use uuid::Builder;

use super::name::name;
use super::{Random, TYPES, Workspace};

/// Kinds of number streams.
const RESOURCE: u64 = 0x7265_736f;
const NAME: u64 = 0x6e61_6d65;

/// What is the same in every event of a resource.
#[derive(Debug)]
pub(crate) struct Thing {
    /// Index of its type.
    pub(crate) resource_type: usize,
    /// Its id.
    pub(crate) id: String,
    /// Shares of its life after which it takes another name: none, one or two of them.
    renamed: Vec<f64>,
}

impl Thing {
    /// The name of its type.
    pub(crate) fn type_name(&self) -> &'static str {
        TYPES[self.resource_type].0
    }
}

impl Workspace {
    /// The resource of this number; numbers follow the order of coming into being.
    pub(crate) fn thing(&self, number: u64) -> Thing {
        let mut random = Random::of(&[self.seed, RESOURCE, number]);
        let id = Builder::from_random_bytes(random.bytes()).into_uuid().to_string();
        let resource_type = self.types.pick(&mut random);
        // About 1.3 names a resource in the end: the last ones do not get that far.
        let renamed = match random.below(100) {
            0..52 => vec![],
            52..82 => vec![0.2 + 0.7 * random.share()],
            _ => vec![0.1 + 0.4 * random.share(), 0.5 + 0.4 * random.share()],
        };
        Thing { resource_type, id, renamed }
    }

    /// How many names a resource bears in all.
    pub(crate) fn names_of(&self, number: u64) -> u64 {
        self.thing(number).renamed.len() as u64 + 1
    }

    /// The n-th name of a resource.
    pub(crate) fn name_of(&self, number: u64, which: u64) -> String {
        name(&mut Random::of(&[self.seed, NAME, number, which]))
    }

    /// A resource as an event shows it when this share of the two years has passed.
    pub(super) fn resource(&self, number: u64, passed: f64) -> (usize, Resource) {
        let thing = self.thing(number);
        let born = number as f64 / self.resources as f64;
        let life = (passed - born) / (1.0 - born).max(f64::EPSILON);
        let which = thing.renamed.iter().filter(|after| **after < life).count() as u64;
        let resource_type = TYPES[thing.resource_type].0.to_owned();
        let name = Some(self.name_of(number, which));
        (thing.resource_type, Resource { resource_type, id: thing.id, name })
    }

    /// A resource that exists by then: one of the newest as often as any.
    pub(super) fn pick_resource(&self, passed: f64, random: &mut Random) -> u64 {
        let existing = super::zipf::part(self.resources, passed).max(1).min(self.resources);
        if random.chance(0.5) {
            return random.below(existing);
        }
        existing - 1 - random.below(existing / 20 + 1)
    }
}
