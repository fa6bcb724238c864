//! From each name of a workspace to the other names of the same resource.
//!
//! On disk a name knows the one before it; a search "ever" asks for all of a resource's names,
//! whichever of them matched. The ring is made at the first such search after the sealed part of a
//! catalog has changed, out of the ring before, and is shared by all readers of that part. The one
//! before stays until there is another: eight bytes a name at most, of a workspace that was
//! searched since the partition was opened.

use std::sync::{Arc, OnceLock};

use super::CatalogView;
use crate::StoreError;

/// The names of each resource in a circle.
#[derive(Debug, Clone, Default)]
pub(crate) struct NameRing {
    /// The next name of the same resource, by name; of an only one, itself.
    next: Vec<u32>,
}

/// The ring of one sealed part, once somebody has asked for it.
#[derive(Debug, Default)]
pub(super) struct RingCell {
    ring: OnceLock<Arc<NameRing>>,
    /// Of the sealed part before this one, whose names are the first of this one's.
    before: Option<Arc<NameRing>>,
}

impl RingCell {
    /// That of the part which follows.
    pub(super) fn following(&self) -> Self {
        let before = self.ring.get().or(self.before.as_ref()).cloned();
        Self { ring: OnceLock::new(), before }
    }
}

impl NameRing {
    /// How many names it has.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.next.len()).unwrap_or(u32::MAX)
    }

    /// The other names of the resource that bears this one; none for a name it does not have.
    #[inline]
    pub(crate) fn others(&self, name: u32) -> impl Iterator<Item = u32> {
        let after = move |at: u32| {
            let next = self.next.get(at as usize).copied();
            next.filter(|next| *next != name)
        };
        std::iter::successors(after(name), move |at| after(*at))
    }

    /// The same ring with the names of a view without a live delta.
    fn extended(mut self, view: &CatalogView<'_>) -> Result<Self, StoreError> {
        let known = self.len();
        self.next.extend(known..view.lengths().names);
        let next = &mut self.next;
        // A name is put behind the one before it, which is there already: chains ascend. One that
        // is in a circle by now is no new one, whatever damaged bytes say.
        view.for_each_rename(known, &mut |name, previous| {
            let (name, previous) = (name as usize, previous as usize);
            if next.get(name).is_some_and(|other| *other as usize == name) {
                next.swap(name, previous);
            }
        })?;
        Ok(self)
    }
}

impl<'a> CatalogView<'a> {
    /// The ring of the sealed part of this view, made if it is not there yet.
    pub(crate) fn name_ring(&self) -> Result<Arc<NameRing>, StoreError> {
        let sealed = CatalogView { live: None, ..*self };
        if let Some(ring) = self.ring.ring.get() {
            return Ok(ring.clone());
        }
        let before = self.ring.before.as_deref().cloned().unwrap_or_default();
        let ring = Arc::new(before.extended(&sealed)?);
        Ok(self.ring.ring.get_or_init(|| ring).clone())
    }

    /// Calls `each(name, previous)` for every name from this one on that has a previous one, of
    /// layers and of the frozen delta.
    fn for_each_rename(&self, from: u32, each: &mut dyn FnMut(u32, u32)) -> Result<(), StoreError> {
        for layer in self.layers.iter().filter(|layer| layer.after.names > from) {
            for pair in layer.open()?.renames()? {
                let (name, previous) = pair?;
                if name >= from {
                    each(name, previous);
                }
            }
        }
        if let Some(frozen) = self.frozen {
            let names = (frozen.before().names..).zip(frozen.names.added());
            for (name, entry) in names.filter(|(name, _)| *name >= from) {
                if let Some(previous) = entry.previous {
                    each(name, previous);
                }
            }
        }
        Ok(())
    }
}
