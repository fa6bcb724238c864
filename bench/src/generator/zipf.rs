//! Zipf's distribution: the k-th most frequent of n things occurs in proportion to 1 / k^s.

use super::Random;

/// Shares of ranks, most frequent first.
#[derive(Debug, Clone)]
pub(crate) struct Zipf {
    cumulative: Vec<f64>,
}

impl Zipf {
    /// So many ranks with this exponent.
    pub(crate) fn new(ranks: usize, exponent: f64) -> Self {
        let weights = (1..=ranks).map(|rank| (rank as f64).powf(-exponent));
        let mut sum = 0.0;
        let mut cumulative: Vec<f64> = weights
            .map(|weight| {
                sum += weight;
                sum
            })
            .collect();
        cumulative.iter_mut().for_each(|upper| *upper /= sum);
        Self { cumulative }
    }

    /// How many ranks.
    pub(crate) fn ranks(&self) -> usize {
        self.cumulative.len()
    }

    /// A rank from 0, by its share.
    pub(crate) fn pick(&self, random: &mut Random) -> usize {
        let at = random.share();
        self.cumulative.partition_point(|upper| *upper <= at).min(self.ranks() - 1)
    }

    /// The share of a rank.
    pub(crate) fn share(&self, rank: usize) -> f64 {
        let before = rank.checked_sub(1).map_or(0.0, |before| self.cumulative[before]);
        self.cumulative[rank] - before
    }
}

/// A share of a whole number, rounded down.
#[expect(clippy::cast_possible_truncation, reason = "a share of a number below 2^53")]
pub(crate) fn part(whole: u64, share: f64) -> u64 {
    (whole as f64 * share) as u64
}
