//! The things that a delta holds.

use std::sync::Arc;

use annals_schemas::{ActorKind, Kind};

use super::{Delta, Table};
use crate::catalog::actor_state::ActorState;
use crate::catalog::{OrderKey, ResourceState};

/// What events touch over and over: its index goes on from delta to delta.
pub(crate) trait Recurring: Sized {
    fn table(delta: &Delta) -> &Table<Self>;
    fn table_mut(delta: &mut Delta) -> &mut Table<Self>;
    /// As a later delta has it that no event has touched it in. Texts are shared.
    fn untouched(&self) -> Self;
}

/// An actor: kind and id identify it.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    pub(crate) kind: ActorKind,
    pub(crate) id: Option<Arc<str>>,
    pub(crate) state: ActorState,
    /// By an event of this delta; otherwise it was only looked up.
    pub(crate) touched: bool,
}

impl Recurring for Actor {
    fn table(delta: &Delta) -> &Table<Self> {
        &delta.actors
    }

    fn table_mut(delta: &mut Delta) -> &mut Table<Self> {
        &mut delta.actors
    }

    fn untouched(&self) -> Self {
        Self { touched: false, ..self.clone() }
    }
}

/// An action key.
#[derive(Debug)]
pub(crate) struct Action {
    pub(crate) text: Box<str>,
    /// The kind that its text says.
    pub(crate) kind: Kind,
}

/// A resource type.
#[derive(Debug)]
pub(crate) struct Type {
    pub(crate) text: Box<str>,
}

/// A resource: type and id identify it.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    pub(crate) resource_type: u32,
    pub(crate) id: Arc<str>,
    pub(crate) state: ResourceState,
    /// By an event of this delta; otherwise it was only looked up.
    pub(crate) touched: bool,
    /// The name it bore last, in log order: mostly the next one too.
    pub(crate) recent_name: Option<RecentName>,
}

impl Recurring for Resource {
    fn table(delta: &Delta) -> &Table<Self> {
        &delta.resources
    }

    fn table_mut(delta: &mut Delta) -> &mut Table<Self> {
        &mut delta.resources
    }

    fn untouched(&self) -> Self {
        Self { touched: false, ..self.clone() }
    }
}

/// A name with its code.
#[derive(Debug, Clone)]
pub(crate) struct RecentName {
    pub(crate) code: u32,
    pub(crate) text: Option<Arc<str>>,
}

/// A new name of a resource; resource and text identify it. Older ones are not let in.
#[derive(Debug)]
pub(crate) struct Name {
    pub(crate) resource: u32,
    pub(crate) text: Option<Arc<str>>,
    pub(crate) first: OrderKey,
    pub(crate) previous: Option<u32>,
}
