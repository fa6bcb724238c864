//! The texts of one layer with their columns open, for who reads many.
//!
//! They are bytes: whoever makes texts of them sees whether they are UTF-8.

use annals_schemas::ActorKind;

use super::{Column, Layer, NameForm, SEPARATOR, Section};
use crate::StoreError;

/// The columns that a row's event is read from.
#[derive(Debug)]
pub(crate) struct LayerTexts<'a> {
    layer: Layer<'a>,
    actor_kinds: Column<'a>,
    actor_ids: Texts<'a>,
    actions: Texts<'a>,
    types: Texts<'a>,
    resource_types: Column<'a>,
    resource_ids: Texts<'a>,
    name_forms: Column<'a>,
    name_resources: Column<'a>,
    folded: Texts<'a>,
    given: Texts<'a>,
}

/// A section of texts.
#[derive(Debug)]
struct Texts<'a> {
    section: Section,
    bytes: &'a [u8],
    ends: Column<'a>,
}

impl<'a> Texts<'a> {
    #[inline]
    fn get(&self, index: u32, layer: &Layer<'a>) -> Result<&'a [u8], StoreError> {
        let text = self.bytes.get(self.ends.start(index)..self.ends.end(index));
        text.ok_or_else(|| layer.unsound(self.section))
    }
}

impl<'a> Layer<'a> {
    /// Opens the columns of texts.
    pub(crate) fn opened_texts(self) -> Result<LayerTexts<'a>, StoreError> {
        let texts = |section| {
            let (bytes, ends) = self.texts(section)?;
            Ok::<_, StoreError>(Texts { section, bytes, ends })
        };
        Ok(LayerTexts {
            actor_kinds: self.column(Section::ActorKinds)?,
            actor_ids: texts(Section::ActorIds)?,
            actions: texts(Section::Actions)?,
            types: texts(Section::Types)?,
            resource_types: self.column(Section::ResourceTypes)?,
            resource_ids: texts(Section::ResourceIds)?,
            name_forms: self.column(Section::NameForms)?,
            name_resources: self.column(Section::NameResources)?,
            folded: texts(Section::Folded)?,
            given: texts(Section::NameTexts)?,
            layer: self,
        })
    }
}

impl<'a> LayerTexts<'a> {
    /// Kind and id of an actor of this layer.
    pub(crate) fn actor(&self, code: u32) -> Result<(ActorKind, Option<&'a [u8]>), StoreError> {
        let index = code.wrapping_sub(self.layer.before.actors);
        let value = self.actor_kinds.code(index);
        let kind = value.and_then(|value| Some((ActorKind::from_code(value / 2)?, value % 2)));
        let (kind, has_id) = kind.ok_or_else(|| self.layer.unsound(Section::ActorKinds))?;
        let id = || self.actor_ids.get(index, &self.layer);
        Ok((kind, if has_id == 1 { Some(id()?) } else { None }))
    }

    /// The key of an action of this layer.
    pub(crate) fn action(&self, code: u32) -> Result<&'a [u8], StoreError> {
        self.actions.get(code.wrapping_sub(self.layer.before.actions), &self.layer)
    }

    /// The text of a resource type of this layer.
    pub(crate) fn type_text(&self, code: u32) -> Result<&'a [u8], StoreError> {
        self.types.get(code.wrapping_sub(self.layer.before.types), &self.layer)
    }

    /// Type code and id of a resource of this layer.
    #[inline]
    pub(crate) fn resource(&self, code: u32) -> Result<(u32, &'a [u8]), StoreError> {
        let index = code.wrapping_sub(self.layer.before.resources);
        let of_type = self.resource_types.code(index);
        let of_type = of_type.filter(|of_type| *of_type < self.layer.after.types);
        let of_type = of_type.ok_or_else(|| self.layer.unsound(Section::ResourceTypes))?;
        Ok((of_type, self.resource_ids.get(index, &self.layer)?))
    }

    /// The resource of a name of this layer, and the name as it was given.
    #[inline]
    pub(crate) fn name(&self, code: u32) -> Result<(u32, Option<&'a [u8]>), StoreError> {
        let index = code.wrapping_sub(self.layer.before.names);
        let form = NameForm::from_value(self.name_forms.get(index));
        let text = match form.ok_or_else(|| self.layer.unsound(Section::NameForms))? {
            NameForm::Absent => None,
            NameForm::Folded => Some(self.folded(index)?),
            NameForm::Other => Some(self.given.get(index, &self.layer)?),
        };
        let resource = self.name_resources.code(index);
        let resource = resource.filter(|resource| *resource < self.layer.after.resources);
        Ok((resource.ok_or_else(|| self.layer.unsound(Section::NameResources))?, text))
    }

    /// A folded name, by where it ends: its separator is looked at by who reads the name.
    #[inline]
    fn folded(&self, index: u32) -> Result<&'a [u8], StoreError> {
        let text = self.folded.get(index, &self.layer)?;
        text.strip_suffix(&[SEPARATOR]).ok_or_else(|| self.layer.unsound(Section::Folded))
    }
}
