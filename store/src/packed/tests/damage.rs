//! Bytes that nobody wrote: cut, flipped or invented. Whatever is read from them, nothing panics.

use proptest::prelude::*;

use super::postings::written;
use crate::packed::{Bits, CodeSet, Direction, Frames, KeyTable, Lists};

/// A claimed length may be four billion: only so much is read.
const ENOUGH: usize = 400;

fn indexes(len: u32) -> impl Iterator<Item = u32> {
    (0..len.min(200)).chain([len / 2, len.wrapping_sub(1), len, u32::MAX])
}

fn read_bits(bytes: &[u8]) {
    let Some(bits) = Bits::open(bytes) else { return };
    for index in indexes(bits.len()) {
        bits.get(index);
        bits.unpack(index, &mut [0; 200]);
    }
}

fn read_frames(bytes: &[u8]) {
    let Some(frames) = Frames::open(bytes) else { return };
    for index in indexes(frames.len()) {
        frames.get(index);
        let bound = frames.get(index / 2);
        frames.partition_point_sorted(|value| value < bound);
    }
}

fn read_table(bytes: &[u8]) {
    let Some(table) = KeyTable::open(bytes) else { return };
    for (hash, _) in table.iter().take(ENOUGH) {
        table.get(hash).take(ENOUGH).for_each(drop);
        table.get(hash ^ 1).take(ENOUGH).for_each(drop);
    }
    if (table.len() as usize) < 10 * ENOUGH {
        let add = |by: u32| move |value: u32| value.wrapping_add(by);
        let mut merged = Vec::new();
        KeyTable::merge(&[(table, add(1)), (table, add(2))], &mut merged);
        assert_eq!(KeyTable::open(&merged).unwrap().len(), table.len() * 2);
    }
}

fn read_lists(bytes: &[u8]) {
    let Some(lists) = Lists::open(bytes) else { return };
    let _: CodeSet = lists.keys().take(ENOUGH).collect();
    for (key, list) in lists.iter().take(ENOUGH) {
        lists.get(key);
        let [first, last] = [list.first(), list.last()];
        let middle = first / 2 + last / 2;
        for row in [0, first, middle, last, u32::MAX] {
            assert!(list.rank(row) <= list.len());
        }
        list.count_in(first..last);
        for direction in [Direction::Forward, Direction::Backward] {
            for range in [0..u32::MAX, first..last, middle..last] {
                let mut cursor = list.cursor(range, direction);
                (0..ENOUGH).for_each(|_| cursor.advance());
                [first, middle, last].into_iter().for_each(|row| cursor.seek(row));
                cursor.fill(middle.saturating_sub(300)..middle, &mut [0; 4]);
                cursor.peek();
            }
        }
    }
}

fn read_all(bytes: &[u8]) {
    read_bits(bytes);
    read_frames(bytes);
    read_table(bytes);
    read_lists(bytes);
}

/// Something of every kind, as written.
fn sound() -> impl Strategy<Value = Vec<u8>> {
    let numbers = prop::collection::vec(any::<u32>(), 0..400);
    (0..4_u8, numbers, 1..32_u32).prop_map(|(kind, numbers, shift)| {
        let mut bytes = Vec::new();
        match kind {
            0 => Bits::write(numbers.iter().map(|n| u64::from(n >> shift)), &mut bytes),
            1 => {
                let values: Vec<i64> = numbers.iter().map(|n| i64::from(*n) << shift).collect();
                Frames::write(&values, &mut bytes);
            }
            2 => {
                let entry = |n: &u32| (u64::from(*n) << 16 | u64::from(n >> shift), n >> shift);
                KeyTable::write(numbers.iter().map(entry).collect(), &mut bytes);
            }
            _ => {
                let keys: Vec<u32> = numbers.iter().map(|n| n >> shift).collect();
                let long: Vec<(u32, u32)> = numbers.iter().map(|n| (n >> (shift / 2), 3)).collect();
                bytes = written(&keys, &long);
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn flipped_bits_do_no_harm(
        mut bytes in sound(),
        flips in prop::collection::vec(any::<(prop::sample::Index, bool, u8)>(), 1..6),
    ) {
        for (place, is_near_the_start, change) in flips {
            // Headers come first, and are where a flip does most.
            let reach = if is_near_the_start { bytes.len().min(40) } else { bytes.len() };
            bytes[place.index(reach)] ^= change;
        }
        read_all(&bytes);
    }

    #[test]
    fn what_is_cut_off_is_missed_or_does_no_harm(
        bytes in sound(),
        cut in any::<prop::sample::Index>(),
    ) {
        read_all(&bytes[..cut.index(bytes.len() + 1)]);
    }

    #[test]
    fn invented_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }
}

#[test]
fn every_cut_of_a_column_is_found() {
    let mut columns = [const { Vec::new() }; 3];
    Bits::write(1..1_000, &mut columns[0]);
    Frames::write(&(1..1_000).map(|value| value * value).collect::<Vec<i64>>(), &mut columns[1]);
    KeyTable::write((1..1_000).map(|n| (n * n, 7)).collect(), &mut columns[2]);
    for cut in 0..columns[0].len() {
        assert!(Bits::open(&columns[0][..cut]).is_none(), "{cut}");
    }
    for cut in 0..columns[1].len() {
        assert!(Frames::open(&columns[1][..cut]).is_none(), "{cut}");
    }
    for cut in 0..columns[2].len() {
        assert!(KeyTable::open(&columns[2][..cut]).is_none(), "{cut}");
    }
    let keys: Vec<u32> = (0..1_000).map(|row| row % 30 * (row % 4)).collect();
    let lists = written(&keys, &[]);
    for cut in 0..lists.len() {
        assert!(Lists::open(&lists[..cut]).is_none(), "{cut}");
    }
}
