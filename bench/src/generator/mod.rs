//! Made-up events of any number, without memory for them: what a benchmark feeds to a contestant.
//!
//! Guarantees: a plan gives the same events on every machine; every property of a thing (an
//! actor's name, a resource's type) is a function of the seed and the thing's number, so nothing
//! has to be remembered and the questions can be made from the plan alone. Deliberately not here:
//! wire forms, and any store.

mod actor;
mod event;
mod name;
mod random;
mod resource;
mod resource_type;
mod timeline;
mod workspace;
mod world;
mod zipf;

pub(crate) use event::{Events, Generated};
pub(crate) use random::Random;
pub(crate) use resource_type::{TYPES, action};
pub(crate) use timeline::Timeline;
pub(crate) use workspace::Workspace;
pub(crate) use world::{IdVersion, Plan, World};

#[cfg(test)]
mod tests;
