//! What one layer says of actors and resources now, with its columns open.

use super::state_columns::{ACTOR_FORMER, present};
use super::{Column, Layer, RankedCodes, Section};
use crate::StoreError;
use crate::catalog::Present;

/// The columns that say whether actors are former.
#[derive(Debug)]
pub(crate) struct LayerFormers<'a> {
    layer: Layer<'a>,
    touched: RankedCodes<'a>,
    flags: Column<'a>,
}

/// The columns that say what resources are called, and whether they are deleted.
#[derive(Debug)]
pub(crate) struct LayerPresents<'a> {
    layer: Layer<'a>,
    touched: RankedCodes<'a>,
    flags: Column<'a>,
    newest_names: Column<'a>,
    names: Column<'a>,
    aside_names: Column<'a>,
}

impl<'a> Layer<'a> {
    /// Opens the columns of former actors.
    pub(crate) fn opened_formers(self) -> Result<LayerFormers<'a>, StoreError> {
        Ok(LayerFormers {
            touched: self.ranked_codes(Section::TouchedActors)?,
            flags: self.column(Section::ActorFlags)?,
            layer: self,
        })
    }

    /// Opens the columns of what is true of resources.
    pub(crate) fn opened_presents(self) -> Result<LayerPresents<'a>, StoreError> {
        Ok(LayerPresents {
            touched: self.ranked_codes(Section::TouchedResources)?,
            flags: self.column(Section::StateFlags)?,
            newest_names: self.column(Section::NewestName)?,
            names: self.column(Section::Name)?,
            aside_names: self.column(Section::AsideName)?,
            layer: self,
        })
    }
}

impl LayerFormers<'_> {
    /// What `ActorStateView::former` is after this layer; `None` if the layer did not touch it.
    pub(crate) fn get(&self, actor: u32) -> Option<bool> {
        let Layer { before, after, .. } = &self.layer;
        let index = place(actor, (before.actors, after.actors), &self.touched)?;
        Some(self.flags.get(index) & ACTOR_FORMER != 0)
    }
}

impl LayerPresents<'_> {
    /// What `ResourceState::present` is after this layer; `None` if the layer did not touch it.
    pub(crate) fn get(&self, resource: u32) -> Result<Option<Present>, StoreError> {
        let Layer { before, after, .. } = &self.layer;
        let range = (before.resources, after.resources);
        let Some(index) = place(resource, range, &self.touched) else { return Ok(None) };
        let read = |section| {
            let column = match section {
                Section::StateFlags => &self.flags,
                Section::NewestName => &self.newest_names,
                Section::Name => &self.names,
                Section::AsideName => &self.aside_names,
                _ => return Err(self.layer.unsound(section)),
            };
            Ok(column.get(index))
        };
        present(read, |section| self.layer.unsound(section), after.names).map(Some)
    }
}

/// Place in the columns of states.
#[inline]
pub(super) fn place(
    code: u32,
    (before, after): (u32, u32),
    touched: &RankedCodes<'_>,
) -> Option<u32> {
    match code.checked_sub(before) {
        Some(index) => (code < after).then_some(index),
        None => touched.rank(code)?.checked_add(after - before),
    }
}
