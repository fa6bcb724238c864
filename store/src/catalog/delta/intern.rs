//! Finding things in a delta by key, and adding new ones.

use annals_schemas::{ActorKind, Principal, kind_of_action};

use super::{Action, Actor, Delta, Name, Resource, Slot, Type};
use crate::catalog::actor_state::ActorState;
use crate::catalog::{OrderKey, ResourceState};
use crate::names::fold_name;

impl Delta {
    #[inline]
    pub(crate) fn find_actor(&self, kind: ActorKind, id: Option<&str>) -> Option<Slot> {
        let is = |actor: &Actor| actor.kind == kind && actor.id.as_deref() == id;
        self.actors.find(self.hash((kind, id)), is)
    }

    #[inline]
    pub(crate) fn find_action(&self, text: &str) -> Option<Slot> {
        self.actions.find(self.hash(text), |action| &*action.text == text)
    }

    #[inline]
    pub(crate) fn find_type(&self, text: &str) -> Option<Slot> {
        self.types.find(self.hash(text), |resource_type| &*resource_type.text == text)
    }

    #[inline]
    pub(crate) fn find_resource(&self, resource_type: u32, id: &str) -> Option<Slot> {
        let is = |other: &Resource| other.resource_type == resource_type && &*other.id == id;
        self.resources.find(self.hash((resource_type, id)), is)
    }

    #[inline]
    pub(crate) fn find_name(&self, resource: u32, text: Option<&str>) -> Option<Slot> {
        let is = |name: &Name| name.resource == resource && name.text.as_deref() == text;
        self.names.find(self.hash((resource, text)), is)
    }

    pub(crate) fn let_in_actor(
        &mut self,
        (kind, id): (ActorKind, Option<&str>),
        code: u32,
        state: ActorState,
    ) -> Slot {
        let actor = Actor { kind, id: id.map(Into::into), state, touched: false };
        self.actors.let_in(self.hash((kind, id)), code, actor)
    }

    pub(crate) fn let_in_action(&mut self, text: &str, code: u32) -> Slot {
        let action = Action { text: text.into(), kind: kind_of_action(text) };
        self.actions.let_in(self.hash(text), code, action)
    }

    pub(crate) fn let_in_type(&mut self, text: &str, code: u32) -> Slot {
        self.types.let_in(self.hash(text), code, Type { text: text.into() })
    }

    pub(crate) fn let_in_resource(
        &mut self,
        (resource_type, id): (u32, &str),
        code: u32,
        state: ResourceState,
    ) -> Slot {
        let resource =
            Resource { resource_type, id: id.into(), state, touched: false, recent_name: None };
        self.resources.let_in(self.hash((resource_type, id)), code, resource)
    }

    pub(crate) fn let_in_name(
        &mut self,
        (resource, text): (u32, Option<&str>),
        code: u32,
        (first, previous): (OrderKey, Option<u32>),
    ) -> Slot {
        let name = Name { resource, text: text.map(Into::into), first, previous };
        self.names.let_in(self.hash((resource, text)), code, name)
    }

    pub(crate) fn add_actor(&mut self, principal: &Principal, former: bool) -> Slot {
        let (kind, id) = (principal.kind, principal.id.as_deref());
        let state = ActorState { former, ..ActorState::default() };
        let actor = Actor { kind, id: id.map(Into::into), state, touched: true };
        self.actors.add(self.hash((kind, id)), actor)
    }

    pub(crate) fn add_action(&mut self, text: &str) -> Slot {
        let action = Action { text: text.into(), kind: kind_of_action(text) };
        self.actions.add(self.hash(text), action)
    }

    pub(crate) fn add_type(&mut self, text: &str) -> Slot {
        self.types.add(self.hash(text), Type { text: text.into() })
    }

    pub(crate) fn add_resource(&mut self, (resource_type, id): (u32, &str), key: OrderKey) -> Slot {
        let state = ResourceState::new(key);
        let resource =
            Resource { resource_type, id: id.into(), state, touched: true, recent_name: None };
        self.resources.add(self.hash((resource_type, id)), resource)
    }

    /// Adds a name and makes it the head of its resource's chain.
    pub(crate) fn add_name(&mut self, resource: Slot, text: Option<&str>, first: OrderKey) -> Slot {
        let code = self.names.end();
        let resource_code = self.resources.code(resource);
        let state = &mut self.resources.get_mut(resource).state;
        let previous = state.newest_name.replace(code);
        self.folded.push(&fold_name(text.unwrap_or_default()));
        let name = Name { resource: resource_code, text: text.map(Into::into), first, previous };
        self.names.add(self.hash((resource_code, text)), name)
    }
}
