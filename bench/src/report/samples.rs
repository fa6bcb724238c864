//! Durations of one thing done many times.

use std::time::Duration;

use super::Spent;

/// Durations on both clocks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Timings {
    /// Of the thread on a processor: what a neighbour takes is not in it.
    pub(crate) cpu: Samples,
    /// Of the wall.
    pub(crate) wall: Samples,
}

impl Timings {
    /// Adds one.
    pub(crate) fn push(&mut self, spent: Spent) {
        self.cpu.push(spent.cpu);
        self.wall.push(spent.wall);
    }

    /// Adds another's.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.cpu.append(&other.cpu);
        self.wall.append(&other.wall);
    }
}

/// Durations, in no order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    /// Adds one.
    pub(crate) fn push(&mut self, sample: Duration) {
        self.0.push(sample);
    }

    fn append(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    /// The duration that this many in a thousand do not exceed; 0 of no samples.
    pub(crate) fn per_mille(&self, rank: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        sorted.get(last * rank.min(1_000) / 1_000).copied().unwrap_or_default()
    }

    /// Such durations in microseconds.
    pub(crate) fn cells(&self, per_mille: &[usize]) -> Vec<String> {
        per_mille.iter().map(|rank| micros(self.per_mille(*rank))).collect()
    }
}

/// Microseconds with as many digits as mean something.
pub(crate) fn micros(duration: Duration) -> String {
    let value = duration.as_secs_f64() * 1e6;
    if value < 100.0 { format!("{value:.1}") } else { super::thousands(duration.as_micros()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_found_and_printed_in_microseconds() {
        let mut samples = Samples::default();
        (1..=101).rev().for_each(|n| samples.push(Duration::from_micros(n * 50)));
        assert_eq!(samples.cells(&[0, 500, 990, 1_000]), ["50.0", "2,550", "5,000", "5,050"]);
        assert_eq!(Samples::default().cells(&[500]), ["0.0"]);
    }
}
