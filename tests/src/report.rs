//! Lines for people who read a suite's output, and percentiles for them.

use std::io::Write as _;
use std::time::Duration;

/// Writes one line past the test harness's capture, so that figures and seeds are always seen.
pub fn line(text: &str) {
    let mut out = std::io::stderr().lock();
    // A closed stderr must not fail a test.
    let _ = writeln!(out, "    # {text}");
}

/// The sample below which `percent` of the samples lie (nearest rank); `None` without samples.
pub fn percentile(sorted: &[Duration], percent: f64) -> Option<Duration> {
    let last = sorted.len().checked_sub(1)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rank within the slice"
    )]
    let rank = ((sorted.len() as f64 * percent / 100.0).ceil() as usize).saturating_sub(1);
    sorted.get(rank.min(last)).copied()
}

/// `p50 … p90 … p99 … max …` in milliseconds.
pub fn summary(samples: &mut [Duration]) -> String {
    samples.sort_unstable();
    let text = |percent| {
        percentile(samples, percent)
            .map_or_else(|| "-".to_owned(), |d| format!("{:.2}", d.as_secs_f64() * 1000.0))
    };
    format!(
        "{} samples: p50 {} ms, p90 {} ms, p99 {} ms, max {} ms",
        samples.len(),
        text(50.0),
        text(90.0),
        text(99.0),
        text(100.0)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_take_the_nearest_rank() {
        let samples: Vec<_> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile(&samples, 50.0), Some(Duration::from_millis(50)));
        assert_eq!(percentile(&samples, 99.0), Some(Duration::from_millis(99)));
        assert_eq!(percentile(&samples, 100.0), Some(Duration::from_millis(100)));
        assert_eq!(percentile(&[], 50.0), None);
    }
}
