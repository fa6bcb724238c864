//! What a segment adds to a catalog, and the state of what it touched.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::entries::TextEntry;
use super::{ActorEntry, Catalog, NameEntry, ResourceEntry, ResourceState};

/// How long each list of a catalog is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lengths {
    actors: u32,
    actions: u32,
    types: u32,
    resources: u32,
    names: u32,
}

/// Everything first seen in one segment for one workspace, in code order, plus the state after
/// it of every resource and actor it touched.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Additions {
    before: Lengths,
    actors: Vec<ActorEntry>,
    actions: Vec<TextEntry>,
    types: Vec<TextEntry>,
    resources: Vec<ResourceEntry>,
    names: Vec<NameEntry>,
    touched_actors: Vec<(u32, ActorEntry)>,
    touched_resources: Vec<(u32, ResourceState)>,
}

impl Catalog {
    pub(crate) fn lengths(&self) -> Lengths {
        let length = |items: usize| u32::try_from(items).expect("fewer than 2^32 codes");
        Lengths {
            actors: length(self.actors.len()),
            actions: length(self.actions.len()),
            types: length(self.types.len()),
            resources: length(self.resources.len()),
            names: length(self.names.len()),
        }
    }

    /// What came since `before`, and the present state of the touched.
    pub(crate) fn additions(
        &self,
        before: Lengths,
        actors: &HashSet<u32>,
        resources: &HashSet<u32>,
    ) -> Additions {
        let old_actors = actors.iter().filter(|&&code| code < before.actors);
        let old_resources = resources.iter().filter(|&&code| code < before.resources);
        let mut touched_actors: Vec<_> =
            old_actors.map(|&code| (code, self.actors.get(code).clone())).collect();
        let mut touched_resources: Vec<_> =
            old_resources.map(|&code| (code, self.resources.get(code).state.clone())).collect();
        touched_actors.sort_unstable_by_key(|(code, _)| *code);
        touched_resources.sort_unstable_by_key(|(code, _)| *code);
        Additions {
            before,
            actors: self.actors.since(before.actors).cloned().collect(),
            actions: self.actions.since(before.actions).cloned().collect(),
            types: self.types.since(before.types).cloned().collect(),
            resources: self.resources.since(before.resources).cloned().collect(),
            names: self.names.since(before.names).cloned().collect(),
            touched_actors,
            touched_resources,
        }
    }

    /// Replays a segment's additions; says what is wrong if they do not continue this catalog.
    pub(crate) fn replay(&mut self, additions: Additions) -> Result<(), String> {
        if additions.before != self.lengths() {
            let (expected, found) = (self.lengths(), additions.before);
            return Err(format!("catalog continues {found:?}, but stands at {expected:?}"));
        }
        for actor in additions.actors {
            self.actors.push(actor);
        }
        for action in additions.actions {
            self.actions.push(action);
        }
        for resource_type in additions.types {
            self.types.push(resource_type);
        }
        for resource in additions.resources {
            self.resources.push(resource);
        }
        for name in additions.names {
            self.names.push(name);
        }
        let lengths = self.lengths();
        for (code, actor) in additions.touched_actors {
            within(code, lengths.actors)?;
            *self.actors.get_mut(code) = actor;
        }
        for (code, state) in additions.touched_resources {
            within(code, lengths.resources)?;
            self.resources.get_mut(code).state = state;
        }
        Ok(())
    }
}

fn within(code: u32, length: u32) -> Result<(), String> {
    if code < length { Ok(()) } else { Err(format!("code {code} of {length}")) }
}
