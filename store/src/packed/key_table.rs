//! A map from 48-bit hashes to integers that needs no filter beside it.
//!
//! `keys | values`: [`SortedKeys`] of the hashes and [`Bits`] of the values in the same order. All
//! 48 bits are compared, so of N entries a foreign key meets one with probability N / 2^48; who
//! must be certain looks at what the value points to. Several entries may share a hash.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::bits::{Bits, BitsWriter};
use super::sorted_keys::{SortedKeys, SortedKeysWriter};

const HASH_BITS: u32 = 48;

/// A view of such a map.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyTable<'a> {
    hashes: SortedKeys<'a>,
    values: Bits<'a>,
}

impl<'a> KeyTable<'a> {
    /// Appends a table of these entries, in any order; the hashes must be below 2^48.
    pub(crate) fn write(mut entries: Vec<(u64, u32)>, out: &mut Vec<u8>) {
        entries.sort_unstable();
        let greatest = entries.iter().map(|entry| entry.1).max();
        let mut writer = KeyTableWriter::new(entries.len(), greatest.unwrap_or(0));
        entries.iter().for_each(|&(hash, value)| writer.push(hash, value));
        writer.finish(out);
    }

    /// Appends one table with the entries of all, each value put through its table's function.
    /// Entries of one hash come in the order of the tables.
    pub(crate) fn merge<F: Fn(u32) -> u32>(tables: &[(KeyTable<'_>, F)], out: &mut Vec<u8>) {
        let len = tables.iter().map(|(table, _)| table.len() as usize).sum();
        let values =
            tables.iter().flat_map(|(table, map)| table.iter().map(move |entry| map(entry.1)));
        let mut writer = KeyTableWriter::new(len, values.max().unwrap_or(0));
        let mut entries: Vec<_> = tables.iter().map(|(table, _)| table.iter()).collect();
        let mut next = |table: usize| {
            let (hash, value) = entries[table].next()?;
            Some(Reverse((hash, table, tables[table].1(value))))
        };
        let mut heads: BinaryHeap<_> = (0..tables.len()).filter_map(&mut next).collect();
        while let Some(Reverse((hash, table, value))) = heads.pop() {
            writer.push(hash, value);
            heads.extend(next(table));
        }
        writer.finish(out);
    }

    /// The view of exactly these bytes; `None` if their length is not what they say.
    pub(crate) fn open(bytes: &'a [u8]) -> Option<Self> {
        let (hashes, rest) = SortedKeys::open_prefix(bytes, HASH_BITS)?;
        let values = Bits::open(rest)?;
        (hashes.len() == values.len()).then_some(Self { hashes, values })
    }

    /// How many entries there are.
    #[inline]
    pub(crate) fn len(&self) -> u32 {
        self.values.len()
    }

    /// The values of exactly this hash.
    #[inline]
    pub(crate) fn get(&self, hash: u64) -> impl Iterator<Item = u32> + use<'a> {
        let values = self.values;
        self.hashes.find(hash).map(move |index| super::bits::low(values.get(index)))
    }

    /// Whether there is an entry of this hash.
    #[inline]
    pub(crate) fn contains(&self, hash: u64) -> bool {
        self.hashes.find(hash).next().is_some()
    }

    /// All entries in the order of their hashes.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, u32)> + use<'a> {
        let values = self.values;
        let values = (0..values.len()).map(move |index| super::bits::low(values.get(index)));
        self.hashes.iter().zip(values)
    }
}

/// Writes entries that come in the order of their hashes.
struct KeyTableWriter {
    hashes: SortedKeysWriter,
    values: BitsWriter,
}

impl KeyTableWriter {
    fn new(len: usize, greatest: u32) -> Self {
        let len = u32::try_from(len).expect("a table has fewer than 2^32 entries");
        Self {
            hashes: SortedKeysWriter::new(len, HASH_BITS),
            values: BitsWriter::new(greatest.into()),
        }
    }

    fn push(&mut self, hash: u64, value: u32) {
        assert!(hash >> HASH_BITS == 0, "hash {hash:#x} is wider than {HASH_BITS} bits");
        self.hashes.push(hash);
        self.values.push(value.into());
    }

    fn finish(self, out: &mut Vec<u8>) {
        self.hashes.finish(out);
        self.values.finish(out);
    }
}
