//! Counts of a segment's rows that were asked for before: the rows never change, and so neither do
//! their counts.
//!
//! Kept with the open segment and gone with it; the ones asked for longest ago make room. A key is
//! compared as a whole and not by a hash: no other question's counts are ever given.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

/// Bytes of keys and counts that are kept for one segment.
const KEPT_BYTES_MAX: usize = 2 << 20;

/// Counts by code, of several dimensions.
type Counts = Arc<[Vec<u32>]>;

/// Counts by what was asked.
#[derive(Debug, Default)]
pub(crate) struct KeptCounts(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// The one asked for last is the last.
    entries: VecDeque<(Box<[u64]>, Counts)>,
    bytes: usize,
}

impl KeptCounts {
    /// The counts kept under this key.
    pub(crate) fn get(&self, key: &[u64]) -> Option<Counts> {
        let mut kept = self.0.lock();
        let at = kept.entries.iter().position(|(other, _)| **other == *key)?;
        let entry = kept.entries.remove(at)?;
        let counts = entry.1.clone();
        kept.entries.push_back(entry);
        Some(counts)
    }

    /// Keeps counts. What takes more than a quarter of the room is not kept.
    pub(crate) fn put(&self, key: Vec<u64>, counts: &Counts) {
        let size = size_bytes(&key, counts);
        if size > KEPT_BYTES_MAX / 4 {
            return;
        }
        let mut kept = self.0.lock();
        if kept.entries.iter().any(|(other, _)| **other == *key) {
            return;
        }
        kept.bytes += size;
        kept.entries.push_back((key.into(), counts.clone()));
        while kept.bytes > KEPT_BYTES_MAX
            && let Some((key, counts)) = kept.entries.pop_front()
        {
            kept.bytes -= size_bytes(&key, &counts);
        }
    }
}

fn size_bytes(key: &[u64], counts: &Counts) -> usize {
    let counts = counts.iter().map(Vec::len).sum::<usize>();
    size_of_val(key) + counts * size_of::<u32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_longest_ago_makes_room() {
        let kept = KeptCounts::default();
        let counts = |count: u32| -> Counts { vec![vec![count; 40_000]].into() };
        for key in 0..13 {
            kept.put(vec![key.into()], &counts(key));
        }
        assert_eq!(kept.get(&[0]).unwrap()[0][0], 0);
        kept.put(vec![13], &counts(13));
        let found: Vec<u64> = (0..14).filter(|key| kept.get(&[*key]).is_some()).collect();
        assert_eq!(found, [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
        assert!(kept.0.lock().bytes <= KEPT_BYTES_MAX);
        kept.put(vec![14], &vec![vec![0; 1 << 18]].into());
        assert!(kept.get(&[14]).is_none());
    }
}
