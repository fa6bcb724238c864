//! All states of resources in one layer, with as little of each as a walk over many needs.

use super::state_columns::resource_state;
use super::{Column, Layer, Section};
use crate::StoreError;
use crate::catalog::{OrderKey, ResourceState};

/// The greatest keys of the resources of a layer, by place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LastKeys<'a> {
    first_at: Column<'a>,
    first_seq: Column<'a>,
    last_at: Column<'a>,
    last_seq: Column<'a>,
}

impl LastKeys<'_> {
    /// The greatest key of any event that names the resource.
    #[inline]
    pub(crate) fn get(&self, place: u32) -> OrderKey {
        let seq = self.first_seq.get(place).wrapping_sub(self.last_seq.get(place));
        OrderKey {
            effective_at: self.first_at.get(place).wrapping_sub(self.last_at.get(place)),
            seq: seq.cast_unsigned(),
        }
    }
}

impl<'a> Layer<'a> {
    /// Code and place of each resource that the layer brought or touched.
    pub(crate) fn resource_places(
        &self,
    ) -> Result<impl Iterator<Item = (u32, u32)> + use<'a>, StoreError> {
        let (before, after) = (self.before.resources, self.after.resources);
        let touched = self.ranked_codes(Section::TouchedResources)?.iter();
        Ok((before..after).chain(touched).zip(0..))
    }

    pub(crate) fn last_keys(&self) -> Result<LastKeys<'a>, StoreError> {
        Ok(LastKeys {
            first_at: self.column(Section::FirstAt)?,
            first_seq: self.column(Section::FirstSeq)?,
            last_at: self.column(Section::LastAt)?,
            last_seq: self.column(Section::LastSeq)?,
        })
    }

    /// The state at a place.
    pub(crate) fn resource_state_at(&self, place: u32) -> Result<ResourceState, StoreError> {
        let read = |section| Ok(self.column(section)?.get(place));
        let ends = (self.after.actors, self.after.names);
        resource_state(read, |section| self.unsound(section), ends)
    }
}
