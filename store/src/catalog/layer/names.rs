//! The names of one layer with their columns open, for a search that looks at many.

use super::{Column, Layer, NameForm, SEPARATOR, Section};
use crate::StoreError;
use crate::catalog::SearchedName;

/// The columns that a name search reads of one layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LayerNames<'a> {
    layer: Layer<'a>,
    resources: Column<'a>,
    folded: &'a [u8],
    ends: Column<'a>,
    forms: Column<'a>,
    first_seqs: Column<'a>,
    types: Column<'a>,
}

impl<'a> Layer<'a> {
    /// Opens the columns of names, and of the types of resources.
    pub(crate) fn names(&self) -> Result<LayerNames<'a>, StoreError> {
        let (folded, ends) = self.texts(Section::Folded)?;
        Ok(LayerNames {
            layer: *self,
            resources: self.column(Section::NameResources)?,
            folded,
            ends,
            forms: self.column(Section::NameForms)?,
            first_seqs: self.column(Section::NameFirstSeq)?,
            types: self.column(Section::ResourceTypes)?,
        })
    }

    /// The names that have a previous one, each with that, by ascending code.
    pub(crate) fn renames(
        &self,
    ) -> Result<impl Iterator<Item = Result<(u32, u32), StoreError>> + use<'a>, StoreError> {
        let (layer, previous) = (*self, self.column(Section::PreviousNames)?);
        let renamed = self.ranked_codes(Section::Renames)?.iter().zip(0..);
        Ok(renamed.map(move |(index, rank)| {
            let code = layer.before.names.checked_add(index);
            let code = code.filter(|code| *code < layer.after.names);
            // Smaller than the name itself, so that no chain is endless.
            let pair = code.and_then(|code| {
                Some((code, previous.code(rank).filter(|previous| *previous < code)?))
            });
            pair.ok_or_else(|| layer.unsound(Section::PreviousNames))
        }))
    }
}

impl<'a> LayerNames<'a> {
    /// Codes of names below this are in this layer or an older one.
    #[inline]
    pub(crate) fn names_end(&self) -> u32 {
        self.layer.after.names
    }

    /// Codes of resources below this are in this layer or an older one.
    #[inline]
    pub(crate) fn resources_end(&self) -> u32 {
        self.layer.after.resources
    }

    /// The resource that bears a name of this layer.
    #[inline]
    pub(crate) fn resource(&self, code: u32) -> Result<u32, StoreError> {
        let resource = self.resources.code(code.wrapping_sub(self.layer.before.names));
        let resource = resource.filter(|resource| *resource < self.layer.after.resources);
        resource.ok_or_else(|| self.layer.unsound(Section::NameResources))
    }

    /// What a search looks at in a name of this layer.
    #[inline]
    pub(crate) fn searched(&self, code: u32) -> Result<SearchedName<'a>, StoreError> {
        let index = code.wrapping_sub(self.layer.before.names);
        let form = NameForm::from_value(self.forms.get(index));
        let form = form.ok_or_else(|| self.layer.unsound(Section::NameForms))?;
        let text = self.folded.get(self.ends.start(index)..self.ends.end(index));
        let text = text.and_then(|text| text.strip_suffix(&[SEPARATOR]));
        Ok(SearchedName {
            resource: self.resource(code)?,
            folded: text.ok_or_else(|| self.layer.unsound(Section::Folded))?,
            is_named: form != NameForm::Absent,
            first_seq: self.first_seqs.get(index).cast_unsigned(),
        })
    }

    /// The type of a resource of this layer.
    #[inline]
    pub(crate) fn resource_type(&self, resource: u32) -> Result<u32, StoreError> {
        let code = self.types.code(resource.wrapping_sub(self.layer.before.resources));
        let code = code.filter(|code| *code < self.layer.after.types);
        code.ok_or_else(|| self.layer.unsound(Section::ResourceTypes))
    }
}
