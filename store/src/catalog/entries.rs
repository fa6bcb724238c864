//! The things a catalog numbers.

use annals_schemas::{ActorKind, Principal};
use serde::{Deserialize, Serialize};

use super::code_table::Keyed;
use super::{OrderKey, ResourceState};

/// An actor: kind and id identify it; name and e-mail are the latest seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ActorEntry {
    pub(crate) kind: ActorKind,
    pub(crate) id: Option<Box<str>>,
    pub(crate) name: Option<Box<str>>,
    pub(crate) email: Option<Box<str>>,
    pub(crate) seen: OrderKey,
}

impl ActorEntry {
    pub(super) fn new(principal: &Principal) -> Self {
        let id = principal.id.as_deref().map(Into::into);
        Self { kind: principal.kind, id, name: None, email: None, seen: OrderKey::default() }
    }

    /// Keeps the name and e-mail of the latest event in page order.
    pub(super) fn seen_as(&mut self, principal: &Principal, key: OrderKey) {
        let first = self.name.is_none() && self.email.is_none();
        if !first && key < self.seen {
            return;
        }
        self.seen = key;
        if self.name.as_deref() != principal.name.as_deref() {
            self.name = principal.name.as_deref().map(Into::into);
        }
        if self.email.as_deref() != principal.email.as_deref() {
            self.email = principal.email.as_deref().map(Into::into);
        }
    }
}

impl Keyed for ActorEntry {
    type Key<'a> = (ActorKind, Option<&'a str>);

    fn key(&self) -> Self::Key<'_> {
        (self.kind, self.id.as_deref())
    }

    fn is(&self, key: Self::Key<'_>) -> bool {
        self.key() == key
    }
}

/// An action key or a resource type.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TextEntry(Box<str>);

impl TextEntry {
    pub(super) fn new(text: &str) -> Self {
        Self(text.into())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Keyed for TextEntry {
    type Key<'a> = &'a str;

    fn key(&self) -> Self::Key<'_> {
        &self.0
    }

    fn is(&self, key: Self::Key<'_>) -> bool {
        &*self.0 == key
    }
}

/// A resource: type and id identify it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ResourceEntry {
    pub(crate) resource_type: u32,
    pub(crate) id: Box<str>,
    pub(crate) state: ResourceState,
}

impl ResourceEntry {
    pub(super) fn new(resource_type: u32, id: &str) -> Self {
        Self { resource_type, id: id.into(), state: ResourceState::default() }
    }
}

impl Keyed for ResourceEntry {
    type Key<'a> = (u32, &'a str);

    fn key(&self) -> Self::Key<'_> {
        (self.resource_type, &self.id)
    }

    fn is(&self, key: Self::Key<'_>) -> bool {
        self.key() == key
    }
}

/// A name a resource bore; one entry with `None` for a resource seen without a name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NameEntry {
    pub(crate) resource: u32,
    pub(crate) name: Option<Box<str>>,
    pub(crate) folded: Box<str>,
    pub(crate) first_seq: u64,
}

impl Keyed for NameEntry {
    type Key<'a> = (u32, Option<&'a str>);

    fn key(&self) -> Self::Key<'_> {
        (self.resource, self.name.as_deref())
    }

    fn is(&self, key: Self::Key<'_>) -> bool {
        self.key() == key
    }
}
