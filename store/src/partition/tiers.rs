//! Which neighbouring segments become one.
//!
//! A segment's tier is the number of thresholds its records reach. Neighbours are merged as soon as
//! together they reach a threshold that none of them reaches alone, so a record is written at most
//! once a tier; the largest tier is never rewritten. Where many small segments lie between larger
//! ones and reach nothing together, they are merged by their number: live segments stay bounded.

use std::ops::Range;

/// How segments are merged.
#[derive(Debug, Clone)]
pub struct CompactionOptions {
    /// Records a segment has from which on it is of the next tier, ascending. A segment that
    /// reaches the last one is not rewritten; a merged one has less than twice as many.
    pub tiers: Vec<u64>,
    /// So many neighbours below a threshold become one even if they do not reach it. At least 2.
    pub width: usize,
    /// Of zstd.
    pub level: i32,
}

impl Default for CompactionOptions {
    fn default() -> Self {
        let tiers = vec![512, 16 << 10, 128 << 10, 1 << 20, 8 << 20];
        Self { tiers, width: 32, level: 3 }
    }
}

/// The next merge, smallest tier first and oldest first within it; `None` if there is nothing to
/// do. `records` are those of the live segments, oldest range first.
pub(super) fn choose(records: &[u64], options: &CompactionOptions) -> Option<Range<usize>> {
    options.tiers.iter().find_map(|&threshold| {
        let mut from = 0;
        while from < records.len() {
            let below = records[from..].iter().take_while(|records| **records < threshold).count();
            let run = &records[from..from + below];
            if let Some(count) = promoted(run, threshold).or(crowded(run, options.width)) {
                return Some(from..from + count);
            }
            from += below + 1;
        }
        None
    })
}

/// How many of the first together reach the threshold.
fn promoted(run: &[u64], threshold: u64) -> Option<usize> {
    let mut sum = 0;
    let reaches = |records: &u64| {
        sum += records;
        sum >= threshold
    };
    run.iter().position(reaches).map(|last| last + 1)
}

fn crowded(run: &[u64], width: usize) -> Option<usize> {
    let width = width.max(2);
    (run.len() >= width).then_some(width)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a long run of seals came to.
    struct Outcome {
        live: Vec<u64>,
        most_live_small: usize,
        sealed: u64,
        written: u64,
    }

    fn run(seals: impl Iterator<Item = u64>, options: &CompactionOptions) -> Outcome {
        let largest = *options.tiers.last().unwrap();
        let mut outcome = Outcome { live: vec![], most_live_small: 0, sealed: 0, written: 0 };
        for records in seals {
            outcome.live.push(records);
            outcome.sealed += records;
            outcome.written += records;
            while let Some(range) = choose(&outcome.live, options) {
                assert!(range.len() > 1);
                let inputs = &outcome.live[range.clone()];
                assert!(inputs.iter().all(|records| *records < largest), "{inputs:?}");
                let sum = inputs.iter().sum::<u64>();
                assert!(sum < 2 * largest, "{inputs:?}");
                outcome.written += sum;
                outcome.live.splice(range, [sum]);
            }
            let small = outcome.live.iter().filter(|records| **records < largest).count();
            outcome.most_live_small = outcome.most_live_small.max(small);
        }
        outcome
    }

    #[test]
    fn neighbours_that_reach_a_threshold_together_become_one() {
        let options = CompactionOptions { tiers: vec![10, 100], width: 4, level: 3 };
        assert_eq!(choose(&[], &options), None);
        assert_eq!(choose(&[99], &options), None);
        assert_eq!(choose(&[100, 3, 3, 3], &options), None);
        assert_eq!(choose(&[100, 3, 3, 3, 1], &options), Some(1..5));
        assert_eq!(choose(&[50, 60, 9, 2], &options), Some(2..4), "smaller tiers come first");
        assert_eq!(choose(&[50, 60, 9], &options), Some(0..2));
        assert_eq!(choose(&[50, 100, 60], &options), None, "neighbours only");
        assert_eq!(choose(&[0, 0, 0, 0], &options), Some(0..4), "by their number");
        assert_eq!(choose(&[20, 1, 20, 1], &options), Some(0..4), "by their number");
    }

    #[test]
    fn seals_of_the_usual_size_are_written_four_times() {
        let outcome = run((0..3000).map(|_| 60_000), &CompactionOptions::default());
        assert!(outcome.written < 4 * outcome.sealed, "{}", outcome.written / outcome.sealed);
        assert!(outcome.most_live_small <= 16, "{}", outcome.most_live_small);
        assert!(outcome.live.len() < 40, "{}", outcome.live.len());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Sizes over four orders of magnitude, mixed in every way.
        #[test]
        fn segments_and_writing_stay_bounded(
            seed in any::<u64>(),
            least in 9u32..17,
            spread in 0u32..5,
            seals in 1usize..1500,
        ) {
            let mut dice = crate::fixture::Dice::new(seed);
            let sizes = (0..seals).map(|_| {
                let least = 1u64 << (u64::from(least) + dice.below(u64::from(spread) + 1));
                least + dice.below(least)
            });
            let options = CompactionOptions::default();
            let outcome = run(sizes, &options);
            prop_assert_eq!(outcome.live.iter().sum::<u64>(), outcome.sealed);
            prop_assert!(outcome.written <= 5 * outcome.sealed);
            prop_assert!(outcome.most_live_small <= 64, "{}", outcome.most_live_small);
            let whole = outcome.sealed / options.tiers.last().unwrap();
            prop_assert!(outcome.live.len() <= 64 + usize::try_from(whole).unwrap());
        }

        /// Without the rule by number this would leave a segment for every second seal.
        #[test]
        fn small_seals_between_large_ones_do_not_pile_up(seed in any::<u64>()) {
            let mut dice = crate::fixture::Dice::new(seed);
            let sizes = (0..2000).map(|_| 1u64 << (3 * dice.below(7)));
            let outcome = run(sizes, &CompactionOptions::default());
            prop_assert!(outcome.written <= 5 * outcome.sealed);
            prop_assert!(outcome.most_live_small <= 64, "{}", outcome.most_live_small);
        }
    }
}
