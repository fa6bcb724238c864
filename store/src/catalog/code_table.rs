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

/// Things in one chunk. A list that doubled would hold everything twice while it moves.
const CHUNK: usize = 1024;

/// An append-only list with look-up by key.
#[derive(Debug)]
pub(crate) struct CodeTable<T> {
    chunks: Vec<Vec<T>>,
    codes: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl<T> Default for CodeTable<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), codes: HashTable::new(), hasher: DefaultHashBuilder::default() }
    }
}

impl<T: Keyed> CodeTable<T> {
    pub(crate) fn code(&self, key: T::Key<'_>) -> Option<u32> {
        let hash = self.hasher.hash_one(key);
        self.codes.find(hash, |&code| self.get(code).is(key)).copied()
    }

    pub(crate) fn intern(&mut self, key: T::Key<'_>, make: impl FnOnce() -> T) -> u32 {
        match self.code(key) {
            Some(code) => code,
            None => self.push(make()),
        }
    }

    /// Adds a thing known to be new.
    pub(crate) fn push(&mut self, item: T) -> u32 {
        let code = u32::try_from(self.len()).expect("fewer than 2^32 codes a workspace");
        let hash = self.hasher.hash_one(item.key());
        match self.chunks.last_mut().filter(|chunk| chunk.len() < CHUNK) {
            Some(chunk) => chunk.push(item),
            None => self.chunks.push(vec![item]),
        }
        let (chunks, hasher) = (&self.chunks, &self.hasher);
        self.codes.insert_unique(hash, code, |&other| hasher.hash_one(at(chunks, other).key()));
        code
    }

    pub(crate) fn get(&self, code: u32) -> &T {
        at(&self.chunks, code)
    }

    pub(crate) fn get_mut(&mut self, code: u32) -> &mut T {
        let code = code as usize;
        &mut self.chunks[code / CHUNK][code % CHUNK]
    }

    /// Number of things.
    pub(crate) fn len(&self) -> usize {
        let last = self.chunks.last().map_or(0, Vec::len);
        self.chunks.len().saturating_sub(1) * CHUNK + last
    }

    /// All things with their codes.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        (0..).zip(self.chunks.iter().flatten())
    }

    /// Things from this code on.
    pub(crate) fn since(&self, code: u32) -> impl Iterator<Item = &T> {
        let code = code as usize;
        let chunks = self.chunks.get(code / CHUNK..).unwrap_or_default();
        chunks.iter().flatten().skip(code % CHUNK)
    }
}

fn at<T>(chunks: &[Vec<T>], code: u32) -> &T {
    let code = code as usize;
    &chunks[code / CHUNK][code % CHUNK]
}
