//! The live delta as a cache: what is older is let in when it is first asked for, from the delta
//! of an earlier seal that knows it best (one index says which), else from the layers.
//!
//! Everything here may fail. What was let in before a failure stays, which nobody can tell: it is
//! as it is in the layers, and is written again only if an event touches it.

use annals_schemas::ActorKind;

use super::Catalog;
use super::delta::{Actor, Recurring, Resource, Slot, text_of};
use crate::StoreError;

/// Names of a resource that are compared before it is worth a hash to ask the layers' tables.
const NAMES_GONE_THROUGH: usize = 6;

impl Catalog {
    /// The live delta's slot of what any delta that is kept has, let in from there if need be.
    #[inline]
    fn known<T: Recurring>(&mut self, hash: u32, is: impl Fn(&T) -> bool) -> Option<Slot> {
        let found = T::table(&self.live).find_place(hash, |generation, slot| {
            self.delta(generation).is_some_and(|delta| is(T::table(delta).get(slot)))
        });
        let (generation, slot) = found?;
        if generation == self.live.generation() {
            return Some(slot);
        }
        let (live, older) = self.live_and_older(generation);
        Some(T::table_mut(live).let_in_of(T::table(older), slot, T::untouched))
    }

    /// `hash` is that of the key, where it is known.
    #[inline]
    pub(super) fn load_actor(
        &mut self,
        kind: ActorKind,
        id: Option<&[u8]>,
        hash: Option<u32>,
    ) -> Result<Option<Slot>, StoreError> {
        let hash = hash.unwrap_or_else(|| self.live.actor_hash(kind, id));
        if let Some(slot) = self.known(hash, |actor: &Actor| actor.is(kind, id)) {
            return Ok(Some(slot));
        }
        let (id, layers) = (id.map(text_of), self.layers());
        let Some(code) = layers.actor_code(kind, id)? else { return Ok(None) };
        let state = layers.actor_state(code)?.to_owned();
        Ok(Some(self.live.let_in_actor((kind, id), code, state)))
    }

    #[inline]
    pub(super) fn load_action(&mut self, bytes: &[u8]) -> Result<Option<Slot>, StoreError> {
        if let Some(slot) = self.live.find_action(bytes) {
            return Ok(Some(slot));
        }
        let text = text_of(bytes);
        let code = self.sealed.view().action_code(text)?;
        Ok(code.map(|code| self.live.let_in_action(text, code)))
    }

    #[inline]
    pub(super) fn load_type(&mut self, bytes: &[u8]) -> Result<Option<Slot>, StoreError> {
        if let Some(slot) = self.live.find_type(bytes) {
            return Ok(Some(slot));
        }
        let text = text_of(bytes);
        let code = self.sealed.view().type_code(text)?;
        Ok(code.map(|code| self.live.let_in_type(text, code)))
    }

    /// `hash` is that of the key, where it is known.
    #[inline]
    pub(super) fn load_resource(
        &mut self,
        resource_type: Slot,
        id: &[u8],
        hash: Option<u32>,
    ) -> Result<Option<Slot>, StoreError> {
        let resource_type = self.live.types.code(resource_type);
        let hash = hash.unwrap_or_else(|| self.live.resource_hash(resource_type, id));
        let is = |resource: &Resource| resource.is(resource_type, id);
        if let Some(slot) = self.known(hash, is) {
            return Ok(Some(slot));
        }
        let (id, layers) = (text_of(id), self.layers());
        let Some(code) = layers.resource_code(resource_type, id)? else { return Ok(None) };
        let state = layers.resource_state(code)?;
        Ok(Some(self.live.let_in_resource((resource_type, id), code, state)))
    }

    /// The code of a name. Names are not let in: the resource remembers the last one.
    #[inline]
    pub(super) fn load_name(
        &self,
        resource: Slot,
        text: Option<&[u8]>,
    ) -> Result<Option<u32>, StoreError> {
        let known = self.live.resources.get(resource);
        if let Some(recent) = known.recent_name.as_ref().filter(|recent| recent.is(text)) {
            return Ok(Some(recent.code));
        }
        let resource = self.live.resources.code(resource);
        if let Some(slot) = self.live.find_name(resource, text) {
            return Ok(Some(self.live.names.code(slot)));
        }
        self.older_name((resource, known.state.newest_name), text)
    }

    /// Most resources have few names, so they are gone through, newest first; the layers' tables
    /// are asked about one that has many.
    fn older_name(
        &self,
        (resource, newest): (u32, Option<u32>),
        text: Option<&[u8]>,
    ) -> Result<Option<u32>, StoreError> {
        let (text, view) = (text.map(text_of), self.view());
        let mut next = newest;
        for _ in 0..NAMES_GONE_THROUGH {
            let Some(code) = next else { return Ok(None) };
            if view.name_text(code)?.1 == text {
                return Ok(Some(code));
            }
            next = view.previous_name(code)?;
        }
        self.sealed.view().name_code(resource, text)
    }

    /// Whether the resource of type `user` with this id has been deleted.
    pub(super) fn is_deleted_user(&mut self, id: &[u8]) -> Result<bool, StoreError> {
        let Some(resource_type) = self.load_type(super::record::USER)? else { return Ok(false) };
        let resource = self.load_resource(resource_type, id, None)?;
        Ok(resource.is_some_and(|slot| self.live.resources.get(slot).state.ever_deleted))
    }
}
