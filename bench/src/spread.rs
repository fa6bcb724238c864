//! Minimum, median and 99th percentile of repeated runs.

use std::time::{Duration, Instant};

/// Times of one thing, sorted.
pub(crate) struct Spread(Vec<Duration>);

impl Spread {
    /// Runs it a few times unmeasured, then so many times measured.
    pub(crate) fn of(runs: usize, mut run: impl FnMut()) -> Self {
        (0..runs / 10 + 1).for_each(|_| run());
        let mut times: Vec<Duration> = (0..runs)
            .map(|_| {
                let started = Instant::now();
                run();
                started.elapsed()
            })
            .collect();
        times.sort_unstable();
        Self(times)
    }

    /// The time that this share of runs did not exceed, in microseconds.
    #[expect(clippy::cast_precision_loss, reason = "a share of a few hundred runs")]
    #[expect(clippy::cast_possible_truncation, reason = "a share below 1 of a length")]
    #[expect(clippy::cast_sign_loss, reason = "shares are positive")]
    pub(crate) fn micros(&self, share: f64) -> f64 {
        let index = ((self.0.len() - 1) as f64 * share) as usize;
        self.0[index].as_secs_f64() * 1e6
    }
}
