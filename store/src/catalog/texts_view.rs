//! Reading the texts behind the codes of rows: each layer's columns are opened once, and what
//! one code needs is not waited for before the next is looked at.
//!
//! Texts are bytes: whoever makes texts of them sees whether they are UTF-8.

use std::cell::OnceCell;

use annals_schemas::{ActorKind, HeadResource};

use super::layer::LayerTexts;
use super::{CatalogView, Lengths};
use crate::StoreError;
use crate::touch::touch;

/// A view of a stack with the columns of its texts open. Codes asked for must have been given.
#[derive(Debug)]
pub(crate) struct TextsView<'a> {
    view: CatalogView<'a>,
    /// Oldest first; each opened when something of it is asked.
    layers: Vec<OnceCell<LayerTexts<'a>>>,
}

impl<'a> TextsView<'a> {
    /// Costs nothing until something is asked.
    pub(crate) fn new(view: CatalogView<'a>) -> Self {
        Self { view, layers: view.layers.iter().map(|_| OnceCell::new()).collect() }
    }

    /// Kind and id of an actor.
    pub(crate) fn actor(&self, code: u32) -> Result<(ActorKind, Option<&'a [u8]>), StoreError> {
        match self.view.in_deltas(|delta| delta.actors.by_code(code)) {
            Some(actor) => Ok((actor.kind, actor.id.as_deref().map(str::as_bytes))),
            None => self.layer_of(code, |lengths| lengths.actors)?.actor(code),
        }
    }

    /// The key of an action.
    pub(crate) fn action(&self, code: u32) -> Result<&'a [u8], StoreError> {
        match self.view.in_deltas(|delta| delta.actions.by_code(code)) {
            Some(action) => Ok(action.text.as_bytes()),
            None => self.layer_of(code, |lengths| lengths.actions)?.action(code),
        }
    }

    /// Codes of the resources that bear these names, and the resources, each with its name; both in
    /// the order of the names.
    pub(crate) fn resources(
        &self,
        names: &[u32],
    ) -> Result<(Vec<u32>, Vec<HeadResource<'a>>), StoreError> {
        // Three walks: the names, what bears them, and the texts of that.
        let names = names.iter().map(|name| self.name(*name));
        let names: Vec<(u32, Option<&[u8]>)> = names.collect::<Result<_, _>>()?;
        let resources = names.iter().map(|(resource, _)| self.resource(*resource));
        let resources: Vec<(u32, &[u8])> = resources.collect::<Result<_, _>>()?;
        let codes = names.iter().map(|(resource, _)| *resource).collect();
        let mut found = Vec::with_capacity(names.len());
        for ((_, name), (resource_type, id)) in names.into_iter().zip(resources) {
            touch(id);
            touch(name.unwrap_or_default());
            let resource_type = self.type_text(resource_type)?;
            found.push(HeadResource { resource_type, id, name });
        }
        Ok((codes, found))
    }

    /// The resource that bears a name, with that name.
    pub(crate) fn resource_of_name(&self, name: u32) -> Result<HeadResource<'a>, StoreError> {
        let (resource, name) = self.name(name)?;
        let (resource_type, id) = self.resource(resource)?;
        Ok(HeadResource { resource_type: self.type_text(resource_type)?, id, name })
    }

    #[inline]
    fn name(&self, code: u32) -> Result<(u32, Option<&'a [u8]>), StoreError> {
        match self.view.in_deltas(|delta| delta.names.by_code(code)) {
            Some(name) => Ok((name.resource, name.text.as_deref().map(str::as_bytes))),
            None => self.layer_of(code, |lengths| lengths.names)?.name(code),
        }
    }

    #[inline]
    fn resource(&self, code: u32) -> Result<(u32, &'a [u8]), StoreError> {
        match self.view.in_deltas(|delta| delta.resources.by_code(code)) {
            Some(resource) => Ok((resource.resource_type, resource.id.as_bytes())),
            None => self.layer_of(code, |lengths| lengths.resources)?.resource(code),
        }
    }

    fn type_text(&self, code: u32) -> Result<&'a [u8], StoreError> {
        match self.view.in_deltas(|delta| delta.types.by_code(code)) {
            Some(resource_type) => Ok(resource_type.text.as_bytes()),
            None => self.layer_of(code, |lengths| lengths.types)?.type_text(code),
        }
    }

    /// The layer that brought a code.
    #[inline]
    fn layer_of(
        &self,
        code: u32,
        length: fn(Lengths) -> u32,
    ) -> Result<&LayerTexts<'a>, StoreError> {
        let older = self.view.layers.partition_point(|layer| length(layer.after) <= code);
        let (Some(layer), Some(opened)) = (self.view.layers.get(older), self.layers.get(older))
        else {
            return Err(self.view.unknown(code));
        };
        match opened.get() {
            Some(opened) => Ok(opened),
            None => {
                let texts = layer.open()?.opened_texts()?;
                Ok(opened.get_or_init(|| texts))
            }
        }
    }
}
