//! Maps from 48-bit hashes.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::packed::{KeyTable, key_hash};

const LIMIT: u64 = 1 << 48;

fn written(entries: &[(u64, u32)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    KeyTable::write(entries.to_vec(), &mut bytes);
    bytes
}

/// Hashes spread evenly, crowded in few places, or both.
fn entries() -> impl Strategy<Value = Vec<(u64, u32)>> {
    let hash = prop_oneof![
        0..LIMIT,
        0..40_u64,
        LIMIT - 40..LIMIT,
        (0..16_u64, 0..3_u64).prop_map(|(high, low)| high << 44 | low),
    ];
    let value = prop_oneof![any::<u32>(), 0..100_u32];
    prop::collection::vec((hash, value), 0..600)
}

fn by_hash(entries: &[(u64, u32)]) -> BTreeMap<u64, Vec<u32>> {
    let mut expected: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
    for (hash, value) in entries {
        expected.entry(*hash).or_default().push(*value);
    }
    expected.values_mut().for_each(|values| values.sort_unstable());
    expected
}

proptest! {
    #[test]
    fn each_hash_finds_exactly_its_values(
        entries in entries(),
        others in prop::collection::vec(0..LIMIT, 50),
    ) {
        let expected = by_hash(&entries);
        let bytes = written(&entries);
        let table = KeyTable::open(&bytes).unwrap();
        prop_assert_eq!(table.len() as usize, entries.len());
        let near = expected.keys().flat_map(|hash| [hash.saturating_sub(1), *hash, hash + 1]);
        for hash in near.chain(others).chain([0, LIMIT - 1, LIMIT, u64::MAX]) {
            let found: Vec<u32> = table.get(hash).collect();
            prop_assert_eq!(found, expected.get(&hash).cloned().unwrap_or_default());
        }
    }

    #[test]
    fn the_walk_is_sorted(entries in entries()) {
        let bytes = written(&entries);
        let walked: Vec<_> = KeyTable::open(&bytes).unwrap().iter().collect();
        let mut expected = entries;
        expected.sort_unstable();
        prop_assert_eq!(walked, expected);
    }

    #[test]
    fn a_merge_is_the_table_of_all_mapped_entries(
        tables in prop::collection::vec((entries(), any::<u32>()), 0..5),
    ) {
        let written_tables: Vec<_> = tables.iter().map(|(entries, _)| written(entries)).collect();
        let opened: Vec<_> = written_tables
            .iter()
            .zip(&tables)
            .map(|(bytes, (_, by))| (KeyTable::open(bytes).unwrap(), |v: u32| v.wrapping_add(*by)))
            .collect();
        let mut merged = Vec::new();
        KeyTable::merge(&opened, &mut merged);
        let all: Vec<_> = tables
            .iter()
            .flat_map(|(entries, by)| entries.iter().map(|(hash, v)| (*hash, v.wrapping_add(*by))))
            .collect();
        let mut found = BTreeMap::new();
        let table = KeyTable::open(&merged).unwrap();
        for hash in all.iter().map(|entry| entry.0) {
            let mut values: Vec<u32> = table.get(hash).collect();
            values.sort_unstable();
            found.insert(hash, values);
        }
        prop_assert_eq!(table.len() as usize, all.len());
        prop_assert_eq!(found, by_hash(&all));
    }
}

#[test]
fn a_merge_keeps_the_order_of_the_tables_within_a_hash() {
    let tables = [written(&[(7, 3), (9, 1)]), written(&[(7, 1)])];
    let opened =
        tables.each_ref().map(|bytes| (KeyTable::open(bytes).unwrap(), |value| value + 10));
    let mut merged = Vec::new();
    KeyTable::merge(&opened, &mut merged);
    let walked: Vec<_> = KeyTable::open(&merged).unwrap().iter().collect();
    assert_eq!(walked, [(7, 13), (7, 11), (9, 11)]);
}

#[test]
#[should_panic(expected = "hash 0x1000000000000 is wider than 48 bits")]
fn a_hash_over_48_bits_is_refused() {
    written(&[(LIMIT, 0)]);
}

#[test]
fn an_entry_takes_its_remainder_its_value_and_little_more() {
    let entries: Vec<_> = (0..10_000_u32).map(|i| (key_hash(&[&i.to_le_bytes()]), i)).collect();
    let bits = written(&entries).len() as f64 * 8.0 / 10_000.0;
    // 39 of 48 bits, 14 of the value, 14 for each bucket of about 20.
    assert!((53.0..54.0).contains(&bits), "{bits}");
}

#[test]
fn the_hash_of_a_key_is_as_written_in_the_format() {
    // The first six bytes of SHA-256 of nothing, of 01000000 61 and of 01000000 61 00000000.
    assert_eq!(key_hash(&[]).to_le_bytes(), [0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0, 0]);
    assert_eq!(key_hash(&[b"a"]).to_le_bytes(), [0xf9, 0xf2, 0xef, 0xf0, 0x42, 0xfb, 0, 0]);
    assert_eq!(key_hash(&[b"a", b""]).to_le_bytes(), [0x9f, 0x70, 0x59, 0xde, 0xa5, 0x3b, 0, 0]);
}

#[test]
fn parts_do_not_run_into_each_other() {
    let hashes = [
        key_hash(&[b"ab", b"c"]),
        key_hash(&[b"a", b"bc"]),
        key_hash(&[b"abc"]),
        key_hash(&[b"abc", b""]),
    ];
    let distinct: std::collections::BTreeSet<_> = hashes.into_iter().collect();
    assert_eq!(distinct.len(), 4);
}
