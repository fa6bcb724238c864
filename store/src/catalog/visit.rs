//! Visiting every resource or actor of a stack with its newest state.
//!
//! In two halves, so that the lock is held for the first only: what the live delta's events
//! touched, and everything of a sealed view. What is in the first half is out of date in the
//! second.

use super::delta::{Delta, Table};
use super::layer::Layer;
use super::{ActorView, CatalogView, OrderKey, ResourceState};
use crate::StoreError;

/// A resource with its newest state, of which no more than the greatest key has been read.
#[derive(Debug)]
pub(crate) struct VisitedResource<'a> {
    pub(crate) code: u32,
    /// Greatest key of any event naming it.
    pub(crate) last: OrderKey,
    state: Place<'a>,
}

#[derive(Debug)]
enum Place<'a> {
    Memory(&'a ResourceState),
    Layer(Layer<'a>, u32),
    Read(Box<ResourceState>),
}

impl VisitedResource<'_> {
    /// The whole state.
    pub(crate) fn state(&self) -> Result<ResourceState, StoreError> {
        match &self.state {
            Place::Memory(state) => Ok((*state).clone()),
            Place::Layer(layer, place) => layer.resource_state_at(*place),
            Place::Read(state) => Ok((**state).clone()),
        }
    }
}

impl<'a> CatalogView<'a> {
    /// One resource by its code.
    pub(crate) fn visited_resource(&self, code: u32) -> Result<VisitedResource<'a>, StoreError> {
        let state = self.resource_state(code)?;
        Ok(VisitedResource { code, last: state.last, state: Place::Read(Box::new(state)) })
    }

    /// Visits the resources that events of the live delta touched, in no order.
    pub(crate) fn for_each_live_resource(
        &self,
        each: impl FnMut(VisitedResource<'a>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.live.map_or(Ok(()), |live| touched_resources(live).try_for_each(each))
    }

    /// Visits the actors that events of the live delta touched, in no order.
    pub(crate) fn for_each_live_actor(
        &self,
        mut each: impl FnMut(u32, ActorView<'a>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let Some(live) = self.live else { return Ok(()) };
        let touched = coded(&live.actors).filter(|(_, actor)| actor.touched);
        for (code, _) in touched {
            each(code, self.actor(code)?)?;
        }
        Ok(())
    }

    /// Visits all resources of a view without a live delta, those of newer parts first.
    pub(crate) fn for_each_sealed_resource(
        &self,
        mut each: impl FnMut(VisitedResource<'a>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut seen = Seen::new(self.lengths().resources);
        for resource in self.frozen.into_iter().flat_map(touched_resources) {
            if seen.is_first(resource.code) {
                each(resource)?;
            }
        }
        for layer in self.layers.iter().rev() {
            let layer = layer.open()?;
            let keys = layer.last_keys()?;
            for (code, place) in layer.resource_places()? {
                if seen.is_first(code) {
                    let state = Place::Layer(layer, place);
                    each(VisitedResource { code, last: keys.get(place), state })?;
                }
            }
        }
        Ok(())
    }
}

fn touched_resources(delta: &Delta) -> impl Iterator<Item = VisitedResource<'_>> {
    let touched = coded(&delta.resources).filter(|(_, resource)| resource.touched);
    touched.map(|(code, resource)| {
        let state = &resource.state;
        VisitedResource { code, last: state.last, state: Place::Memory(state) }
    })
}

/// Everything of a table with its code.
fn coded<T>(table: &Table<T>) -> impl Iterator<Item = (u32, &T)> {
    (table.base()..).zip(table.added()).chain(table.let_in_things())
}

/// Codes met so far, a bit each.
struct Seen(Vec<u64>);

impl Seen {
    fn new(codes: u32) -> Self {
        Self(vec![0; codes.div_ceil(u64::BITS) as usize])
    }

    /// Whether a code has not been met before. One that is not in the catalog never has.
    #[inline]
    fn is_first(&mut self, code: u32) -> bool {
        let Some(word) = self.0.get_mut((code / u64::BITS) as usize) else { return false };
        let bit = 1 << (code % u64::BITS);
        let is_first = *word & bit == 0;
        *word |= bit;
        is_first
    }
}
