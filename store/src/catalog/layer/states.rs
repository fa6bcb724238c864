//! States by code in one layer: of what it brought and of what it touched.

use super::state_columns::{
    ACTOR_FORMER, ACTOR_HAS_EMAIL, ACTOR_HAS_NAME, newest_name, present, resource_state,
};
use super::{Layer, Section};

use crate::StoreError;
use crate::catalog::actor_state::ActorState;
use crate::catalog::{OrderKey, Present, Profile, ResourceState};

/// The state of an actor, borrowed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ActorStateView<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) email: Option<&'a str>,
    pub(crate) seen: OrderKey,
    pub(crate) former: bool,
}

impl<'a> Layer<'a> {
    /// The state of an actor after this layer; `None` if the layer did not touch it.
    pub(crate) fn actor_state(&self, code: u32) -> Result<Option<ActorStateView<'a>>, StoreError> {
        let range = (self.before.actors, self.after.actors);
        let place = self.state_place(code, range, Section::TouchedActors)?;
        let Some(index) = place else { return Ok(None) };
        let flags = self.column(Section::ActorFlags)?.get(index);
        let (name, email) = self.actor_profile(code)?.unwrap_or_default();
        Ok(Some(ActorStateView {
            name,
            email,
            seen: OrderKey {
                effective_at: self.column(Section::ActorSeenAt)?.get(index),
                seq: self.column(Section::ActorSeenSeq)?.get(index).cast_unsigned(),
            },
            former: flags & ACTOR_FORMER != 0,
        }))
    }

    /// Name and e-mail of [`ActorStateView`].
    pub(crate) fn actor_profile(&self, code: u32) -> Result<Option<Profile<'a>>, StoreError> {
        let range = (self.before.actors, self.after.actors);
        let place = self.state_place(code, range, Section::TouchedActors)?;
        let Some(index) = place else { return Ok(None) };
        let flags = self.column(Section::ActorFlags)?.get(index);
        let text = |flag, section| match flags & flag {
            0 => Ok(None),
            _ => self.text(section, index).map(Some),
        };
        let name = text(ACTOR_HAS_NAME, Section::ActorNames)?;
        Ok(Some((name, text(ACTOR_HAS_EMAIL, Section::ActorEmails)?)))
    }

    /// The actors that have a state here.
    pub(crate) fn touched_actors(&self) -> Result<Vec<u32>, StoreError> {
        let older = self.ranked_codes(Section::TouchedActors)?;
        Ok(older.iter().chain(self.before.actors..self.after.actors).collect())
    }

    /// The state of a resource after this layer; `None` if the layer did not touch it.
    pub(crate) fn resource_state(&self, code: u32) -> Result<Option<ResourceState>, StoreError> {
        let range = (self.before.resources, self.after.resources);
        let place = self.state_place(code, range, Section::TouchedResources)?;
        let Some(index) = place else { return Ok(None) };
        let read = |section| Ok(self.column(section)?.get(index));
        let ends = (self.after.actors, self.after.names);
        resource_state(read, |section| self.unsound(section), ends).map(Some)
    }

    /// What [`ResourceState::newest_name`] would be.
    pub(crate) fn newest_name(&self, code: u32) -> Result<Option<Option<u32>>, StoreError> {
        let range = (self.before.resources, self.after.resources);
        let place = self.state_place(code, range, Section::TouchedResources)?;
        let Some(index) = place else { return Ok(None) };
        let read = |section| Ok(self.column(section)?.get(index));
        newest_name(read, |section| self.unsound(section), self.after.names).map(Some)
    }

    /// What [`ResourceState::present`] would be.
    pub(crate) fn present(&self, code: u32) -> Result<Option<Present>, StoreError> {
        let range = (self.before.resources, self.after.resources);
        let place = self.state_place(code, range, Section::TouchedResources)?;
        let Some(index) = place else { return Ok(None) };
        let read = |section| Ok(self.column(section)?.get(index));
        present(read, |section| self.unsound(section), self.after.names).map(Some)
    }

    /// Place in the columns of states.
    #[inline]
    fn state_place(
        &self,
        code: u32,
        (before, after): (u32, u32),
        touched: Section,
    ) -> Result<Option<u32>, StoreError> {
        if code >= before {
            return Ok((code < after).then(|| code - before));
        }
        let rank = self.ranked_codes(touched)?.rank(code);
        Ok(rank.and_then(|rank| rank.checked_add(after - before)))
    }
}

impl<'a> ActorStateView<'a> {
    pub(crate) fn of(state: &'a ActorState) -> Self {
        Self {
            name: state.name.as_deref(),
            email: state.email.as_deref(),
            seen: state.seen,
            former: state.former,
        }
    }

    pub(crate) fn to_owned(self) -> ActorState {
        ActorState {
            name: self.name.map(Into::into),
            email: self.email.map(Into::into),
            seen: self.seen,
            former: self.former,
        }
    }
}
