//! The rows of every key, sorted by counting.

use std::ops::Range;

use super::bits::low;
use super::postings::NO_KEY;

/// Keys are counted in an array if it has at most this many places an entry …
const PLACES_PER_ENTRY: u64 = 4;
/// … or this many in all; otherwise the entries are sorted.
const PLACES_ALWAYS: u64 = 1024;

/// Rows grouped by key, each list ascending and without repetition.
#[derive(Debug, Default)]
pub(super) struct RowsByKey {
    rows: Vec<u32>,
    /// By ascending key; a list is never empty.
    lists: Vec<(u32, Range<usize>)>,
}

impl RowsByKey {
    /// Groups the rows: one key a row (or [`NO_KEY`]) and further pairs of row and key.
    pub(super) fn new(keys: &[u32], further: &[(u32, u32)]) -> Self {
        let mut further = further.to_vec();
        further.sort_unstable();
        let (mut len, mut least, mut greatest) = (0_u64, NO_KEY, 0);
        each_entry(keys, &further, |key, _| {
            len += 1;
            least = least.min(key);
            greatest = greatest.max(key);
        });
        if len == 0 {
            return Self::default();
        }
        let places = u64::from(greatest - least) + 1;
        if places <= PLACES_ALWAYS.max(len * PLACES_PER_ENTRY) {
            Self::count(keys, &further, least..=greatest)
        } else {
            Self::sort(keys, &further)
        }
    }

    /// The keys with their rows.
    pub(super) fn lists(&self) -> impl ExactSizeIterator<Item = (u32, &[u32])> {
        self.lists.iter().map(|(key, range)| (*key, &self.rows[range.clone()]))
    }

    fn count(keys: &[u32], further: &[(u32, u32)], between: std::ops::RangeInclusive<u32>) -> Self {
        let least = *between.start();
        let mut starts = vec![0_usize; (between.end() - least) as usize + 2];
        each_entry(keys, further, |key, _| starts[(key - least) as usize + 1] += 1);
        for place in 1..starts.len() {
            starts[place] += starts[place - 1];
        }
        let mut ends = starts.clone();
        let mut rows = vec![0; starts.last().copied().unwrap_or(0)];
        each_entry(keys, further, |key, row| {
            let place = (key - least) as usize;
            let end = ends[place];
            // Entries come by row, so a repetition is next to what it repeats.
            if end == starts[place] || rows[end - 1] != row {
                rows[end] = row;
                ends[place] = end + 1;
            }
        });
        let ranges = between.zip(starts.into_iter().zip(ends).map(|(start, end)| start..end));
        Self { rows, lists: ranges.filter(|(_, range)| !range.is_empty()).collect() }
    }

    fn sort(keys: &[u32], further: &[(u32, u32)]) -> Self {
        let mut entries = Vec::new();
        each_entry(keys, further, |key, row| entries.push(u64::from(key) << 32 | u64::from(row)));
        entries.sort_unstable();
        entries.dedup();
        let mut lists: Vec<(u32, Range<usize>)> = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let key = low(entry >> 32);
            match lists.last_mut() {
                Some((last, range)) if *last == key => range.end = index + 1,
                _ => lists.push((key, index..index + 1)),
            }
        }
        Self { rows: entries.into_iter().map(low).collect(), lists }
    }
}

/// Calls with every key and row, by row; the further pairs come sorted.
fn each_entry(keys: &[u32], further: &[(u32, u32)], mut call: impl FnMut(u32, u32)) {
    let mut further = further.iter().copied().filter(|pair| pair.1 != NO_KEY).peekable();
    for (row, &key) in (0..).zip(keys) {
        if key != NO_KEY {
            call(key, row);
        }
        while let Some((row, key)) = further.next_if(|pair| pair.0 <= row) {
            call(key, row);
        }
    }
    further.for_each(|(row, key)| call(key, row));
}
