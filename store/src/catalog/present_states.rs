//! What is true now of many actors and resources: layer by layer, the newest first, so that each is
//! opened once and what one code needs is not waited for before the next is looked at.

use super::delta::Delta;
use super::layer::Layer;
use super::{CatalogView, Present};
use crate::StoreError;

impl CatalogView<'_> {
    /// Whether each of these actors is a person removed since.
    pub(crate) fn formers(&self, actors: &[u32]) -> Result<Vec<bool>, StoreError> {
        let in_delta = |delta: &Delta, code| Some(delta.actors.by_code(code)?.state.former);
        self.newest_states(actors, in_delta, |layer| {
            let opened = layer.opened_formers()?;
            Ok(move |code| Ok(opened.get(code)))
        })
    }

    /// The name that each of these resources has now, and whether it is deleted.
    pub(crate) fn presents(&self, resources: &[u32]) -> Result<Vec<Present>, StoreError> {
        let in_delta = |delta: &Delta, code| Some(delta.resources.by_code(code)?.state.present());
        self.newest_states(resources, in_delta, |layer| {
            let opened = layer.opened_presents()?;
            Ok(move |code| opened.get(code))
        })
    }

    fn newest_states<'s, T: Default + Clone, F>(
        &'s self,
        codes: &[u32],
        in_delta: impl Fn(&Delta, u32) -> Option<T>,
        open: impl Fn(Layer<'s>) -> Result<F, StoreError>,
    ) -> Result<Vec<T>, StoreError>
    where
        F: Fn(u32) -> Result<Option<T>, StoreError>,
    {
        let mut states = vec![T::default(); codes.len()];
        let mut missing = Vec::with_capacity(codes.len());
        for (place, (state, code)) in states.iter_mut().zip(codes).enumerate() {
            match self.in_deltas(|delta| in_delta(delta, *code)) {
                Some(found) => *state = found,
                None => missing.push(place),
            }
        }
        for layer in self.layers.iter().rev() {
            if missing.is_empty() {
                return Ok(states);
            }
            let state = open(layer.open()?)?;
            let mut left = Vec::with_capacity(missing.len());
            for place in missing {
                match state(codes[place])? {
                    Some(found) => states[place] = found,
                    None => left.push(place),
                }
            }
            missing = left;
        }
        match missing.first() {
            None => Ok(states),
            Some(place) => Err(self.unknown(codes[*place])),
        }
    }
}
