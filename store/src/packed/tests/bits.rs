//! Columns of unsigned integers.

use proptest::prelude::*;

use crate::packed::Bits;
use crate::packed::bits::low;

fn written(values: &[u64]) -> Vec<u8> {
    let mut bytes = Vec::new();
    Bits::write(values.iter().copied(), &mut bytes);
    bytes
}

/// Values whose greatest has any width up to 56.
fn values() -> impl Strategy<Value = Vec<u64>> {
    (0..=56_u32).prop_flat_map(|width| prop::collection::vec(0..=(1_u64 << width) - 1, 0..700))
}

proptest! {
    #[test]
    fn every_value_comes_back(values in values()) {
        let bytes = written(&values);
        let bits = Bits::open(&bytes).unwrap();
        prop_assert_eq!(bits.len() as usize, values.len());
        let read: Vec<u64> = (0..bits.len()).map(|index| bits.get(index)).collect();
        prop_assert_eq!(read, values);
    }

    #[test]
    fn unpack_copies_what_get_reads(values in values(), start in 0..800_u32, len in 0..800_usize) {
        let bytes = written(&values);
        let mut out = vec![7; len];
        let count = Bits::open(&bytes).unwrap().unpack(start, &mut out);
        let expected: Vec<u32> = values
            .iter()
            .skip(start as usize)
            .take(len)
            .map(|value| low(*value))
            .collect();
        prop_assert_eq!(&out[..count], &expected[..]);
        prop_assert!(out[count..].iter().all(|untouched| *untouched == 7));
    }
}

#[test]
fn zeros_take_no_room() {
    let bytes = written(&[0; 1000]);
    assert_eq!(bytes.len(), 5);
    let bits = Bits::open(&bytes).unwrap();
    assert_eq!((bits.len(), bits.get(0), bits.get(999)), (1000, 0, 0));
    assert_eq!(written(&[]).len(), 5);
}

#[test]
fn the_width_is_that_of_the_greatest_value() {
    let packed = |values: &[u64]| written(values).len() - 5 - 7;
    assert_eq!(packed(&[1; 64]), 8);
    assert_eq!(packed(&[1, 2]), 1);
    assert_eq!(packed(&[(1 << 56) - 1; 3]), 21);
}

#[test]
#[should_panic(expected = "72057594037927936 is wider than 56 bits")]
fn a_value_over_56_bits_is_refused() {
    written(&[1 << 56]);
}

#[test]
fn what_follows_a_column_is_handed_back() {
    let mut bytes = written(&[5, 6]);
    bytes.extend_from_slice(b"rest");
    let (bits, rest) = Bits::open_prefix(&bytes).unwrap();
    assert_eq!((bits.get(0), bits.get(1), rest), (5, 6, &b"rest"[..]));
    assert!(Bits::open(&bytes).is_none());
}
