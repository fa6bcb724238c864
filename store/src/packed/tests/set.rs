//! Sets of codes.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::packed::CodeSet;
use crate::packed::bits::low;

proptest! {
    #[test]
    fn a_set_holds_what_it_was_built_from(
        base in any::<u32>(),
        spread in prop::sample::select(vec![8_u32, 300, 100_000, u32::MAX]),
        picks in prop::collection::vec(any::<u32>(), 0..300),
    ) {
        let code = |pick: u32| base.wrapping_add(low(u64::from(pick) % (u64::from(spread) + 1)));
        let expected: BTreeSet<u32> = picks.iter().copied().map(code).collect();
        let set: CodeSet = picks.iter().copied().map(code).collect();
        prop_assert_eq!(set.len(), expected.len());
        prop_assert_eq!(set.is_empty(), expected.is_empty());
        prop_assert!(set.iter().eq(expected.iter().copied()));
        for code in expected.iter().copied().chain(picks).chain([0, 1, base, u32::MAX]) {
            for code in [code.wrapping_sub(1), code, code.wrapping_add(1)] {
                prop_assert_eq!(set.contains(code), expected.contains(&code));
            }
        }
    }
}

#[test]
fn the_empty_set_holds_nothing() {
    let set: CodeSet = [].into_iter().collect();
    assert!(set.is_empty());
    assert!([0, 1, 63, 64, u32::MAX].into_iter().all(|code| !set.contains(code)));
}

#[test]
fn the_least_and_the_greatest_code_are_codes() {
    for more in [vec![], vec![1, 2, 3], vec![5; 9], (0..5_000).collect()] {
        let set: CodeSet = more.into_iter().chain([0, u32::MAX]).collect();
        assert!(set.contains(0) && set.contains(u32::MAX) && !set.contains(u32::MAX - 1));
    }
}
