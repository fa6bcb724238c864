//! Reading a stack: from its top down, until one part knows.

use annals_schemas::ActorKind;

use super::kept_names::KeptNames;
use super::layer::{
    ActorStateView, Layer, SoughtResource, actor_key, name_key, resource_key, text_key,
};
use super::name_ring::RingCell;
use super::stacked_layer::StackedLayer;
use super::{ActorView, Delta, Lengths, NameView, Present, ResourceState, ResourceView};
use crate::StoreError;

/// Reading a stack. Codes asked for must have been given (below `lengths`).
#[derive(Debug, Clone, Copy)]
pub(crate) struct CatalogView<'a> {
    pub(super) live: Option<&'a Delta>,
    pub(super) frozen: Option<&'a Delta>,
    pub(super) layers: &'a [StackedLayer],
    pub(super) ring: &'a RingCell,
    pub(super) kept: &'a KeptNames,
}

impl<'a> CatalogView<'a> {
    /// Which names bear texts that were asked for before.
    pub(crate) fn kept_names(&self) -> &'a KeptNames {
        self.kept
    }

    pub(crate) fn lengths(&self) -> Lengths {
        let layers = || self.layers.last().map_or(Lengths::default(), |layer| layer.after);
        self.live.or(self.frozen).map_or_else(layers, Delta::after)
    }

    /// Names of the layers alone (neither delta): what a name index may be fed.
    pub(crate) fn layer_names(&self) -> u32 {
        self.layers.last().map_or(0, |layer| layer.after.names)
    }

    pub(crate) fn actor_code(
        &self,
        kind: ActorKind,
        id: Option<&str>,
    ) -> Result<Option<u32>, StoreError> {
        self.find(
            |delta| {
                delta.find_actor(kind, id.map(str::as_bytes)).map(|slot| delta.actors.code(slot))
            },
            || actor_key(kind, id),
            |layer, key| layer.actor_code(key, kind, id),
        )
    }

    pub(crate) fn actor(&self, code: u32) -> Result<ActorView<'a>, StoreError> {
        let view = |kind, id, state: ActorStateView<'a>| {
            let ActorStateView { name, email, former, .. } = state;
            ActorView { kind, id, name, email, former }
        };
        if let Some(actor) = self.in_deltas(|delta| delta.actors.by_code(code)) {
            let state = ActorStateView::of(&actor.state);
            return Ok(view(actor.kind, actor.id.as_deref(), state));
        }
        let (kind, id) = self.layer_of(code, |lengths| lengths.actors)?.actor(code)?;
        Ok(view(kind, id, self.actor_state(code)?))
    }

    pub(crate) fn actor_kind(&self, code: u32) -> Result<ActorKind, StoreError> {
        match self.in_deltas(|delta| delta.actors.by_code(code)) {
            Some(actor) => Ok(actor.kind),
            None => self.layer_of(code, |lengths| lengths.actors)?.actor_kind(code),
        }
    }

    pub(super) fn actor_state(&self, code: u32) -> Result<ActorStateView<'a>, StoreError> {
        if let Some(actor) = self.in_deltas(|delta| delta.actors.by_code(code)) {
            return Ok(ActorStateView::of(&actor.state));
        }
        self.newest_state(code, |layer| layer.actor_state(code))
    }

    pub(crate) fn action_code(&self, key: &str) -> Result<Option<u32>, StoreError> {
        self.find(
            |delta| delta.find_action(key.as_bytes()).map(|slot| delta.actions.code(slot)),
            || text_key(key),
            |layer, hash| layer.action_code(hash, key),
        )
    }

    pub(crate) fn action(&self, code: u32) -> Result<&'a str, StoreError> {
        match self.in_deltas(|delta| delta.actions.by_code(code)) {
            Some(action) => Ok(&action.text),
            None => self.layer_of(code, |lengths| lengths.actions)?.action(code),
        }
    }

    pub(crate) fn type_code(&self, text: &str) -> Result<Option<u32>, StoreError> {
        self.find(
            |delta| delta.find_type(text.as_bytes()).map(|slot| delta.types.code(slot)),
            || text_key(text),
            |layer, key| layer.type_code(key, text),
        )
    }

    pub(crate) fn type_text(&self, code: u32) -> Result<&'a str, StoreError> {
        match self.in_deltas(|delta| delta.types.by_code(code)) {
            Some(resource_type) => Ok(&resource_type.text),
            None => self.layer_of(code, |lengths| lengths.types)?.type_text(code),
        }
    }

    pub(crate) fn resource_code(
        &self,
        resource_type: u32,
        id: &str,
    ) -> Result<Option<u32>, StoreError> {
        self.find(
            |delta| resource_in(delta, resource_type, id),
            || resource_key(resource_type, id),
            |layer, key| layer.resource_code(key, resource_type, id),
        )
    }

    /// Codes of the resources with these types, by code, and ids; only of those that there are, in
    /// no order. Each layer's table is opened once.
    pub(crate) fn resource_codes(&self, keys: &[(u32, &str)]) -> Result<Vec<u32>, StoreError> {
        let (mut found, mut sought) = (Vec::new(), Vec::new());
        for &(resource_type, id) in keys {
            match self.in_deltas(|delta| resource_in(delta, resource_type, id)) {
                Some(code) => found.push(code),
                None => sought.push(SoughtResource::new(resource_type, id)),
            }
        }
        for layer in self.layers.iter().rev() {
            if sought.is_empty() {
                break;
            }
            layer.open()?.take_resources(&mut sought, &mut found)?;
        }
        Ok(found)
    }

    pub(crate) fn resource(&self, code: u32) -> Result<ResourceView<'a>, StoreError> {
        match self.in_deltas(|delta| delta.resources.by_code(code)) {
            Some(resource) => {
                Ok(ResourceView { resource_type: resource.resource_type, id: &resource.id })
            }
            None => self.layer_of(code, |lengths| lengths.resources)?.resource(code),
        }
    }

    pub(crate) fn resource_state(&self, code: u32) -> Result<ResourceState, StoreError> {
        match self.in_deltas(|delta| delta.resources.by_code(code)) {
            Some(resource) => Ok(resource.state.clone()),
            None => self.newest_state(code, |layer| layer.resource_state(code)),
        }
    }

    /// The name that a resource has now, and whether it is deleted.
    pub(crate) fn present(&self, code: u32) -> Result<Present, StoreError> {
        match self.in_deltas(|delta| delta.resources.by_code(code)) {
            Some(resource) => Ok(resource.state.present()),
            None => self.newest_state(code, |layer| layer.present(code)),
        }
    }

    /// Type code of a resource.
    pub(crate) fn resource_type(&self, code: u32) -> Result<u32, StoreError> {
        match self.in_deltas(|delta| delta.resources.by_code(code)) {
            Some(resource) => Ok(resource.resource_type),
            None => self.layer_of(code, |lengths| lengths.resources)?.resource_type(code),
        }
    }

    /// The name code most recently added for a resource.
    pub(crate) fn newest_name(&self, code: u32) -> Result<Option<u32>, StoreError> {
        match self.in_deltas(|delta| delta.resources.by_code(code)) {
            Some(resource) => Ok(resource.state.newest_name),
            None => self.newest_state(code, |layer| layer.newest_name(code)),
        }
    }

    /// Code of the name of a resource with this text.
    pub(crate) fn name_code(
        &self,
        resource: u32,
        text: Option<&str>,
    ) -> Result<Option<u32>, StoreError> {
        self.find(
            |delta| {
                delta
                    .find_name(resource, text.map(str::as_bytes))
                    .map(|slot| delta.names.code(slot))
            },
            || name_key(resource, text),
            |layer, key| layer.name_code(key, resource, text),
        )
    }

    pub(crate) fn name(&self, code: u32) -> Result<NameView<'a>, StoreError> {
        match self.in_deltas(|delta| delta.name(code)) {
            Some(name) => Ok(name),
            None => self.layer_of(code, |lengths| lengths.names)?.name(code),
        }
    }

    /// The resource that bears a name, and the name as it was given.
    pub(crate) fn name_text(&self, code: u32) -> Result<(u32, Option<&'a str>), StoreError> {
        match self.in_deltas(|delta| delta.names.by_code(code)) {
            Some(name) => Ok((name.resource, name.text.as_deref())),
            None => self.layer_of(code, |lengths| lengths.names)?.name_text(code),
        }
    }

    /// The resource that bears a name.
    pub(crate) fn name_resource(&self, code: u32) -> Result<u32, StoreError> {
        match self.in_deltas(|delta| delta.names.by_code(code)) {
            Some(name) => Ok(name.resource),
            None => self.layer_of(code, |lengths| lengths.names)?.name_resource(code),
        }
    }

    /// The name added for the same resource before this one.
    pub(crate) fn previous_name(&self, code: u32) -> Result<Option<u32>, StoreError> {
        match self.in_deltas(|delta| delta.names.by_code(code)) {
            Some(name) => Ok(name.previous),
            None => self.layer_of(code, |lengths| lengths.names)?.previous_name(code),
        }
    }

    /// What the live delta knows, else what the frozen one knows.
    #[inline]
    pub(super) fn in_deltas<T>(&self, get: impl Fn(&'a Delta) -> Option<T>) -> Option<T> {
        self.live.and_then(&get).or_else(|| self.frozen.and_then(&get))
    }

    /// A code by key: the key is hashed for the layers only if no delta has it.
    #[inline]
    fn find(
        &self,
        in_delta: impl Fn(&'a Delta) -> Option<u32>,
        key: impl Fn() -> u64,
        in_layer: impl Fn(&Layer<'a>, u64) -> Result<Option<u32>, StoreError>,
    ) -> Result<Option<u32>, StoreError> {
        if let Some(code) = self.in_deltas(in_delta) {
            return Ok(Some(code));
        }
        if self.layers.is_empty() {
            return Ok(None);
        }
        let key = key();
        for layer in self.layers.iter().rev() {
            if let Some(code) = in_layer(&layer.open()?, key)? {
                return Ok(Some(code));
            }
        }
        Ok(None)
    }

    /// The layer that brought a code.
    #[inline]
    fn layer_of(&self, code: u32, length: fn(Lengths) -> u32) -> Result<Layer<'a>, StoreError> {
        let older = self.layers.partition_point(|layer| length(layer.after) <= code);
        match self.layers.get(older) {
            Some(layer) => layer.open(),
            None => Err(self.unknown(code)),
        }
    }

    /// The newest layer's state of a code.
    #[inline]
    fn newest_state<T>(
        &self,
        code: u32,
        state: impl Fn(&Layer<'a>) -> Result<Option<T>, StoreError>,
    ) -> Result<T, StoreError> {
        for layer in self.layers.iter().rev() {
            if let Some(state) = state(&layer.open()?)? {
                return Ok(state);
            }
        }
        Err(self.unknown(code))
    }

    #[cold]
    pub(super) fn unknown(&self, code: u32) -> StoreError {
        let path = self.layers.last().map_or("catalog", |layer| layer.path());
        StoreError::corrupt(path, 0, format!("code {code} is not in the catalog"))
    }
}

/// Code of a resource that a delta has.
fn resource_in(delta: &Delta, resource_type: u32, id: &str) -> Option<u32> {
    let slot = delta.find_resource(resource_type, id.as_bytes())?;
    Some(delta.resources.code(slot))
}
