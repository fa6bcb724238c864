//! Compact rows on their way into a merged segment.
//!
//! A compact row may refer to the name and e-mail that its segment's layer has of an actor. The
//! merged layer has the newest of all inputs, so where that is another one, the row is given its
//! own.

use std::collections::HashSet;

use super::compact_row::{ACTOR_AS_IN_LAYER, CompactRow, OTHER_AS_IN_LAYER, ProfileBytes};
use super::layer::{BorrowedLayer, NewLayer};
use super::merged_rows::Source;
use crate::StoreError;
use crate::catalog::LayerProfiles;
use crate::codes::EventCodes;

/// What has to be mended of one workspace's rows.
pub(super) struct MergedForms<'a> {
    /// The merged layer; nothing is mended if there is but one input.
    layer: Option<&'a [u8]>,
    /// By input: actors whose profile is another one in the merged layer. Found when they are
    /// needed.
    changed: Vec<Option<HashSet<u32>>>,
    mended: Vec<u8>,
}

impl<'a> MergedForms<'a> {
    pub(super) fn new(sources: &[Source<'_>], layer: &'a [u8]) -> Self {
        let inputs = sources.iter().map(|source| source.input + 1).max().unwrap_or(0);
        let layer = (sources.len() > 1).then_some(layer);
        Self { layer, changed: vec![None; inputs], mended: Vec::new() }
    }

    /// Replaces a row's bytes where they refer to what is not in the merged layer.
    pub(super) fn mend(
        &mut self,
        source: &Source<'_>,
        codes: &EventCodes,
        stored: &mut Vec<u8>,
    ) -> Result<(), StoreError> {
        let Some(layer) = self.layer else { return Ok(()) };
        let refers = CompactRow::flags(stored) & (ACTOR_AS_IN_LAYER | OTHER_AS_IN_LAYER);
        if refers == 0 {
            return Ok(());
        }
        let own = BorrowedLayer { segment: source.segment, group: source.group };
        let changed = match &mut self.changed[source.input] {
            Some(changed) => changed,
            unknown => {
                let merged = NewLayer(layer);
                let own = LayerProfiles::open(&own)?;
                unknown.insert(own.changed_in(&LayerProfiles::open(&merged)?)?)
            }
        };
        let actor = Some(codes.actor).filter(|actor| changed.contains(actor));
        let other = codes.on_behalf_of.filter(|other| changed.contains(other));
        if actor.is_none() && other.is_none() {
            return Ok(());
        }
        let profiles = LayerProfiles::open(&own)?;
        let profile =
            |actor: Option<u32>, flag: u8| -> Result<Option<ProfileBytes<'_>>, StoreError> {
                match actor.filter(|_| refers & flag != 0) {
                    Some(actor) => Ok(profiles
                        .get(actor)?
                        .map(|(name, email)| (name.map(str::as_bytes), email.map(str::as_bytes)))),
                    None => Ok(None),
                }
            };
        let (actor, other) =
            (profile(actor, ACTOR_AS_IN_LAYER)?, profile(other, OTHER_AS_IN_LAYER)?);
        self.mended.clear();
        match CompactRow::read(stored) {
            Some(row) => row.append_with(actor, other, &mut self.mended),
            None => return Err(StoreError::corrupt(source.segment.path(), 0, "a row is broken")),
        }
        std::mem::swap(stored, &mut self.mended);
        Ok(())
    }
}
