//! Things of one kind in a delta, found by key or by code.
//!
//! New things have codes from `base` on. Older ones get in when they are first looked up: their
//! key then costs one hash look-up until the next freeze. Keys are not stored twice: whoever looks
//! for one compares it to the thing's own.

use std::sync::OnceLock;

use hashbrown::HashTable;

use super::chunks::Chunks;
use super::places::{Generation, Place, Places, spread};

/// Bytes of a thing's texts, about.
const TEXT_BYTES: usize = 48;
/// Bytes of a thing's places in the hash tables, about.
const TABLE_BYTES: usize = 28;

/// Where a thing is in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot(u32);

/// A thing with its code and its key's hash.
#[derive(Debug)]
struct Coded<T> {
    code: u32,
    hash: u32,
    thing: T,
}

/// Slot of an older thing, by its code.
#[derive(Debug, Clone, Copy)]
struct Older {
    code: u32,
    slot: u32,
}

/// The table.
#[derive(Debug)]
pub(crate) struct Table<T> {
    base: u32,
    generation: Generation,
    /// The oldest delta that is still kept.
    oldest: Generation,
    things: Chunks<Coded<T>>,
    /// Slot of each new code.
    added: Vec<u32>,
    /// By key. Of a table whose index has gone on, made anew when it is first asked.
    places: OnceLock<Places>,
    older: HashTable<Older>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self::new(0)
    }
}

impl<T> Table<T> {
    /// An empty table whose first new code is `base`.
    pub(crate) fn new(base: u32) -> Self {
        Self {
            base,
            generation: 0,
            oldest: 0,
            things: Chunks::default(),
            added: Vec::new(),
            places: OnceLock::new(),
            older: HashTable::new(),
        }
    }

    /// The empty table of the next delta.
    pub(super) fn next(&self) -> Self {
        Self { generation: self.generation + 1, oldest: self.oldest, ..Self::new(self.end()) }
    }

    /// The same; the index by key goes on with it.
    pub(super) fn next_with_index(&mut self) -> Self {
        Self { places: std::mem::take(&mut self.places), ..self.next() }
    }

    /// Says which delta is the oldest that is kept.
    pub(super) fn keep_from(&mut self, oldest: Generation) {
        self.oldest = oldest;
    }

    pub(crate) fn base(&self) -> u32 {
        self.base
    }

    /// The first code that is not given yet.
    pub(crate) fn end(&self) -> u32 {
        let added = u32::try_from(self.added.len()).ok();
        let end = added.and_then(|added| self.base.checked_add(added));
        end.expect("a workspace has fewer than 2^32 codes of a kind")
    }

    /// Memory that it takes, about: things, their texts, and the tables.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.things.len() * (size_of::<Coded<T>>() + TEXT_BYTES + TABLE_BYTES)
    }

    /// The thing of this table whose key has this hash and which `is` accepts.
    #[inline]
    pub(crate) fn find(&self, hash: u32, is: impl Fn(&T) -> bool) -> Option<Slot> {
        let matches = |place: &Place| {
            place.generation == self.generation && is(&self.things.get(place.slot).thing)
        };
        self.places().find(hash, matches).map(|place| Slot(place.slot))
    }

    /// The newest place of the thing whose key has this hash and which `is` accepts, in this table
    /// or in that of an older delta.
    #[inline]
    pub(crate) fn find_place(
        &self,
        hash: u32,
        is: impl Fn(Generation, Slot) -> bool,
    ) -> Option<(Generation, Slot)> {
        let place = self.places().find(hash, |place| is(place.generation, Slot(place.slot)))?;
        Some((place.generation, Slot(place.slot)))
    }

    /// The newest place of some thing whose key has this hash.
    #[inline]
    pub(crate) fn find_hash(&self, hash: u32) -> Option<(Generation, Slot)> {
        self.find_place(hash, |_, _| true)
    }

    #[inline]
    pub(crate) fn get(&self, slot: Slot) -> &T {
        &self.things.get(slot.0).thing
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, slot: Slot) -> &mut T {
        &mut self.things.get_mut(slot.0).thing
    }

    #[inline]
    pub(crate) fn code(&self, slot: Slot) -> u32 {
        self.things.get(slot.0).code
    }

    /// Adds a thing known to be new, under the next code.
    pub(crate) fn add(&mut self, hash: u32, thing: T) -> Slot {
        let slot = self.things.push(Coded { code: self.end(), hash, thing });
        self.added.push(slot);
        self.index(hash, slot);
        Slot(slot)
    }

    /// Lets in a thing that has its code from before and is in no delta.
    pub(crate) fn let_in(&mut self, hash: u32, code: u32, thing: T) -> Slot {
        let slot = self.push_older(hash, code, thing);
        self.index(hash, slot);
        Slot(slot)
    }

    /// Lets in a copy of what an older delta's table has at a slot.
    pub(crate) fn let_in_of(
        &mut self,
        older: &Self,
        Slot(there): Slot,
        copy: impl Fn(&T) -> T,
    ) -> Slot {
        let &Coded { code, hash, ref thing } = older.things.get(there);
        let slot = self.push_older(hash, code, copy(thing));
        let new = Place { hash, generation: self.generation, slot };
        let is = |place: &Place| (place.generation, place.slot) == (older.generation, there);
        let place = self.places_mut().find_mut(hash, is);
        *place.expect("the index has the place that it gave") = new;
        Slot(slot)
    }

    fn push_older(&mut self, hash: u32, code: u32, thing: T) -> u32 {
        let slot = self.things.push(Coded { code, hash, thing });
        let of = |older: &Older| spread(older.code);
        self.older.insert_unique(spread(code), Older { code, slot }, of);
        slot
    }

    fn index(&mut self, hash: u32, slot: u32) {
        let (generation, oldest) = (self.generation, self.oldest);
        self.places_mut().insert(Place { hash, generation, slot }, oldest);
    }

    #[inline]
    fn places(&self) -> &Places {
        self.places.get_or_init(|| {
            let mut places = Places::default();
            for (slot, coded) in (0..).zip(self.things.iter()) {
                let place = Place { hash: coded.hash, generation: self.generation, slot };
                places.insert(place, self.generation);
            }
            places
        })
    }

    #[inline]
    fn places_mut(&mut self) -> &mut Places {
        self.places();
        self.places.get_mut().expect("it was just made")
    }

    /// The thing of this code, if it is new or has been let in.
    #[inline]
    pub(crate) fn by_code(&self, code: u32) -> Option<&T> {
        let slot = match code.checked_sub(self.base) {
            Some(index) => *self.added.get(index as usize)?,
            None => self.older.find(spread(code), |older| older.code == code)?.slot,
        };
        Some(&self.things.get(slot).thing)
    }

    /// New things in the order of their codes.
    pub(crate) fn added(&self) -> impl Iterator<Item = &T> + Clone {
        self.added.iter().map(|&slot| &self.things.get(slot).thing)
    }

    /// Older things that were let in, in no order.
    pub(crate) fn let_in_things(&self) -> impl Iterator<Item = (u32, &T)> {
        let things = self.things.iter().filter(|coded| coded.code < self.base);
        things.map(|coded| (coded.code, &coded.thing))
    }
}
