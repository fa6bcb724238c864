//! The live delta as a cache: what is older is let in when it is first asked for, from the deltas
//! of the last seals if they know it, else from the layers. A delta that is newer than another and
//! does not know a thing did not touch it, so the first that knows says what is true.
//!
//! Everything here may fail. What was let in before a failure stays, which nobody can tell: it is
//! as it is in the layers, and is written again only if an event touches it.

use annals_schemas::ActorKind;

use super::delta::Slot;
use super::{Catalog, OrderKey};
use crate::StoreError;

/// Names of a resource that are compared before it is worth a hash to ask the layers' tables.
const NAMES_GONE_THROUGH: usize = 6;

/// A name's first key and the name before it.
type NameFacts = (OrderKey, Option<u32>);

impl Catalog {
    #[inline]
    pub(super) fn load_actor(
        &mut self,
        kind: ActorKind,
        id: Option<&str>,
    ) -> Result<Option<Slot>, StoreError> {
        if let Some(slot) = self.live.find_actor(kind, id) {
            return Ok(Some(slot));
        }
        let known = self.in_older_deltas(|delta| {
            let slot = delta.find_actor(kind, id)?;
            Some((delta.actors.code(slot), delta.actors.get(slot).state.clone()))
        });
        let (code, state) = match known {
            Some(known) => known,
            None => {
                let layers = self.layers();
                let Some(code) = layers.actor_code(kind, id)? else { return Ok(None) };
                (code, layers.actor_state(code)?.to_owned())
            }
        };
        Ok(Some(self.live.let_in_actor((kind, id), code, state)))
    }

    #[inline]
    pub(super) fn load_action(&mut self, text: &str) -> Result<Option<Slot>, StoreError> {
        if let Some(slot) = self.live.find_action(text) {
            return Ok(Some(slot));
        }
        let code = self.sealed.view().action_code(text)?;
        Ok(code.map(|code| self.live.let_in_action(text, code)))
    }

    #[inline]
    pub(super) fn load_type(&mut self, text: &str) -> Result<Option<Slot>, StoreError> {
        if let Some(slot) = self.live.find_type(text) {
            return Ok(Some(slot));
        }
        let code = self.sealed.view().type_code(text)?;
        Ok(code.map(|code| self.live.let_in_type(text, code)))
    }

    #[inline]
    pub(super) fn load_resource(
        &mut self,
        resource_type: Slot,
        id: &str,
    ) -> Result<Option<Slot>, StoreError> {
        let resource_type = self.live.types.code(resource_type);
        if let Some(slot) = self.live.find_resource(resource_type, id) {
            return Ok(Some(slot));
        }
        let known = self.in_older_deltas(|delta| {
            let slot = delta.find_resource(resource_type, id)?;
            Some((delta.resources.code(slot), delta.resources.get(slot).state.clone()))
        });
        let (code, state) = match known {
            Some(known) => known,
            None => {
                let layers = self.layers();
                let Some(code) = layers.resource_code(resource_type, id)? else { return Ok(None) };
                (code, layers.resource_state(code)?)
            }
        };
        Ok(Some(self.live.let_in_resource((resource_type, id), code, state)))
    }

    #[inline]
    pub(super) fn load_name(
        &mut self,
        resource: Slot,
        text: Option<&str>,
    ) -> Result<Option<Slot>, StoreError> {
        let recent = self.live.resources.get(resource).recent_name;
        let is = |slot: &Slot| self.live.names.get(*slot).text.as_deref() == text;
        if let Some(slot) = recent.filter(is) {
            return Ok(Some(slot));
        }
        let code = self.live.resources.code(resource);
        if let Some(slot) = self.live.find_name(code, text) {
            return Ok(Some(slot));
        }
        let known = self.in_older_deltas(|delta| {
            let slot = delta.find_name(code, text)?;
            let name = delta.names.get(slot);
            Some((delta.names.code(slot), (name.first, name.previous)))
        });
        if let Some((name, facts)) = known {
            return Ok(Some(self.live.let_in_name((code, text), name, facts)));
        }
        match self.older_name(resource, text)? {
            Some((name, facts)) => Ok(Some(self.live.let_in_name((code, text), name, facts))),
            None => Ok(None),
        }
    }

    /// A name from before the live delta. Most resources have few, so they are gone through, newest
    /// first; the layers' tables are asked about one that has many.
    fn older_name(
        &self,
        resource: Slot,
        text: Option<&str>,
    ) -> Result<Option<(u32, NameFacts)>, StoreError> {
        let view = self.view();
        let mut next = self.live.resources.get(resource).state.newest_name;
        for _ in 0..NAMES_GONE_THROUGH {
            let Some(code) = next else { return Ok(None) };
            let name = view.name(code)?;
            if name.text == text {
                return Ok(Some((code, (name.first, name.previous))));
            }
            next = name.previous;
        }
        let sealed = self.sealed.view();
        let resource = self.live.resources.code(resource);
        let Some(code) = sealed.name_code(resource, text)? else { return Ok(None) };
        let name = sealed.name(code)?;
        Ok(Some((code, (name.first, name.previous))))
    }

    /// Whether the resource of type `user` with this id has been deleted.
    pub(super) fn is_deleted_user(&mut self, id: &str) -> Result<bool, StoreError> {
        let Some(resource_type) = self.load_type(super::record::USER)? else { return Ok(false) };
        let resource = self.load_resource(resource_type, id)?;
        Ok(resource.is_some_and(|slot| self.live.resources.get(slot).state.ever_deleted))
    }
}
