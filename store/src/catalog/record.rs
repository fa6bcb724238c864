//! Giving an event its codes and folding it into the state of what it touches.
//!
//! In two steps: first everything the event names is looked up, which may fail and changes nothing
//! that counts; then what is new is added and the states are changed, which cannot fail.

use annals_schemas::{ActorKind, EventHead, HeadPrincipal, HeadResource, Kind};
use smallvec::SmallVec;

use super::delta::{RecentName, Slot, text_of};
use super::{Catalog, Delta, OrderKey, Sought};
use crate::StoreError;
use crate::codes::{EventCodes, ResourceCodes};

/// The resource type whose deletion makes a person former.
pub(super) const USER: &[u8] = b"user";

/// What was found of one resource of an event; what was not may still be added by a resource
/// before it in the same event.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlannedResource {
    resource_type: Option<Slot>,
    resource: Option<Slot>,
    /// Its code.
    name: Option<u32>,
}

/// What was found of an actor.
#[derive(Debug, Clone, Copy)]
enum PlannedActor {
    Known(Slot),
    New { former: bool },
}

impl Catalog {
    /// Gives a visible event its codes and folds it into the state of what it touches. An error (a
    /// layer is damaged) leaves the catalog as it was. `sought` is what was said of this
    /// very event.
    pub(crate) fn record_sought(
        &mut self,
        event: &EventHead<'_>,
        sought: Sought,
        key: OrderKey,
    ) -> Result<EventCodes, StoreError> {
        let actor = self.plan_actor(&event.actor, Some(sought.actor))?;
        let on_behalf_of = match &event.on_behalf_of {
            Some(principal) => Some((principal, self.plan_actor(principal, None)?)),
            None => None,
        };
        let action = self.load_action(event.action)?;
        let deleted_user = deleted_user(event);
        if let Some(id) = deleted_user {
            self.load_actor(ActorKind::User, Some(id), None)?;
        }
        self.plan.clear();
        let mut hash = sought.resource;
        for resource in &event.resources {
            // Only the first one's was sought.
            let planned = self.plan_resource(resource, hash.take())?;
            self.plan.push(planned);
        }

        // From here on nothing fails.
        let live = &mut self.live;
        let actor = live.actor(&event.actor, actor, key);
        let on_behalf_of =
            on_behalf_of.map(|(principal, planned)| live.actor(principal, planned, key));
        let action = action.unwrap_or_else(|| live.add_action(event.action));
        let kind = event.explicit_kind.unwrap_or(live.actions.get(action).kind);
        let action = live.actions.code(action);
        let mut resources = SmallVec::with_capacity(event.resources.len());
        for (place, (resource, planned)) in event.resources.iter().zip(&self.plan).enumerate() {
            let acted = (place == 0).then_some((kind, actor));
            resources.push(live.resource(resource, *planned, acted, key));
        }
        if let Some(id) = deleted_user {
            live.leaves(id);
        }
        Ok(EventCodes { actor, on_behalf_of, action, kind, outcome: event.outcome, resources })
    }

    /// The same of an event that nobody has looked at yet.
    #[cfg(test)]
    pub(crate) fn record(
        &mut self,
        event: &EventHead<'_>,
        key: OrderKey,
    ) -> Result<EventCodes, StoreError> {
        self.record_sought(event, self.sought(event), key)
    }

    #[inline]
    fn plan_actor(
        &mut self,
        principal: &HeadPrincipal<'_>,
        hash: Option<u32>,
    ) -> Result<PlannedActor, StoreError> {
        let id = principal.id;
        if let Some(slot) = self.load_actor(principal.kind, id, hash)? {
            return Ok(PlannedActor::Known(slot));
        }
        let former = match id.filter(|_| principal.kind == ActorKind::User) {
            Some(id) => self.is_deleted_user(id)?,
            None => false,
        };
        Ok(PlannedActor::New { former })
    }

    #[inline]
    fn plan_resource(
        &mut self,
        resource: &HeadResource<'_>,
        hash: Option<u32>,
    ) -> Result<PlannedResource, StoreError> {
        let mut planned = PlannedResource { resource_type: None, resource: None, name: None };
        planned.resource_type = self.load_type(resource.resource_type)?;
        let Some(resource_type) = planned.resource_type else { return Ok(planned) };
        planned.resource = self.load_resource(resource_type, resource.id, hash)?;
        let Some(slot) = planned.resource else { return Ok(planned) };
        planned.name = self.load_name(slot, resource.name)?;
        Ok(planned)
    }
}

impl Delta {
    fn actor(
        &mut self,
        principal: &HeadPrincipal<'_>,
        planned: PlannedActor,
        key: OrderKey,
    ) -> u32 {
        let slot = match planned {
            PlannedActor::Known(slot) => slot,
            // The actor may be on behalf of itself.
            PlannedActor::New { former } => self
                .find_actor(principal.kind, principal.id)
                .unwrap_or_else(|| self.add_actor(principal, former)),
        };
        let actor = self.actors.get_mut(slot);
        actor.touched = true;
        actor.state.seen_as(principal, key);
        self.actors.code(slot)
    }

    /// `acted` is given for an event's first resource: what was done, by whom.
    fn resource(
        &mut self,
        named: &HeadResource<'_>,
        planned: PlannedResource,
        acted: Option<(Kind, u32)>,
        key: OrderKey,
    ) -> ResourceCodes {
        let resource_type = planned.resource_type.unwrap_or_else(|| {
            let text = named.resource_type;
            self.find_type(text).unwrap_or_else(|| self.add_type(text))
        });
        let resource_type = self.types.code(resource_type);
        let resource = planned.resource.unwrap_or_else(|| {
            let found = self.find_resource(resource_type, named.id);
            found.unwrap_or_else(|| self.add_resource((resource_type, named.id), key))
        });
        let text = named.name;
        let name = planned.name.unwrap_or_else(|| {
            let found = self.find_name(self.resources.code(resource), text);
            let found = found.map(|slot| self.names.code(slot));
            found.unwrap_or_else(|| self.add_name(resource, text, key))
        });
        let codes = ResourceCodes { resource_type, resource: self.resources.code(resource), name };
        let resource = self.resources.get_mut(resource);
        resource.touched = true;
        if resource.recent_name.as_ref().is_none_or(|recent| recent.code != name) {
            resource.recent_name =
                Some(RecentName { code: name, text: text.map(|text| text_of(text).into()) });
        }
        resource.state.seen(key);
        if text.is_some() {
            resource.state.bears(codes.name, key, acted.is_some());
        }
        if let Some((kind, actor)) = acted {
            resource.state.acted_on(kind, actor, key);
        }
        codes
    }

    /// The person with this id, if there was one, has been removed.
    fn leaves(&mut self, id: &[u8]) {
        if let Some(slot) = self.find_actor(ActorKind::User, Some(id)) {
            let actor = self.actors.get_mut(slot);
            actor.touched = true;
            actor.state.former = true;
        }
    }
}

/// Id of the person whom an event removes.
fn deleted_user<'a>(event: &EventHead<'a>) -> Option<&'a [u8]> {
    let first = event.resources.first()?;
    let is_delete = first.resource_type == USER && event.kind() == Kind::Delete;
    is_delete.then_some(first.id)
}
