//! Reading ahead what events are about to touch, so that the fold finds it in the processor's
//! caches.
//!
//! The fold waits for one miss after the other: an index, what the index points to, that thing's
//! texts. For many events each of these steps is done at once, and then their misses overlap.
//! Nothing changes, and nothing depends on what is read: a place may be another thing's, or none.

use annals_schemas::EventHead;

use super::Catalog;
use super::delta::{Actor, Generation, Recurring, Resource, Slot};

/// The hashes of what an event is about to touch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sought {
    pub(super) actor: u32,
    /// Of its first resource, if the live delta knows that one's type.
    pub(super) resource: Option<u32>,
}

/// Where that probably is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected {
    actor: Option<(Generation, Slot)>,
    resource: Option<(Generation, Slot)>,
}

impl Catalog {
    /// What the event is about to touch.
    pub(crate) fn sought(&self, event: &EventHead<'_>) -> Sought {
        let live = &self.live;
        let first = event.resources.first();
        let resource = first.and_then(|resource| {
            let resource_type = live.types.code(live.find_type(resource.resource_type)?);
            Some(live.resource_hash(resource_type, resource.id))
        });
        Sought { actor: live.actor_hash(event.actor.kind, event.actor.id), resource }
    }

    /// Looks into the indexes.
    pub(crate) fn expected(&self, sought: Sought) -> Expected {
        let (actors, resources) = (&self.live.actors, &self.live.resources);
        let resource = sought.resource.and_then(|hash| resources.find_hash(hash));
        Expected { actor: actors.find_hash(sought.actor), resource }
    }

    /// Reads a part of each thing; what it answers is of no meaning.
    pub(crate) fn touch_things(&self, expected: Expected) -> u64 {
        let actor = self.thing::<Actor>(expected.actor).map_or(0, Recurring::touch);
        actor ^ self.thing::<Resource>(expected.resource).map_or(0, Recurring::touch)
    }

    /// Reads the beginning of each of their texts.
    pub(crate) fn touch_texts(&self, expected: Expected) -> u64 {
        let actor = self.thing::<Actor>(expected.actor).map_or(0, Recurring::touch_texts);
        actor ^ self.thing::<Resource>(expected.resource).map_or(0, Recurring::touch_texts)
    }

    #[inline]
    fn thing<T: Recurring>(&self, place: Option<(Generation, Slot)>) -> Option<&T> {
        let (generation, slot) = place?;
        Some(T::table(self.delta(generation)?).get(slot))
    }
}
