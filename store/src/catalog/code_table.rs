//! Things numbered in order of first sight, found by key. Keys are not stored twice.

use std::hash::{BuildHasher, Hash};

use hashbrown::{DefaultHashBuilder, HashTable};

/// A thing that knows the key it is found by.
pub(crate) trait Keyed {
    /// The key, borrowed.
    type Key<'a>: Hash + Copy;
    /// This thing's key.
    fn key(&self) -> Self::Key<'_>;
    /// Whether its key equals this one.
    fn is(&self, key: Self::Key<'_>) -> bool;
}

/// An append-only list with look-up by key.
#[derive(Debug)]
pub(crate) struct CodeTable<T> {
    items: Vec<T>,
    codes: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl<T> Default for CodeTable<T> {
    fn default() -> Self {
        Self { items: Vec::new(), codes: HashTable::new(), hasher: DefaultHashBuilder::default() }
    }
}

impl<T: Keyed> CodeTable<T> {
    pub(crate) fn code(&self, key: T::Key<'_>) -> Option<u32> {
        let hash = self.hasher.hash_one(key);
        self.codes.find(hash, |&code| self.items[code as usize].is(key)).copied()
    }

    pub(crate) fn intern(&mut self, key: T::Key<'_>, make: impl FnOnce() -> T) -> u32 {
        match self.code(key) {
            Some(code) => code,
            None => self.push(make()),
        }
    }

    /// Adds a thing known to be new.
    pub(crate) fn push(&mut self, item: T) -> u32 {
        let code = u32::try_from(self.items.len()).expect("fewer than 2^32 codes a workspace");
        let hash = self.hasher.hash_one(item.key());
        self.items.push(item);
        let (items, hasher) = (&self.items, &self.hasher);
        self.codes.insert_unique(hash, code, |&other| hasher.hash_one(items[other as usize].key()));
        code
    }

    pub(crate) fn get(&self, code: u32) -> &T {
        &self.items[code as usize]
    }

    pub(crate) fn get_mut(&mut self, code: u32) -> &mut T {
        &mut self.items[code as usize]
    }

    pub(crate) fn items(&self) -> &[T] {
        &self.items
    }

    /// All things with their codes.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        (0..).zip(&self.items)
    }
}
