//! When events are recorded, and when they say that they occurred.

use annals_schemas::Instant;

use super::Random;

/// 2024-01-01T00:00:00Z.
const START_MS: i64 = 1_704_067_200_000;
/// Two years, one of them leap.
const SPAN_MS: i64 = 731 * 86_400_000;
/// How far behind its recording an event occurs ordinarily.
const JITTER_MICROS: u64 = 20_000_000;
/// How far a late one does at most, and at least.
const LATE_MICROS: (u64, u64) = (300_000_000, 3 * 86_400_000_000);
const LATE_SHARE: f64 = 0.02;

/// Two years with a number of events spread evenly over them, in log order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeline {
    pub(super) events: u64,
}

impl Timeline {
    /// Milliseconds since 1970 at which the log takes an event: never decreasing.
    pub(crate) fn recorded_ms(self, number: u64) -> i64 {
        let passed = i128::from(SPAN_MS) * i128::from(number) / i128::from(self.events.max(1));
        START_MS + i64::try_from(passed).unwrap_or(SPAN_MS)
    }

    /// When an event recorded then occurred: 0 to 20 s before, 2 % of them up to three days.
    pub(super) fn occurred_at(recorded_ms: i64, random: &mut Random) -> Instant {
        let behind = if random.chance(LATE_SHARE) {
            LATE_MICROS.0 + random.below(LATE_MICROS.1 - LATE_MICROS.0)
        } else {
            random.below(JITTER_MICROS)
        };
        let recorded = Instant::from_millis_clamped(recorded_ms);
        recorded.plus_micros(-i64::try_from(behind).unwrap_or(0))
    }

    /// The moment at which this share of the two years has passed.
    #[expect(clippy::cast_possible_truncation, reason = "a share of two years in milliseconds")]
    pub(crate) fn at(share: f64) -> Instant {
        Instant::from_millis_clamped(START_MS + (SPAN_MS as f64 * share) as i64)
    }
}
