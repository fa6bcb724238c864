//! What a handle is confined to within its workspace.
//!
//! Guarantees: whatever is asked through a confined handle is and-ed with this where a filter is
//! translated, so that no caller can leave it out; what cannot be confined is an error.

use annals_schemas::{Event, Instant};

use super::filter::{Filter, NameScope};
use super::workspace::WorkspaceReader;
use crate::StoreError;

/// All parts hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restriction {
    /// Type and id: events that name this resource. What a filter asks of resources is then asked
    /// of this one.
    pub resource: Option<(String, String)>,
    /// Id of an actor: events it performed.
    pub actor: Option<String>,
}

impl Restriction {
    /// The filter, for what may be seen alone.
    pub(super) fn confine(&self, filter: &Filter) -> Filter {
        let mut confined = filter.clone();
        let mut possible = true;
        if let Some((resource_type, id)) = &self.resource {
            possible &= only(&mut confined.resource_types, resource_type);
            possible &= only(&mut confined.resource_ids, id);
        }
        if let Some(actor) = &self.actor {
            possible &= only(&mut confined.actors, actor);
            // Names that others gave later are not to be found out by searching.
            if let Some(name) = &mut confined.name {
                name.scope = NameScope::Event;
            }
        }
        match possible {
            true => confined,
            // No moment lies from one on and before the same one.
            false => Filter { from: Some(Instant::MIN), to: Some(Instant::MIN), ..confined },
        }
    }

    /// Whether everything that is known of a resource may be told: its present name and deletion
    /// are what others have made of it.
    pub(super) fn admits_resource(&self, resource_type: &str, id: &str) -> bool {
        let is_it =
            |(own_type, own_id): &(String, String)| own_type == resource_type && own_id == id;
        self.actor.is_none() && self.resource.as_ref().is_none_or(is_it)
    }

    /// Whether an event may be seen.
    fn admits(&self, event: &Event) -> bool {
        let of_resource = self.resource.as_ref().is_none_or(|(resource_type, id)| {
            let is_it = |resource: &annals_schemas::Resource| {
                resource.resource_type == *resource_type && resource.id == *id
            };
            event.resources.iter().any(is_it)
        });
        let performer = &event.actor.principal.id;
        of_resource && self.actor.as_ref().is_none_or(|actor| performer.as_ref() == Some(actor))
    }
}

/// Leaves only this value in a list of which any may hold; `false` if the list asks for others.
fn only(values: &mut Vec<String>, value: &str) -> bool {
    let possible = values.is_empty() || values.iter().any(|other| other == value);
    *values = vec![value.to_owned()];
    possible
}

impl WorkspaceReader {
    /// The same workspace for what may be seen alone. Confining again replaces what was said.
    #[must_use]
    pub fn restricted(mut self, restriction: Restriction) -> Self {
        let confines = restriction != Restriction::default();
        self.restriction = confines.then(|| std::sync::Arc::new(restriction));
        self
    }

    /// What this handle is confined to.
    pub fn restriction(&self) -> Option<&Restriction> {
        self.restriction.as_deref()
    }

    /// An error unless this handle sees every event of a resource.
    pub fn check_sees_all_of(&self, resource_type: &str, id: &str) -> Result<(), StoreError> {
        let own = |restriction: &Restriction| restriction.admits_resource(resource_type, id);
        match self.restriction().is_none_or(own) {
            true => Ok(()),
            false => Err(StoreError::Restricted),
        }
    }

    /// An error where an answer cannot be confined.
    pub(super) fn check_unrestricted(&self) -> Result<(), StoreError> {
        match self.restriction {
            None => Ok(()),
            Some(_) => Err(StoreError::Restricted),
        }
    }

    /// Whether an event may be seen through this handle.
    pub(super) fn admits(&self, event: &Event) -> bool {
        self.restriction.as_ref().is_none_or(|restriction| restriction.admits(event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restriction(resource: Option<(&str, &str)>, actor: Option<&str>) -> Restriction {
        let resource = resource.map(|(resource_type, id)| (resource_type.into(), id.into()));
        Restriction { resource, actor: actor.map(str::to_owned) }
    }

    #[test]
    fn a_filter_is_narrowed_and_never_widened() {
        let asked = Filter {
            actors: vec!["u1".into(), "u2".into()],
            resource_types: vec!["segment".into()],
            ..Filter::default()
        };
        let confined = restriction(Some(("segment", "s9")), Some("u2")).confine(&asked);
        assert_eq!(confined.actors, ["u2"]);
        assert_eq!(confined.resource_types, ["segment"]);
        assert_eq!(confined.resource_ids, ["s9"]);
        assert_eq!(confined.from, None);
        for other in [restriction(None, Some("u3")), restriction(Some(("source", "s9")), None)] {
            let nothing = other.confine(&asked);
            assert_eq!((nothing.from, nothing.to), (Some(Instant::MIN), Some(Instant::MIN)));
        }
        assert_eq!(Restriction::default().confine(&asked), asked);
    }
}
