//! Which time counts: the producer's, unless it is absent or too far ahead.

use annals_schemas::Instant;

/// Whose clock gave `effective_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Clock {
    /// The producer's.
    Producer,
    /// The log's, because the producer gave none.
    Assigned,
    /// The log's, because the producer's was more than ten minutes ahead of it.
    Ahead,
}

impl Clock {
    /// The name used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Producer => "producer",
            Self::Assigned => "assigned",
            Self::Ahead => "ahead",
        }
    }
}

/// How far a producer's clock may be ahead of the log's. A constant of fold version 1.
const AHEAD_LIMIT_MICROS: i64 = 10 * 60 * 1_000_000;

/// From how many seconds on a row says that it was recorded late.
pub(crate) const LATE_AFTER_SECONDS: i64 = 300;

/// What order, ranges and pages use.
pub(crate) fn effective(occurred_at: Option<Instant>, recorded_at: Instant) -> (Instant, Clock) {
    match occurred_at {
        None => (recorded_at, Clock::Assigned),
        Some(at) if at > recorded_at.plus_micros(AHEAD_LIMIT_MICROS) => (recorded_at, Clock::Ahead),
        Some(at) => (at, Clock::Producer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_minutes_ahead_is_still_the_producers_time() {
        let recorded = Instant::from_micros(1_000_000_000).unwrap();
        let limit = recorded.plus_micros(AHEAD_LIMIT_MICROS);
        assert_eq!(effective(None, recorded), (recorded, Clock::Assigned));
        assert_eq!(effective(Some(limit), recorded), (limit, Clock::Producer));
        assert_eq!(effective(Some(limit.plus_micros(1)), recorded), (recorded, Clock::Ahead));
        let past = Instant::from_micros(0).unwrap();
        assert_eq!(effective(Some(past), recorded), (past, Clock::Producer));
    }
}
