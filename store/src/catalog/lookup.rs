//! Questions to a catalog: codes for a filter, facts for a row.

use std::collections::{HashMap, HashSet};

use annals_schemas::{ActorKind, Principal, Resource};
use roaring::RoaringBitmap;

use super::{ActorEntry, Catalog, ResourceEntry};
use crate::names::Needle;

/// Resources asked for: every condition has to hold on one and the same resource.
pub(crate) struct ResourceQuestion<'a> {
    /// Any of these types; empty for all.
    pub(crate) types: &'a [String],
    /// Any of these ids; empty for all.
    pub(crate) ids: &'a [String],
    pub(crate) needle: Option<&'a Needle>,
    /// Whether a name borne at any time counts, or only the one in the event.
    pub(crate) ever: bool,
    /// Names first seen after this sequence number do not exist yet.
    pub(crate) last_seq: u64,
}

/// Name codes that satisfy a question, and per resource the newest name that made it match.
#[derive(Debug, Default)]
pub(crate) struct ResourceAnswer {
    pub(crate) names: RoaringBitmap,
    pub(crate) matched: HashMap<u32, u32>,
}

impl Catalog {
    pub(crate) fn resource_of(&self, name: u32) -> u32 {
        self.names.get(name).resource
    }

    /// Name text of a code; `None` for "seen without a name".
    pub(crate) fn name_text(&self, name: u32) -> Option<&str> {
        self.names.get(name).name.as_deref()
    }

    pub(crate) fn folded_name(&self, name: u32) -> &str {
        &self.names.get(name).folded
    }

    /// The resource an event names; it has been seen if the event is visible.
    pub(crate) fn resource(&self, resource_type: &str, id: &str) -> Option<(u32, &ResourceEntry)> {
        let code = self.resources.code((self.types.code(resource_type)?, id))?;
        Some((code, self.resources.get(code)))
    }

    /// Code of a resource's name as an event gives it.
    pub(crate) fn name_of(&self, resource: &Resource) -> Option<u32> {
        let (code, _) = self.resource(&resource.resource_type, &resource.id)?;
        self.names.code((code, resource.name.as_deref()))
    }

    /// Whether a person has been removed: a delete of the resource `user` with that id.
    pub(crate) fn is_former(&self, principal: &Principal) -> bool {
        let id = principal.id.as_deref().filter(|_| principal.kind == ActorKind::User);
        id.and_then(|id| self.resource("user", id))
            .is_some_and(|(_, resource)| resource.state.ever_deleted)
    }

    pub(crate) fn actors(&self) -> impl Iterator<Item = (u32, &ActorEntry)> {
        self.actors.iter()
    }

    /// Codes of the actors with one of these ids and one of these kinds; empty lists ask nothing.
    pub(crate) fn actor_codes(&self, ids: &[String], kinds: &[ActorKind]) -> RoaringBitmap {
        let wanted = |kind: &ActorKind| kinds.is_empty() || kinds.contains(kind);
        if ids.is_empty() {
            let all = self.actors.iter().filter(|(_, actor)| wanted(&actor.kind));
            return all.map(|(code, _)| code).collect();
        }
        let kinds = || ActorKind::ALL.iter().filter(|kind| wanted(kind));
        ids.iter()
            .flat_map(|id| kinds().map(move |kind| (*kind, Some(id.as_str()))))
            .filter_map(|key| self.actors.code(key))
            .collect()
    }

    /// Codes of the actions that equal one of these keys or match a `prefix.*` pattern.
    pub(crate) fn action_codes(&self, patterns: &[String]) -> RoaringBitmap {
        let matches = |action: &str| {
            patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
                Some(prefix) => action.starts_with(prefix),
                None => action == pattern,
            })
        };
        let all = self.actions.iter().filter(|(_, action)| matches(action.as_str()));
        all.map(|(code, _)| code).collect()
    }

    /// Action keys seen, in order of first sight.
    pub(crate) fn actions(&self) -> impl Iterator<Item = &str> {
        self.actions.iter().map(|(_, action)| action.as_str())
    }

    /// Translates a question about resources into name codes.
    pub(crate) fn resource_codes(&self, question: &ResourceQuestion<'_>) -> ResourceAnswer {
        let mut answer = ResourceAnswer::default();
        let types: HashSet<u32> =
            question.types.iter().filter_map(|name| self.types.code(name)).collect();
        let asked = |name: u32| {
            let resource = self.resources.get(self.resource_of(name));
            (question.types.is_empty() || types.contains(&resource.resource_type))
                && (question.ids.is_empty() || question.ids.iter().any(|id| **id == *resource.id))
        };
        for (code, name) in self.names.iter() {
            let existed = name.first_seq <= question.last_seq;
            let named = question.needle.is_none_or(|needle| needle.is_in(&name.folded));
            if existed && named && asked(code) {
                answer.names.insert(code);
                if question.needle.is_some() {
                    answer.matched.insert(name.resource, code);
                }
            }
        }
        if question.ever && question.needle.is_some() {
            let of_matched = self.names.iter().filter(|(_, name)| {
                name.first_seq <= question.last_seq && answer.matched.contains_key(&name.resource)
            });
            answer.names = of_matched.map(|(code, _)| code).collect();
        }
        answer
    }
}
