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
    /// Reads a part of each cache line that it lies in. What it answers is of no meaning.
    fn touch(&self) -> u64;
    /// The same of the beginnings of its texts.
    fn touch_texts(&self) -> u64;
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

    fn touch(&self) -> u64 {
        let ActorState { name, email, seen, former } = &self.state;
        length(&self.id) ^ length(name) ^ length(email) ^ seen.seq ^ u64::from(*former)
    }

    fn touch_texts(&self) -> u64 {
        first_byte(&self.id) ^ first_byte(&self.state.name) ^ first_byte(&self.state.email)
    }
}

/// Length of a text, without looking at it.
fn length(text: &Option<Arc<str>>) -> u64 {
    text.as_ref().map_or(0, |text| text.len() as u64)
}

fn first_byte(text: &Option<Arc<str>>) -> u64 {
    text.as_ref().and_then(|text| text.as_bytes().first()).map_or(0, |byte| u64::from(*byte))
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

    fn touch(&self) -> u64 {
        let ResourceState { name, aside_name, deleted, creator, last_editor, first, last, .. } =
            &self.state;
        let named = [name, aside_name, creator, last_editor];
        let named = named.into_iter().flatten().fold(0, |sum, latest| sum ^ latest.at.seq);
        let deleted = deleted.map_or(0, |latest| latest.at.seq);
        let recent = self.recent_name.as_ref().map_or(0, |recent| length(&recent.text));
        self.id.len() as u64 ^ named ^ deleted ^ first.seq ^ last.seq ^ recent
    }

    fn touch_texts(&self) -> u64 {
        let id = self.id.as_bytes().first().map_or(0, |byte| u64::from(*byte));
        id ^ self.recent_name.as_ref().map_or(0, |recent| first_byte(&recent.text))
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
