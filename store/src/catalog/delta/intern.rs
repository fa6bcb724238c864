//! Finding things in a delta by key, and adding new ones.

use std::sync::Arc;

use annals_schemas::{ActorKind, HeadPrincipal, kind_of_action};

use super::{Action, Actor, Delta, Name, RecentName, Resource, Slot, Type};
use crate::catalog::actor_state::ActorState;
use crate::catalog::{OrderKey, ResourceState};
use crate::names::fold_name;

impl Delta {
    #[inline]
    pub(crate) fn find_actor(&self, kind: ActorKind, id: Option<&[u8]>) -> Option<Slot> {
        self.actors.find(self.actor_hash(kind, id), |actor| actor.is(kind, id))
    }

    #[inline]
    pub(crate) fn find_action(&self, text: &[u8]) -> Option<Slot> {
        self.actions.find(self.hash(text), |action| action.text.as_bytes() == text)
    }

    #[inline]
    pub(crate) fn find_type(&self, text: &[u8]) -> Option<Slot> {
        self.types.find(self.hash(text), |resource_type| resource_type.text.as_bytes() == text)
    }

    #[inline]
    pub(crate) fn find_resource(&self, resource_type: u32, id: &[u8]) -> Option<Slot> {
        let hash = self.resource_hash(resource_type, id);
        self.resources.find(hash, |resource| resource.is(resource_type, id))
    }

    /// A new name.
    #[inline]
    pub(crate) fn find_name(&self, resource: u32, text: Option<&[u8]>) -> Option<Slot> {
        let is = |name: &Name| name.resource == resource && bytes(&name.text) == text;
        self.names.find(self.hash((resource, text)), is)
    }

    #[inline]
    pub(crate) fn actor_hash(&self, kind: ActorKind, id: Option<&[u8]>) -> u32 {
        self.hash((kind, id))
    }

    #[inline]
    pub(crate) fn resource_hash(&self, resource_type: u32, id: &[u8]) -> u32 {
        self.hash((resource_type, id))
    }

    pub(crate) fn let_in_actor(
        &mut self,
        (kind, id): (ActorKind, Option<&str>),
        code: u32,
        state: ActorState,
    ) -> Slot {
        let actor = Actor { kind, id: id.map(Into::into), state, touched: false };
        self.actors.let_in(self.actor_hash(kind, id.map(str::as_bytes)), code, actor)
    }

    pub(crate) fn let_in_action(&mut self, text: &str, code: u32) -> Slot {
        let action = Action { text: text.into(), kind: kind_of_action(text) };
        self.actions.let_in(self.hash(text.as_bytes()), code, action)
    }

    pub(crate) fn let_in_type(&mut self, text: &str, code: u32) -> Slot {
        self.types.let_in(self.hash(text.as_bytes()), code, Type { text: text.into() })
    }

    pub(crate) fn let_in_resource(
        &mut self,
        (resource_type, id): (u32, &str),
        code: u32,
        state: ResourceState,
    ) -> Slot {
        let resource =
            Resource { resource_type, id: id.into(), state, touched: false, recent_name: None };
        self.resources.let_in(self.resource_hash(resource_type, id.as_bytes()), code, resource)
    }

    pub(crate) fn add_actor(&mut self, principal: &HeadPrincipal<'_>, former: bool) -> Slot {
        let HeadPrincipal { kind, id, .. } = *principal;
        let state = ActorState { former, ..ActorState::default() };
        let actor = Actor { kind, id: id.map(|id| text_of(id).into()), state, touched: true };
        self.actors.add(self.actor_hash(kind, id), actor)
    }

    pub(crate) fn add_action(&mut self, bytes: &[u8]) -> Slot {
        let text = text_of(bytes);
        let action = Action { text: text.into(), kind: kind_of_action(text) };
        self.actions.add(self.hash(bytes), action)
    }

    pub(crate) fn add_type(&mut self, text: &[u8]) -> Slot {
        self.types.add(self.hash(text), Type { text: text_of(text).into() })
    }

    pub(crate) fn add_resource(
        &mut self,
        (resource_type, id): (u32, &[u8]),
        key: OrderKey,
    ) -> Slot {
        let (text, state) = (text_of(id).into(), ResourceState::new(key));
        let resource =
            Resource { resource_type, id: text, state, touched: true, recent_name: None };
        self.resources.add(self.resource_hash(resource_type, id), resource)
    }

    /// Adds a name, makes it the head of its resource's chain, and gives its code.
    pub(crate) fn add_name(
        &mut self,
        resource: Slot,
        bytes: Option<&[u8]>,
        first: OrderKey,
    ) -> u32 {
        let text = bytes.map(text_of);
        let code = self.names.end();
        let resource_code = self.resources.code(resource);
        let known = self.resources.get_mut(resource);
        let previous = known.state.newest_name.replace(code);
        let shared = text.map(Arc::from);
        known.recent_name = Some(RecentName { code, text: shared.clone() });
        self.folded.push(&fold_name(text.unwrap_or_default()));
        let name = Name { resource: resource_code, text: shared, first, previous };
        self.names.add(self.hash((resource_code, bytes)), name);
        code
    }
}

/// A text of an event that was checked.
pub(crate) fn text_of(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).expect("the texts of an event that was checked are UTF-8")
}

fn bytes(text: &Option<Arc<str>>) -> Option<&[u8]> {
    text.as_deref().map(str::as_bytes)
}

impl Actor {
    #[inline]
    pub(crate) fn is(&self, kind: ActorKind, id: Option<&[u8]>) -> bool {
        self.kind == kind && bytes(&self.id) == id
    }
}

impl Resource {
    #[inline]
    pub(crate) fn is(&self, resource_type: u32, id: &[u8]) -> bool {
        self.resource_type == resource_type && self.id.as_bytes() == id
    }
}

impl RecentName {
    #[inline]
    pub(crate) fn is(&self, text: Option<&[u8]>) -> bool {
        bytes(&self.text) == text
    }
}
