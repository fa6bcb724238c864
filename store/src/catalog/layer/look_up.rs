//! Codes by key in one layer. Each candidate's own key is compared.

use annals_schemas::ActorKind;

use super::{Layer, Section};
use crate::StoreError;

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
        let (before, after) = (self.before.resources, self.after.resources);
        self.find(Section::ResourceTable, hash, (before, after), |index| {
            let resource = self.resource(before + index)?;
            Ok(resource.resource_type == resource_type && resource.id == id)
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
        let Some(table) = self.table(section)? else { return Ok(None) };
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
