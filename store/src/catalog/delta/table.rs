//! Things of one kind in a delta, found by key or by code.
//!
//! New things have codes from `base` on. Older ones get in when they are first looked up: their
//! key then costs one hash look-up until the next freeze. Keys are not stored twice: whoever looks
//! for one compares it to the thing's own.

use hashbrown::HashTable;

use super::chunks::Chunks;

/// Bytes of a thing's texts, about.
const TEXT_BYTES: usize = 48;
/// Bytes of a thing's places in the hash tables, about.
const TABLE_BYTES: usize = 24;

/// Where a thing is in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot(u32);

/// A slot with its key's hash, so that a growing table need not look at the things.
#[derive(Debug, Clone, Copy)]
struct Hashed {
    hash: u32,
    slot: u32,
}

/// A thing with its code.
#[derive(Debug)]
struct Coded<T> {
    code: u32,
    thing: T,
}

/// The table.
#[derive(Debug)]
pub(crate) struct Table<T> {
    base: u32,
    things: Chunks<Coded<T>>,
    /// Slot of each new code.
    added: Vec<u32>,
    by_key: HashTable<Hashed>,
    /// Slots of older things, by code.
    older: HashTable<u32>,
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
            things: Chunks::default(),
            added: Vec::new(),
            by_key: HashTable::new(),
            older: HashTable::new(),
        }
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

    /// The thing whose key has this hash and which `is` accepts.
    #[inline]
    pub(crate) fn find(&self, hash: u32, is: impl Fn(&T) -> bool) -> Option<Slot> {
        let matches = |entry: &Hashed| entry.hash == hash && is(&self.things.get(entry.slot).thing);
        self.by_key.find(spread(hash), matches).map(|entry| Slot(entry.slot))
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
        let slot = self.insert(hash, self.end(), thing);
        self.added.push(slot.0);
        slot
    }

    /// Lets in a thing that has its code from before.
    pub(crate) fn let_in(&mut self, hash: u32, code: u32, thing: T) -> Slot {
        let slot = self.insert(hash, code, thing);
        let things = &self.things;
        let hash_of = |&other: &u32| spread(things.get(other).code);
        self.older.insert_unique(spread(code), slot.0, hash_of);
        slot
    }

    fn insert(&mut self, hash: u32, code: u32, thing: T) -> Slot {
        let slot = self.things.push(Coded { code, thing });
        self.by_key.insert_unique(spread(hash), Hashed { hash, slot }, |other| spread(other.hash));
        Slot(slot)
    }

    /// The thing of this code, if it is new or has been let in.
    #[inline]
    pub(crate) fn by_code(&self, code: u32) -> Option<&T> {
        let slot = match code.checked_sub(self.base) {
            Some(index) => self.added.get(index as usize),
            None => self.older.find(spread(code), |&slot| self.things.get(slot).code == code),
        };
        slot.map(|&slot| &self.things.get(slot).thing)
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

/// The table takes a slot from the lowest and a tag from the highest bits.
#[inline]
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
