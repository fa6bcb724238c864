//! Moments as old tables write them.

use chrono::{LocalResult, NaiveDateTime, TimeZone as _};
use chrono_tz::Tz;

use annals_schemas::Instant;

/// How a column tells the time.
#[derive(Debug, Clone)]
pub(crate) enum Clock {
    /// RFC 3339, with its zone.
    Rfc3339,
    /// By a pattern, in a zone.
    Local { format: String, zone: Tz },
    /// Units since 1970, each of so many microseconds.
    Epoch { unit_us: i64 },
}

impl Clock {
    pub(super) fn of(
        format: Option<String>,
        zone: Option<String>,
        epoch: Option<&str>,
    ) -> Result<Self, String> {
        match (format, zone, epoch) {
            (None, None, Some("seconds")) => Ok(Self::Epoch { unit_us: 1_000_000 }),
            (None, None, Some("milliseconds")) => Ok(Self::Epoch { unit_us: 1_000 }),
            (None, None, Some("microseconds")) => Ok(Self::Epoch { unit_us: 1 }),
            (None, None, Some(other)) => Err(format!("epoch `{other}` is no unit")),
            (None, None, None) => Ok(Self::Rfc3339),
            (format, Some(zone), None) => {
                let zone: Tz = zone.parse().map_err(|_| format!("`{zone}` is no IANA zone"))?;
                let format = format.unwrap_or_else(|| "%Y-%m-%d %H:%M:%S%.f".to_owned());
                Ok(Self::Local { format, zone })
            }
            (Some(_), None, None) => Err("a format needs a zone; it may be UTC".to_owned()),
            (_, _, Some(_)) => Err("an epoch has no format and no zone".to_owned()),
        }
    }

    /// The moment as events carry it.
    pub(super) fn read(&self, text: &str) -> Result<String, String> {
        let wrong = || format!("`{text}` is no such time");
        let instant = match self {
            Self::Rfc3339 => Instant::parse(text).map_err(|error| format!("`{text}`: {error}"))?,
            Self::Local { format, zone } => {
                let local = NaiveDateTime::parse_from_str(text, format).map_err(|_| wrong())?;
                let at = match zone.from_local_datetime(&local) {
                    // Of an hour that there was twice nobody knows which: the first one.
                    LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at,
                    LocalResult::None => {
                        return Err(format!("`{text}` was never the time in {zone}"));
                    }
                };
                Instant::from_micros(at.timestamp_micros()).ok_or_else(wrong)?
            }
            Self::Epoch { unit_us } => {
                let units: i64 = text.trim().parse().map_err(|_| wrong())?;
                let micros = units.checked_mul(*unit_us).ok_or_else(wrong)?;
                Instant::from_micros(micros).ok_or_else(wrong)?
            }
        };
        Ok(instant.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(format: &str, zone: &str) -> Clock {
        Clock::of(Some(format.to_owned()), Some(zone.to_owned()), None).unwrap()
    }

    #[test]
    fn local_times_are_moments_whatever_the_clocks_did() {
        let paris = local("%d.%m.%Y %H:%M:%S", "Europe/Paris");
        let cases = [
            ("01.07.2026 12:00:00", "2026-07-01T10:00:00.000000Z"),
            ("25.10.2026 02:30:00", "2026-10-25T00:30:00.000000Z"),
            ("25.10.2026 03:30:00", "2026-10-25T02:30:00.000000Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(paris.read(text).as_deref(), Ok(expected));
        }
        assert!(paris.read("29.03.2026 02:30:00").unwrap_err().contains("was never the time"));
        assert!(paris.read("2026-07-01").unwrap_err().contains("no such time"));
        let default = Clock::of(None, Some("UTC".to_owned()), None).unwrap();
        let read = default.read("2020-02-29 23:59:59.5");
        assert_eq!(read.as_deref(), Ok("2020-02-29T23:59:59.500000Z"));
    }

    #[test]
    fn units_since_1970_and_rfc_3339() {
        let epoch = |unit: &str| Clock::of(None, None, Some(unit)).unwrap();
        assert_eq!(epoch("seconds").read("1").unwrap(), "1970-01-01T00:00:01.000000Z");
        assert_eq!(epoch("milliseconds").read("-1").unwrap(), "1969-12-31T23:59:59.999000Z");
        assert!(epoch("seconds").read("9223372036854775807").is_err());
        assert!(Clock::Rfc3339.read("2020-01-01T00:00:00").unwrap_err().contains("zone"));
    }

    #[test]
    fn what_is_no_clock_is_told() {
        let text = |text: &str| Some(text.to_owned());
        for (format, zone, epoch) in [
            (text("%Y"), None, None),
            (None, text("Paris"), None),
            (None, None, Some("days")),
            (None, text("UTC"), Some("seconds")),
        ] {
            assert!(Clock::of(format, zone, epoch).is_err());
        }
    }
}
