//! Columns of signed integers.

use proptest::prelude::*;

use crate::packed::Frames;

fn written(values: &[i64]) -> Vec<u8> {
    let mut bytes = Vec::new();
    Frames::write(values, &mut bytes);
    bytes
}

fn read(bytes: &[u8]) -> Vec<i64> {
    let frames = Frames::open(bytes).unwrap();
    (0..frames.len()).map(|index| frames.get(index)).collect()
}

/// Values that spread over any width, anywhere.
fn values() -> impl Strategy<Value = Vec<i64>> {
    let near = |(base, width): (i64, u32)| {
        let spread = u64::MAX.checked_shr(64 - width).unwrap_or(0);
        prop::collection::vec(0..=spread, 0..200).prop_map(move |values| {
            values.into_iter().map(|v| base.wrapping_add_unsigned(v)).collect()
        })
    };
    let frame = (any::<i64>(), 0..=64_u32).prop_flat_map(near);
    prop::collection::vec(frame, 0..4).prop_map(|frames: Vec<Vec<i64>>| frames.concat())
}

proptest! {
    #[test]
    fn every_value_comes_back(values in values()) {
        prop_assert_eq!(read(&written(&values)), values);
    }

    #[test]
    fn the_partition_point_of_a_sorted_column_is_found(
        mut values in values(),
        bounds in prop::collection::vec(any::<i64>(), 4),
    ) {
        values.sort_unstable();
        let bytes = written(&values);
        let frames = Frames::open(&bytes).unwrap();
        for bound in bounds.iter().chain(&values) {
            let found = frames.partition_point_sorted(|value| value < *bound);
            prop_assert_eq!(found as usize, values.partition_point(|value| value < bound));
            let found = frames.partition_point_sorted(|value| value <= *bound);
            prop_assert_eq!(found as usize, values.partition_point(|value| value <= bound));
        }
    }
}

proptest! {
    #[test]
    fn values_of_a_range_lie_in_the_ranges_told(
        values in values(),
        (one, other) in (any::<i64>(), any::<i64>()),
        near in any::<prop::sample::Index>(),
    ) {
        let bytes = written(&values);
        let frames = Frames::open(&bytes).unwrap();
        let at = values.get(near.index(values.len().max(1))).copied().unwrap_or(0);
        for (least, greatest) in [(one.min(other), one.max(other)), (at, at), (at, i64::MAX)] {
            let ranges = frames.ranges_between(least, greatest);
            prop_assert!(ranges.is_sorted_by(|a, b| a.end < b.start), "{:?}", ranges);
            for (index, value) in (0..).zip(&values) {
                let is_told = ranges.iter().any(|range| range.contains(&index));
                prop_assert!(is_told || !(least..=greatest).contains(value), "{} {}", index, value);
            }
        }
    }
}

#[test]
fn ranges_leave_frames_out_and_join_neighbours() {
    let values: Vec<i64> = (0..1_000).collect();
    let bytes = written(&values);
    let frames = Frames::open(&bytes).unwrap();
    let told = |least, greatest| -> Vec<(u32, u32)> {
        let ranges = frames.ranges_between(least, greatest);
        ranges.into_iter().map(|range| (range.start, range.end)).collect()
    };
    assert_eq!(told(300, 500), [(256, 512)]);
    assert_eq!(told(990, 5_000), [(896, 1_000)]);
    assert_eq!(told(-9, -1), []);
    assert_eq!(told(0, 999), [(0, 1_000)]);
}

#[test]
fn the_widest_spreads_come_back() {
    for values in [
        vec![i64::MIN, i64::MAX],
        vec![i64::MAX, 0, i64::MIN, -1],
        [vec![i64::MIN; 127], vec![i64::MAX], vec![3; 128], vec![i64::MAX, i64::MIN]].concat(),
        vec![0, 1 << 56],
        vec![0, (1 << 56) - 1],
    ] {
        assert_eq!(read(&written(&values)), values);
    }
}

#[test]
fn equal_values_take_only_their_frame() {
    assert_eq!(written(&[-9; 128]).len(), 4 + 13);
    assert_eq!(written(&[-9; 129]).len(), 4 + 2 * 13);
    assert_eq!(written(&[]).len(), 4);
}

#[test]
fn an_empty_column_partitions_at_0() {
    let bytes = written(&[]);
    assert_eq!(Frames::open(&bytes).unwrap().partition_point_sorted(|_| true), 0);
}
