//! Codes by key in one layer. Each candidate's own key is compared.

use annals_schemas::ActorKind;

use super::{Layer, Section, resource_key};
use crate::StoreError;
use crate::packed::KeyTable;

/// A resource of which the code is sought.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SoughtResource<'k> {
    hash: u64,
    resource_type: u32,
    id: &'k str,
}

impl<'k> SoughtResource<'k> {
    pub(crate) fn new(resource_type: u32, id: &'k str) -> Self {
        Self { hash: resource_key(resource_type, id), resource_type, id }
    }
}

impl Layer<'_> {
    /// The actor with this key, whose hash is `hash`.
    pub(crate) fn actor_code(
        &self,
        hash: u64,
        kind: ActorKind,
        id: Option<&str>,
    ) -> Result<Option<u32>, StoreError> {
        let (before, after) = (self.before.actors, self.after.actors);
        self.find(Section::ActorTable, hash, (before, after), |index| {
            Ok(self.actor(before + index)? == (kind, id))
        })
    }

    pub(crate) fn action_code(&self, hash: u64, text: &str) -> Result<Option<u32>, StoreError> {
        let range = (self.before.actions, self.after.actions);
        let is = |index| Ok(self.text(Section::Actions, index)? == text);
        self.find(Section::ActionTable, hash, range, is)
    }

    pub(crate) fn type_code(&self, hash: u64, text: &str) -> Result<Option<u32>, StoreError> {
        let range = (self.before.types, self.after.types);
        let is = |index| Ok(self.text(Section::Types, index)? == text);
        self.find(Section::TypeTable, hash, range, is)
    }

    pub(crate) fn resource_code(
        &self,
        hash: u64,
        resource_type: u32,
        id: &str,
    ) -> Result<Option<u32>, StoreError> {
        let Some(table) = self.table(Section::ResourceTable)? else { return Ok(None) };
        self.resource_code_in(&table, SoughtResource { hash, resource_type, id })
    }

    /// Moves those that this layer brought from `sought` to `found`, as codes.
    pub(crate) fn take_resources(
        &self,
        sought: &mut Vec<SoughtResource<'_>>,
        found: &mut Vec<u32>,
    ) -> Result<(), StoreError> {
        let Some(table) = self.table(Section::ResourceTable)? else { return Ok(()) };
        let mut left = Vec::with_capacity(sought.len());
        for resource in sought.drain(..) {
            match self.resource_code_in(&table, resource)? {
                Some(code) => found.push(code),
                None => left.push(resource),
            }
        }
        *sought = left;
        Ok(())
    }

    #[inline]
    fn resource_code_in(
        &self,
        table: &KeyTable<'_>,
        sought: SoughtResource<'_>,
    ) -> Result<Option<u32>, StoreError> {
        let (before, after) = (self.before.resources, self.after.resources);
        self.find_in(table, Section::ResourceTable, sought.hash, (before, after), |index| {
            let resource = self.resource(before + index)?;
            Ok(resource.resource_type == sought.resource_type && resource.id == sought.id)
        })
    }

    pub(crate) fn name_code(
        &self,
        hash: u64,
        resource: u32,
        text: Option<&str>,
    ) -> Result<Option<u32>, StoreError> {
        let range = (self.before.names, self.after.names);
        let is = |index| {
            let of_resource =
                self.column(Section::NameResources)?.get(index) == i64::from(resource);
            Ok(of_resource && self.is_name(index, text)?)
        };
        self.find(Section::NameTable, hash, range, is)
    }

    /// The first candidate of a table that `is` accepts, as a code.
    #[inline]
    fn find(
        &self,
        section: Section,
        hash: u64,
        (before, after): (u32, u32),
        is: impl Fn(u32) -> Result<bool, StoreError>,
    ) -> Result<Option<u32>, StoreError> {
        match self.table(section)? {
            Some(table) => self.find_in(&table, section, hash, (before, after), is),
            None => Ok(None),
        }
    }

    /// The same of the section's table.
    #[inline]
    fn find_in(
        &self,
        table: &KeyTable<'_>,
        section: Section,
        hash: u64,
        (before, after): (u32, u32),
        is: impl Fn(u32) -> Result<bool, StoreError>,
    ) -> Result<Option<u32>, StoreError> {
        for index in table.get(hash) {
            if index >= after - before {
                return Err(self.unsound(section));
            }
            if is(index)? {
                return Ok(Some(before + index));
            }
        }
        Ok(None)
    }
}
