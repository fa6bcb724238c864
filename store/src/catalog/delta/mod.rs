//! What came since a freeze, and the present state of what it touched. In memory.
//!
//! Guarantees: only the live delta changes, and what is written of it does not depend on what was
//! merely looked up. Deliberately not here: anything that can fail (see `load`).

mod chunks;
mod entries;
mod folded_names;
mod intern;
mod places;
mod table;
mod to_layer;

use std::hash::{BuildHasher, Hash};

use hashbrown::DefaultHashBuilder;

use super::{Lengths, NameView, Profile};
use crate::StoreError;
pub(super) use entries::{Action, Actor, Name, RecentName, Recurring, Resource, Type};
use folded_names::FoldedNames;
pub(super) use folded_names::SEPARATOR;
pub(super) use intern::text_of;
pub(super) use places::Generation;
pub(super) use table::{Slot, Table};

/// Memory of a delta beside its things, about: five tables with their first room.
const FIXED_BYTES: usize = 2_048;

/// The part of a catalog that is in memory.
#[derive(Debug, Default)]
pub(crate) struct Delta {
    generation: Generation,
    /// The same in all deltas of a catalog.
    hasher: DefaultHashBuilder,
    pub(super) actors: Table<Actor>,
    pub(super) actions: Table<Action>,
    pub(super) types: Table<Type>,
    pub(super) resources: Table<Resource>,
    pub(super) names: Table<Name>,
    /// Of the new names.
    folded: FoldedNames,
}

impl Delta {
    /// An empty delta that continues from these lengths.
    pub(super) fn continuing(before: Lengths) -> Self {
        Self {
            generation: 0,
            hasher: DefaultHashBuilder::default(),
            actors: Table::new(before.actors),
            actions: Table::new(before.actions),
            types: Table::new(before.types),
            resources: Table::new(before.resources),
            names: Table::new(before.names),
            folded: FoldedNames::default(),
        }
    }

    /// The empty delta after this one. Indexes of what events touch over and over go on with it.
    pub(super) fn next(&mut self) -> Self {
        Self {
            generation: self.generation + 1,
            hasher: self.hasher.clone(),
            actors: self.actors.next_with_index(),
            actions: self.actions.next(),
            types: self.types.next(),
            resources: self.resources.next_with_index(),
            names: self.names.next(),
            folded: FoldedNames::default(),
        }
    }

    /// Which delta of its catalog it is.
    pub(super) fn generation(&self) -> Generation {
        self.generation
    }

    /// Says which delta is the oldest that is kept.
    pub(super) fn keep_from(&mut self, oldest: Generation) {
        self.actors.keep_from(oldest);
        self.resources.keep_from(oldest);
    }

    /// Whether nothing was added or looked up.
    pub(crate) fn is_empty(&self) -> bool {
        self.memory_bytes() == FIXED_BYTES
    }

    /// Memory that it takes, about.
    pub(crate) fn memory_bytes(&self) -> usize {
        FIXED_BYTES
            + self.actors.memory_bytes()
            + self.actions.memory_bytes()
            + self.types.memory_bytes()
            + self.resources.memory_bytes()
            + self.names.memory_bytes()
            + self.folded.bytes().len()
    }

    /// Where its codes start.
    pub(super) fn before(&self) -> Lengths {
        Lengths {
            actors: self.actors.base(),
            actions: self.actions.base(),
            types: self.types.base(),
            resources: self.resources.base(),
            names: self.names.base(),
        }
    }

    /// Where the codes of what follows start.
    pub(super) fn after(&self) -> Lengths {
        Lengths {
            actors: self.actors.end(),
            actions: self.actions.end(),
            types: self.types.end(),
            resources: self.resources.end(),
            names: self.names.end(),
        }
    }

    #[inline]
    fn hash(&self, key: impl Hash) -> u32 {
        (self.hasher.hash_one(key) >> 32) as u32
    }

    /// A new name; `None` for any other code.
    pub(super) fn name(&self, code: u32) -> Option<NameView<'_>> {
        let index = code.checked_sub(self.names.base())?;
        let name = self.names.by_code(code)?;
        Some(NameView {
            resource: name.resource,
            text: name.text.as_deref(),
            folded: self.folded.get(index),
            first: name.first,
            previous: name.previous,
        })
    }

    /// Name and e-mail of an actor that was touched, as the layer will have them.
    pub(crate) fn profile(&self, actor: u32) -> Result<Profile<'_>, StoreError> {
        let state = self.actors.by_code(actor).map(|actor| &actor.state);
        let state = state.ok_or_else(|| {
            StoreError::corrupt("catalog", 0, format!("actor {actor} is not in its delta"))
        })?;
        Ok((state.name.as_deref(), state.email.as_deref()))
    }

    /// Folded new names, each followed by [`SEPARATOR`], and where each ends.
    pub(super) fn folded(&self) -> (&[u8], &[usize]) {
        (self.folded.bytes(), self.folded.ends())
    }
}
