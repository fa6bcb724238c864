//! A moment in microseconds since 1970, and its RFC 3339 text.

use crate::rfc3339;

/// Microseconds since 1970-01-01T00:00:00Z, without leap seconds; years 0001 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instant(i64);

/// Why a text is no instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidInstant {
    /// A date or a time without `Z` or an offset.
    #[error("a time needs a zone: `Z` or an offset such as `+02:00`")]
    NoZone,
    /// Second 60: mapping it would put two instants in one place.
    #[error("leap seconds (`:60`) have no place on a scale without them")]
    LeapSecond,
    /// Anything else that is not RFC 3339.
    #[error("not an RFC 3339 date-time such as 2026-10-25T01:30:00.000123Z")]
    Malformed,
    /// Outside years 0001 to 9999.
    #[error("outside the years 0001 to 9999")]
    OutOfRange,
}

impl Instant {
    /// 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self(-62_135_596_800_000_000);
    /// 9999-12-31T23:59:59.999999Z.
    pub const MAX: Self = Self(253_402_300_799_999_999);

    /// From microseconds since 1970, unless outside years 0001 to 9999.
    pub fn from_micros(micros: i64) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0).contains(&micros).then_some(Self(micros))
    }

    /// From milliseconds since 1970; moments outside the range are clamped to its ends.
    pub fn from_millis_clamped(millis: i64) -> Self {
        Self(millis.saturating_mul(1000).clamp(Self::MIN.0, Self::MAX.0))
    }

    /// Microseconds since 1970.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// This moment plus so many microseconds, clamped to the range.
    pub fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros).clamp(Self::MIN.0, Self::MAX.0))
    }

    /// RFC 3339, UTC, `Z`, always six digits of a second, as ASCII.
    pub fn text(self) -> [u8; 27] {
        rfc3339::written(self.0)
    }

    /// Reads RFC 3339 with a mandatory zone; digits beyond microseconds are cut.
    pub fn parse(text: &str) -> Result<Self, InvalidInstant> {
        Self::from_micros(rfc3339::parse(text)?).ok_or(InvalidInstant::OutOfRange)
    }
}

impl std::fmt::Display for Instant {
    /// RFC 3339, UTC, `Z`, always six digits of a second.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, SecondsFormat, Utc};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Printing is written out for speed: three times a row of every export.
        #[test]
        fn prints_what_chrono_prints(micros in Instant::MIN.0..=Instant::MAX.0) {
            let time = DateTime::<Utc>::from_timestamp_micros(micros).unwrap();
            let expected = time.to_rfc3339_opts(SecondsFormat::Micros, true);
            prop_assert_eq!(Instant(micros).to_string(), expected);
        }
    }

    #[test]
    fn prints_the_ends_of_its_range_and_of_months() {
        let texts = [
            "0001-01-01T00:00:00.000000Z",
            "1900-02-28T23:59:59.999999Z",
            "2000-02-29T00:00:00.000001Z",
            "2024-12-31T23:59:59.000000Z",
            "9999-12-31T23:59:59.999999Z",
        ];
        for text in texts {
            assert_eq!(Instant::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn keeps_microseconds_and_prints_utc() {
        let text = "2026-10-25T03:30:00.000123+02:00";
        assert_eq!(Instant::parse(text).unwrap().to_string(), "2026-10-25T01:30:00.000123Z");
        for year in ["1970-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"] {
            assert_eq!(Instant::parse(year).unwrap().to_string(), year);
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_time() {
        let cases = [
            ("2026-10-25T01:30:00", InvalidInstant::NoZone),
            ("2026-10-25", InvalidInstant::NoZone),
            ("2016-12-31T23:59:60Z", InvalidInstant::LeapSecond),
            ("yesterday", InvalidInstant::Malformed),
            ("", InvalidInstant::Malformed),
            ("0000-01-01T00:00:00Z", InvalidInstant::OutOfRange),
        ];
        for (text, expected) in cases {
            assert_eq!(Instant::parse(text), Err(expected), "{text}");
        }
    }
}
