//! Names and e-mails of actors as one layer has them: what the rows of its segment refer to.

use std::collections::HashSet;

use super::LayerSource;
use super::layer::Layer;
use crate::StoreError;

/// Name and e-mail of an actor.
pub(crate) type Profile<'a> = (Option<&'a str>, Option<&'a str>);

/// The profiles in one layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LayerProfiles<'a>(Layer<'a>);

impl<'a> LayerProfiles<'a> {
    pub(crate) fn open(source: &'a dyn LayerSource) -> Result<Self, StoreError> {
        Layer::open(source).map(Self)
    }

    /// The profile of an actor after this layer; `None` if the layer did not touch it.
    #[inline]
    pub(crate) fn get(&self, actor: u32) -> Result<Option<Profile<'a>>, StoreError> {
        self.0.actor_profile(actor)
    }

    /// The actors of this layer whose profile is another one in a later layer.
    pub(crate) fn changed_in(&self, later: &Self) -> Result<HashSet<u32>, StoreError> {
        let mut changed = HashSet::new();
        for actor in self.0.touched_actors()? {
            if self.get(actor)? != later.get(actor)? {
                changed.insert(actor);
            }
        }
        Ok(changed)
    }
}
