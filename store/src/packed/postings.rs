//! All posting lists of one dimension: for each key the rows that have it.
//!
//! `data length u64 | keys | groups | longs before | longs | data`: the keys as
//! [`SortedKeys`], then as [`Bits`] the byte where each group of 32 lists is, how many long lists
//! come before it, and the byte where each long list is. The data are the groups, the long lists
//! and 7 bytes of zeros. Keys that have no row cost nothing.

use super::bit_writer::BitWriter;
use super::bits::{Bits, PADDING_BYTES, width_of};
use super::blocks;
use super::group::{self, GROUP_LEN, Member};
use super::list::List;
use super::rows_by_key::RowsByKey;
use super::sorted_keys::{SortedKeys, SortedKeysWriter};

/// Says of a row that it has no key; never a key itself.
pub(crate) const NO_KEY: u32 = u32::MAX;
const KEY_BITS: u32 = 32;

/// A view of the lists of one dimension.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lists<'a> {
    keys: SortedKeys<'a>,
    groups: Bits<'a>,
    longs_before: Bits<'a>,
    longs: Bits<'a>,
    data: &'a [u8],
}

impl<'a> Lists<'a> {
    /// Appends the lists of rows 0, 1, …, of which `keys` says each one's key or [`NO_KEY`].
    ///
    /// Further pairs of row and key come in any order. A row that has a key more than once is in
    /// its list once.
    pub(crate) fn write(keys: &[u32], further: &[(u32, u32)], out: &mut Vec<u8>) {
        let rows = RowsByKey::new(keys, further);
        let data = Data::of(&rows);
        out.extend_from_slice(&data.len_bytes().to_le_bytes());
        write_keys(&rows, out);
        data.finish(out);
    }

    /// The view of exactly these bytes; `None` if their lengths do not agree.
    pub(crate) fn open(bytes: &'a [u8]) -> Option<Self> {
        let (data_bytes, rest) = bytes.split_first_chunk::<8>()?;
        let (keys, rest) = SortedKeys::open_prefix(rest, KEY_BITS)?;
        let (groups, rest) = Bits::open_prefix(rest)?;
        let (longs_before, rest) = Bits::open_prefix(rest)?;
        let (longs, data) = Bits::open_prefix(rest)?;
        let expected = keys.len().div_ceil(GROUP_LEN);
        let lists = Self { keys, groups, longs_before, longs, data };
        let is_sound = groups.len() == expected
            && longs_before.len() == expected
            && data.len() as u64 == u64::from_le_bytes(*data_bytes);
        is_sound.then_some(lists)
    }

    /// The keys in ascending order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = u32> + use<'a> {
        self.keys.iter().map(super::bits::low)
    }

    /// The keys in ascending order with their lists.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, List<'a>)> + use<'a> {
        let lists = *self;
        (0..).zip(self.keys()).filter_map(move |(index, key)| Some((key, lists.list(index)?)))
    }

    /// The rows that have the key; `None` if none has.
    pub(crate) fn get(&self, key: u32) -> Option<List<'a>> {
        self.list(self.keys.find(key.into()).next()?)
    }

    #[inline]
    fn list(&self, index: u32) -> Option<List<'a>> {
        match self.member(index)? {
            Member::Short { len, rows } => Some(List::short(self.data, len, rows)),
            Member::Long(before) => blocks::open(self.data, self.long(index, before)?),
        }
    }

    #[inline]
    fn member(&self, index: u32) -> Option<Member> {
        let (group, slot) = (index / GROUP_LEN, index % GROUP_LEN);
        let byte = self.byte(self.groups.get(group))?;
        let len = GROUP_LEN.min(self.keys.len() - group * GROUP_LEN);
        Some(group::member(self.data, byte, len, slot))
    }

    /// Where the long list is that so many of its group come before.
    #[inline]
    fn long(&self, index: u32, before: u32) -> Option<usize> {
        let long = self.longs_before.get(index / GROUP_LEN) + u64::from(before);
        self.byte(self.longs.get(u32::try_from(long).ok()?))
    }

    /// An offset as a place in the data.
    #[inline]
    fn byte(&self, offset: u64) -> Option<usize> {
        usize::try_from(offset).ok().filter(|byte| *byte < self.data.len())
    }
}

fn write_keys(rows: &RowsByKey, out: &mut Vec<u8>) {
    let count = u32::try_from(rows.lists().len()).expect("keys are u32 and differ");
    let greatest = rows.lists().last().map_or(0, |(key, _)| key);
    let mut writer = SortedKeysWriter::new(count, width_of(greatest.into()));
    rows.lists().for_each(|(key, _)| writer.push(key.into()));
    writer.finish(out);
}

/// The lists as they are written, and where each one is.
#[derive(Debug, Default)]
struct Data {
    groups: Vec<u64>,
    longs_before: Vec<u64>,
    /// From the end of the groups.
    longs: Vec<u64>,
    grouped: BitWriter,
    long: BitWriter,
}

impl Data {
    fn of(rows: &RowsByKey) -> Self {
        let mut data = Self::default();
        let mut group = Vec::new();
        for (_, rows) in rows.lists() {
            group.push(rows);
            if group.len() == GROUP_LEN as usize {
                data.append(&group);
                group.clear();
            }
        }
        if !group.is_empty() {
            data.append(&group);
        }
        data
    }

    fn append(&mut self, group: &[&[u32]]) {
        self.groups.push(self.grouped.len_bytes() as u64);
        self.longs_before.push(self.longs.len() as u64);
        group::write(group, &mut self.grouped);
        for rows in group.iter().filter(|rows| rows.len() >= blocks::BLOCK_LEN) {
            self.longs.push(self.long.len_bytes() as u64);
            blocks::write(rows, &mut self.long);
        }
    }

    fn len_bytes(&self) -> u64 {
        (self.grouped.len_bytes() + self.long.len_bytes() + PADDING_BYTES) as u64
    }

    fn finish(self, out: &mut Vec<u8>) {
        let [grouped, long] = [self.grouped.into_bytes(), self.long.into_bytes()];
        let after_groups = grouped.len() as u64;
        Bits::write(self.groups, out);
        Bits::write(self.longs_before, out);
        Bits::write(self.longs.into_iter().map(|offset| offset + after_groups), out);
        out.extend_from_slice(&grouped);
        out.extend_from_slice(&long);
        out.extend_from_slice(&[0; PADDING_BYTES]);
    }
}
