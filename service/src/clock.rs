//! The wall clock as a parameter.
//!
//! `SystemClock` is the only reader of the machine's wall clock in the project; everything else is
//! handed a `Clock`, so that tests decide what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the wall clock time. It may jump in either direction; nothing may rely on it for order.
pub trait Clock: Send + Sync {
    /// Microseconds since 1970-01-01T00:00:00Z, negative before.
    fn unix_micros(&self) -> i64;

    /// Whole seconds since 1970-01-01T00:00:00Z, zero before.
    fn unix_seconds(&self) -> u64 {
        u64::try_from(self.unix_micros().div_euclid(1_000_000)).unwrap_or(0)
    }
}

/// A clock that several owners share.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl SystemClock {
    /// The machine's clock, ready to share.
    pub fn shared() -> SharedClock {
        Arc::new(Self)
    }
}

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one owner of the wall clock")]
    fn unix_micros(&self) -> i64 {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_micros()).unwrap_or(i64::MAX),
        }
    }
}

/// A clock that stands still until it is told otherwise. For tests and simulations.
#[derive(Debug, Default)]
pub struct ManualClock {
    micros: AtomicI64,
}

impl ManualClock {
    /// A clock showing so many microseconds since 1970.
    pub fn at_micros(micros: i64) -> Self {
        Self { micros: AtomicI64::new(micros) }
    }

    /// A clock showing so many seconds since 1970.
    pub fn at_seconds(seconds: u32) -> Self {
        Self::at_micros(i64::from(seconds) * 1_000_000)
    }

    /// Moves the clock by so many microseconds, backwards when negative.
    pub fn advance_micros(&self, micros: i64) {
        self.micros.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn unix_micros(&self) -> i64 {
        self.micros.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manual_clock_moves_only_when_told() {
        let clock = ManualClock::at_seconds(10);
        assert_eq!((clock.unix_seconds(), clock.unix_seconds()), (10, 10));
        clock.advance_micros(-10_000_001);
        assert_eq!((clock.unix_micros(), clock.unix_seconds()), (-1, 0));
    }

    #[test]
    fn system_clock_is_past_the_day_this_was_written() {
        assert!(SystemClock.unix_seconds() > 1_760_000_000);
    }
}
