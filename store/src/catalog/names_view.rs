//! Reading many names: each layer's columns are opened once, and not once a name.

use super::layer::LayerNames;
use super::{CatalogView, SearchedName};
use crate::StoreError;
use crate::packed::CodeSet;

/// A view of a stack with the columns of its names open. Codes asked for must have been given.
#[derive(Debug)]
pub(crate) struct NamesView<'a> {
    view: CatalogView<'a>,
    /// Oldest first; opened with the first question.
    layers: Vec<LayerNames<'a>>,
}

impl<'a> NamesView<'a> {
    /// Costs nothing until something is asked.
    pub(crate) fn new(view: CatalogView<'a>) -> Self {
        Self { view, layers: Vec::new() }
    }

    /// The catalog.
    #[inline]
    pub(crate) fn catalog(&self) -> &CatalogView<'a> {
        &self.view
    }

    /// What a search looks at.
    #[inline]
    pub(crate) fn searched(&mut self, code: u32) -> Result<SearchedName<'a>, StoreError> {
        match self.layer_of(code, LayerNames::names_end)? {
            Some(layer) => layer.searched(code),
            None => {
                let name = self.view.name(code)?;
                Ok(SearchedName {
                    resource: name.resource,
                    folded: name.folded.as_bytes(),
                    is_named: name.text.is_some(),
                    first_seq: name.first.seq,
                })
            }
        }
    }

    /// The resource that bears a name.
    #[inline]
    pub(crate) fn resource(&mut self, name: u32) -> Result<u32, StoreError> {
        match self.layer_of(name, LayerNames::names_end)? {
            Some(layer) => layer.resource(name),
            None => self.view.name_resource(name),
        }
    }

    /// The resources that bear some names.
    pub(crate) fn resources_of(&mut self, names: &[u32]) -> Result<CodeSet, StoreError> {
        let resources: Result<Vec<u32>, _> =
            names.iter().map(|name| self.resource(*name)).collect();
        Ok(resources?.into_iter().collect())
    }

    /// Type code of a resource.
    #[inline]
    pub(crate) fn resource_type(&mut self, resource: u32) -> Result<u32, StoreError> {
        match self.layer_of(resource, LayerNames::resources_end)? {
            Some(layer) => layer.resource_type(resource),
            None => self.view.resource_type(resource),
        }
    }

    /// The layer that brought a code; `None` for one of a delta.
    #[inline]
    fn layer_of(
        &mut self,
        code: u32,
        end: impl Fn(&LayerNames<'a>) -> u32,
    ) -> Result<Option<&LayerNames<'a>>, StoreError> {
        if self.layers.is_empty() {
            for layer in self.view.layers {
                self.layers.push(layer.open()?.names()?);
            }
        }
        // There are few layers, and a search comes by ascending codes.
        Ok(self.layers.iter().find(|layer| code < end(layer)))
    }
}
