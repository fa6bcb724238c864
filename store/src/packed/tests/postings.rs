//! All lists of a dimension.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use crate::packed::{Lists, NO_KEY};

pub(super) type Oracle = BTreeMap<u32, BTreeSet<u32>>;

pub(super) fn written(keys: &[u32], further: &[(u32, u32)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    Lists::write(keys, further, &mut bytes);
    bytes
}

/// The lists of one key with these rows.
pub(super) fn of_rows(rows: &BTreeSet<u32>) -> Vec<u8> {
    let further: Vec<(u32, u32)> = rows.iter().map(|row| (*row, 1)).collect();
    written(&[], &further)
}

fn oracle(keys: &[u32], further: &[(u32, u32)]) -> Oracle {
    let mut lists = Oracle::new();
    let main = (0..).zip(keys.iter().copied());
    for (row, key) in main.chain(further.iter().copied()).filter(|pair| pair.1 != NO_KEY) {
        lists.entry(key).or_default().insert(row);
    }
    lists
}

/// Rows whose keys are few or many, close together or far apart, some without.
fn keys() -> impl Strategy<Value = Vec<u32>> {
    let key = prop_oneof![
        Just(0..=0_u32),
        Just(3..=6),
        Just(1_000_000..=1_000_060),
        Just(u32::MAX - 400..=u32::MAX),
        Just(0..=u32::MAX),
    ];
    prop::collection::vec(key, 1..3).prop_flat_map(|ranges| {
        let ranges: Vec<_> = ranges.into_iter().map(Strategy::boxed).collect();
        prop::collection::vec(prop::strategy::Union::new(ranges), 0..1200)
    })
}

fn further() -> impl Strategy<Value = Vec<(u32, u32)>> {
    let row = prop_oneof![0..1300_u32, any::<u32>(), Just(u32::MAX)];
    let key = prop_oneof![0..9_u32, any::<u32>(), Just(NO_KEY)];
    prop::collection::vec((row, key), 0..200)
}

proptest! {
    #[test]
    fn each_key_has_its_rows(
        keys in keys(),
        further in further(),
        others in prop::collection::vec(any::<u32>(), 8),
        repeated in 0..200_usize,
    ) {
        // Some pairs twice, some a repetition of a row's own key.
        let own = (0..).zip(keys.iter().copied()).take(repeated / 2);
        let further: Vec<_> =
            further.iter().chain(further.iter().take(repeated)).copied().chain(own).collect();
        let expected = oracle(&keys, &further);
        let bytes = written(&keys, &further);
        let lists = Lists::open(&bytes).unwrap();
        prop_assert!(lists.keys().eq(expected.keys().copied()));
        let total: usize = expected.values().map(|rows| rows.len()).sum();
        prop_assert_eq!(total_of(&lists), total as u64);
        for (key, rows) in &expected {
            let list = lists.get(*key).unwrap();
            prop_assert_eq!(list.len() as usize, rows.len());
            prop_assert_eq!(len_of(&lists, *key) as usize, rows.len());
            prop_assert_eq!(Some(&list.first()), rows.first());
            prop_assert_eq!(Some(&list.last()), rows.last());
        }
        let walked = lists.iter().map(|(key, list)| (key, list.len() as usize, list.last()));
        let walk = expected.iter().map(|(key, rows)| (*key, rows.len(), *rows.last().unwrap()));
        prop_assert!(walked.eq(walk));
        for key in others.into_iter().filter(|key| !expected.contains_key(key)) {
            prop_assert_eq!((len_of(&lists, key), lists.get(key).is_none()), (0, true));
        }
    }

    #[test]
    fn rank_and_count_agree_with_the_rows(
        rows in super::cursor::rows(),
        bounds in super::cursor::rows(),
    ) {
        prop_assume!(!rows.is_empty());
        let bytes = of_rows(&rows);
        let list = Lists::open(&bytes).unwrap().get(1).unwrap();
        let around = |row: &u32| [row.wrapping_sub(1), *row, row.wrapping_add(1)];
        let near = rows.iter().chain(&bounds).flat_map(around);
        let near: Vec<u32> = near.chain([0, u32::MAX]).collect();
        for bound in &near {
            prop_assert_eq!(list.rank(*bound) as usize, rows.range(..bound).count());
        }
        for (start, end) in near.iter().zip(near.iter().rev()).take(100) {
            let expected = if start < end { rows.range(start..end).count() } else { 0 };
            prop_assert_eq!(list.count_in(*start..*end) as usize, expected);
        }
    }
}

#[test]
fn no_rows_make_no_lists() {
    for bytes in [written(&[], &[]), written(&[NO_KEY; 9], &[(3, NO_KEY)])] {
        let lists = Lists::open(&bytes).unwrap();
        assert_eq!((lists.keys().count(), total_of(&lists)), (0, 0));
        assert_eq!((len_of(&lists, 0), lists.get(0).is_none()), (0, true));
    }
}

#[test]
fn one_row_is_a_list() {
    for (row, key) in [(0, 0), (0, NO_KEY - 1), (u32::MAX, 0), (u32::MAX, NO_KEY - 1)] {
        let bytes = written(&[], &[(row, key)]);
        let list = Lists::open(&bytes).unwrap().get(key).unwrap();
        assert_eq!((list.len(), list.first(), list.last()), (1, row, row));
        assert_eq!((list.rank(row), list.count_in(0..u32::MAX)), (0, u32::from(row < u32::MAX)));
    }
}

#[test]
fn short_lists_take_little_more_than_their_rows() {
    // 3,200 keys of one row each, in order: nothing but groups.
    let keys: Vec<u32> = (0..3_200).collect();
    let bytes = written(&keys, &[]);
    assert!(bytes.len() * 8 < 3_200 * 13, "{}", bytes.len());
}

#[test]
fn neighbours_of_a_long_list_stay_short() {
    let keys: Vec<u32> = (0..10_000).map(|row| if row % 100 == 0 { row } else { 50 }).collect();
    let bytes = written(&keys, &[]);
    let lists = Lists::open(&bytes).unwrap();
    assert_eq!((len_of(&lists, 50), len_of(&lists, 0), len_of(&lists, 9_900)), (9_900, 1, 1));
    assert_eq!(lists.get(9_900).unwrap().first(), 9_900);
    assert_eq!(lists.get(50).unwrap().last(), 9_999);
}

fn len_of(lists: &Lists<'_>, key: u32) -> u32 {
    lists.get(key).map_or(0, |list| list.len())
}

fn total_of(lists: &Lists<'_>) -> u64 {
    lists.iter().map(|(_, list)| u64::from(list.len())).sum()
}
