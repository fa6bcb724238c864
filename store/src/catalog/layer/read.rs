//! Things by code in one layer. The code must be one that this layer brought.

use annals_schemas::ActorKind;

use super::{Layer, NameForm, Section};
use crate::StoreError;
use crate::catalog::{NameView, OrderKey, ResourceView};

impl<'a> Layer<'a> {
    /// Kind and id.
    pub(crate) fn actor(&self, code: u32) -> Result<(ActorKind, Option<&'a str>), StoreError> {
        let index = code.wrapping_sub(self.before.actors);
        let (kind, has_id) = self.actor_form(index)?;
        Ok((kind, if has_id { Some(self.text(Section::ActorIds, index)?) } else { None }))
    }

    pub(crate) fn actor_kind(&self, code: u32) -> Result<ActorKind, StoreError> {
        Ok(self.actor_form(code.wrapping_sub(self.before.actors))?.0)
    }

    /// Kind, and whether there is an id.
    fn actor_form(&self, index: u32) -> Result<(ActorKind, bool), StoreError> {
        let value = self.column(Section::ActorKinds)?.code(index);
        let form = value.and_then(|value| Some((ActorKind::from_code(value / 2)?, value % 2 == 1)));
        form.ok_or_else(|| self.unsound(Section::ActorKinds))
    }

    pub(crate) fn action(&self, code: u32) -> Result<&'a str, StoreError> {
        self.text(Section::Actions, code.wrapping_sub(self.before.actions))
    }

    pub(crate) fn type_text(&self, code: u32) -> Result<&'a str, StoreError> {
        self.text(Section::Types, code.wrapping_sub(self.before.types))
    }

    pub(crate) fn resource(&self, code: u32) -> Result<ResourceView<'a>, StoreError> {
        let id = self.text(Section::ResourceIds, code.wrapping_sub(self.before.resources))?;
        Ok(ResourceView { resource_type: self.resource_type(code)?, id })
    }

    pub(crate) fn resource_type(&self, code: u32) -> Result<u32, StoreError> {
        let index = code.wrapping_sub(self.before.resources);
        self.code_below(Section::ResourceTypes, index, self.after.types)
    }

    pub(crate) fn name(&self, code: u32) -> Result<NameView<'a>, StoreError> {
        let index = code.wrapping_sub(self.before.names);
        let first = OrderKey {
            effective_at: self.column(Section::NameFirstAt)?.get(index),
            seq: self.column(Section::NameFirstSeq)?.get(index).cast_unsigned(),
        };
        let folded = self.folded(index)?;
        let (resource, text) = self.name_text(code)?;
        Ok(NameView { resource, text, folded, first, previous: self.previous_name(code)? })
    }

    /// The resource and the name as it was given.
    pub(crate) fn name_text(&self, code: u32) -> Result<(u32, Option<&'a str>), StoreError> {
        let index = code.wrapping_sub(self.before.names);
        let text = match self.name_form(index)? {
            NameForm::Absent => None,
            NameForm::Folded => Some(self.folded(index)?),
            NameForm::Other => Some(self.text(Section::NameTexts, index)?),
        };
        Ok((self.name_resource(code)?, text))
    }

    pub(crate) fn name_resource(&self, code: u32) -> Result<u32, StoreError> {
        let index = code.wrapping_sub(self.before.names);
        self.code_below(Section::NameResources, index, self.after.resources)
    }

    pub(crate) fn previous_name(&self, code: u32) -> Result<Option<u32>, StoreError> {
        let index = code.wrapping_sub(self.before.names);
        match self.ranked_codes(Section::Renames)?.rank(index) {
            // Smaller than the name itself, so that no chain is endless.
            Some(rank) => self.code_below(Section::PreviousNames, rank, code).map(Some),
            None => Ok(None),
        }
    }

    /// Whether a name is this one, as it was given.
    pub(super) fn is_name(&self, index: u32, text: Option<&str>) -> Result<bool, StoreError> {
        Ok(match self.name_form(index)? {
            NameForm::Absent => text.is_none(),
            NameForm::Folded => text == Some(self.folded(index)?),
            NameForm::Other => text == Some(self.text(Section::NameTexts, index)?),
        })
    }

    fn name_form(&self, index: u32) -> Result<NameForm, StoreError> {
        let form = NameForm::from_value(self.column(Section::NameForms)?.get(index));
        form.ok_or_else(|| self.unsound(Section::NameForms))
    }

    /// A code out of a column, if it is below `end`.
    fn code_below(&self, section: Section, index: u32, end: u32) -> Result<u32, StoreError> {
        let code = self.column(section)?.code(index).filter(|code| *code < end);
        code.ok_or_else(|| self.unsound(section))
    }
}
