//! A few values under their keys, within a bound of bytes: what was asked for longest ago makes
//! room.
//!
//! Keys are compared as a whole and one after the other: no other key's value is ever given, and
//! there are few.

use std::borrow::Borrow;
use std::collections::VecDeque;

/// What was put in or asked for last is the last.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    entries: VecDeque<Entry<K, V>>,
    bytes: usize,
    max_bytes: usize,
}

#[derive(Debug)]
struct Entry<K, V> {
    key: K,
    value: V,
    bytes: usize,
}

impl<K, V: Clone> Recent<K, V> {
    /// Nothing yet, and never more than so many bytes, unless that is changed.
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self { entries: VecDeque::new(), bytes: 0, max_bytes }
    }

    /// Changes how many bytes it may take; the next value that is kept makes room.
    pub(crate) fn bound(&mut self, max_bytes: usize) {
        self.max_bytes = max_bytes;
    }

    /// The value kept under a key.
    pub(crate) fn get<Q: PartialEq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let at = self.entries.iter().rposition(|entry| entry.key.borrow() == key)?;
        let entry = self.entries.remove(at)?;
        let value = entry.value.clone();
        self.entries.push_back(entry);
        Some(value)
    }

    /// Keeps a value of so many bytes, its key's among them, in the place of one under that key.
    /// What takes more than a quarter of the room is not kept.
    pub(crate) fn put(&mut self, key: K, value: V, bytes: usize)
    where
        K: PartialEq,
    {
        if bytes > self.max_bytes / 4 {
            return;
        }
        if let Some(at) = self.entries.iter().position(|entry| entry.key == key) {
            self.bytes -= self.entries.remove(at).map_or(0, |entry| entry.bytes);
        }
        self.bytes += bytes;
        self.entries.push_back(Entry { key, value, bytes });
        while self.bytes > self.max_bytes
            && let Some(entry) = self.entries.pop_front()
        {
            self.bytes -= entry.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_longest_ago_makes_room() {
        let mut recent = Recent::new(1_000);
        for key in 0..10 {
            recent.put(key, 2 * key, 100);
        }
        assert_eq!(recent.get(&0), Some(0));
        recent.put(10, 20, 100);
        let found: Vec<i32> = (0..11).filter(|key| recent.get(key).is_some()).collect();
        assert_eq!(found, [0, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(recent.bytes, 1_000);
    }

    #[test]
    fn a_key_has_one_value_and_no_value_takes_most_of_the_room() {
        let mut recent = Recent::new(1_000);
        recent.put("a".to_owned(), 1, 200);
        recent.put("a".to_owned(), 2, 250);
        assert_eq!((recent.get("a"), recent.bytes, recent.entries.len()), (Some(2), 250, 1));
        recent.put("b".to_owned(), 3, 251);
        assert_eq!(recent.get("b"), None);
    }
}
