//! Which objects a cache keeps, in order of their last use.
//!
//! Guarantees that their lengths add up to no more than the bound. Deliberately not here: the
//! files themselves, apart from the look at what an earlier process left.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::cache::file_name;

/// The kept objects.
#[derive(Debug)]
pub(super) struct Kept {
    limit_bytes: u64,
    total_bytes: u64,
    uses: u64,
    entries: HashMap<String, Entry>,
    /// Keys by their last use.
    order: BTreeMap<u64, String>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    length: u64,
    last_use: u64,
}

impl Kept {
    fn new(limit_bytes: u64) -> Self {
        let (entries, order) = (HashMap::new(), BTreeMap::new());
        Self { limit_bytes, total_bytes: 0, uses: 0, entries, order }
    }

    /// What lies in a directory, oldest files first, and the names of the files that must go:
    /// strangers, torn ones, and those beyond the bound.
    pub(super) fn load(directory: &Path, limit_bytes: u64) -> std::io::Result<(Self, Vec<String>)> {
        let (mut found, mut gone) = (Vec::new(), Vec::new());
        for entry in std::fs::read_dir(directory)? {
            let entry = entry?;
            let (meta, name) = (entry.metadata()?, entry.file_name());
            let name = name.to_string_lossy().into_owned();
            match parse(&name) {
                Some((key, length)) if meta.len() == length => {
                    found.push((meta.modified()?, key.to_owned(), length));
                }
                _ => gone.push(name),
            }
        }
        found.sort_unstable();
        let mut kept = Self::new(limit_bytes);
        for (_, key, length) in found {
            if length > limit_bytes {
                gone.push(file_name(&key, length));
                continue;
            }
            gone.extend(kept.make_room(length));
            kept.insert(key, length);
        }
        Ok((kept, gone))
    }

    pub(super) fn limit_bytes(&self) -> u64 {
        self.limit_bytes
    }

    pub(super) fn total_bytes(&self) -> u64 {
        self.total_bytes
    }

    /// The length of a kept object, which is used now.
    pub(super) fn touch(&mut self, key: &str) -> Option<u64> {
        let last_use = self.next_use();
        let entry = self.entries.get_mut(key)?;
        let name = self.order.remove(&entry.last_use)?;
        entry.last_use = last_use;
        self.order.insert(last_use, name);
        Some(entry.length)
    }

    /// Gives up the least recently used until so many bytes fit; the names of their files.
    pub(super) fn make_room(&mut self, length: u64) -> Vec<String> {
        let mut gone = Vec::new();
        while self.total_bytes.saturating_add(length) > self.limit_bytes {
            let Some((_, key)) = self.order.first_key_value() else { break };
            let key = key.clone();
            gone.extend(self.take(&key));
        }
        gone
    }

    /// Adds an object for which there is room. One that is kept already is replaced.
    pub(super) fn insert(&mut self, key: String, length: u64) {
        self.take(&key);
        let last_use = self.next_use();
        self.order.insert(last_use, key.clone());
        self.entries.insert(key, Entry { length, last_use });
        self.total_bytes += length;
        assert!(self.total_bytes <= self.limit_bytes, "room was made");
    }

    /// Gives an object up; the name of its file.
    pub(super) fn take(&mut self, key: &str) -> Option<String> {
        let entry = self.entries.remove(key)?;
        self.order.remove(&entry.last_use);
        self.total_bytes -= entry.length;
        Some(file_name(key, entry.length))
    }

    fn next_use(&mut self) -> u64 {
        self.uses += 1;
        self.uses
    }
}

/// Key and length of a kept file's name.
fn parse(name: &str) -> Option<(&str, u64)> {
    let (key, length) = name.split_once('-')?;
    let is_key = key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
    let length = length.parse().ok()?;
    (is_key && file_name(key, length) == name).then_some((key, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(kept: &Kept) -> Vec<&str> {
        kept.order.values().map(String::as_str).collect()
    }

    #[test]
    fn the_least_recently_used_makes_room() {
        let mut kept = Kept::new(10);
        for key in ["a", "b", "c"] {
            assert!(kept.make_room(3).is_empty());
            kept.insert(key.to_owned(), 3);
        }
        assert_eq!(kept.touch("a"), Some(3));
        assert_eq!(kept.make_room(3), ["b-3"]);
        assert_eq!(keys(&kept), ["c", "a"]);
        assert_eq!(kept.make_room(9), ["c-3", "a-3"]);
        assert_eq!(kept.total_bytes(), 0);
    }

    #[test]
    fn what_is_kept_again_counts_once() {
        let mut kept = Kept::new(10);
        kept.insert("a".to_owned(), 6);
        kept.insert("a".to_owned(), 7);
        assert_eq!((kept.total_bytes(), kept.touch("a")), (7, Some(7)));
        assert_eq!(kept.take("a").as_deref(), Some("a-7"));
        assert_eq!((kept.total_bytes(), kept.touch("a")), (0, None));
    }

    #[test]
    fn only_names_made_here_are_taken_over() {
        let key = "0".repeat(64);
        assert_eq!(parse(&format!("{key}-12")), Some((key.as_str(), 12)));
        for stranger in [format!("{key}-012"), format!("{key}-"), key, "README".to_owned()] {
            assert_eq!(parse(&stranger), None, "{stranger}");
        }
    }
}
