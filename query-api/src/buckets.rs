//! Where the buckets of a histogram begin, on the clocks of a time zone.
//!
//! A day lasts from the first moment of a date to the first moment of the next: 23 or 25 hours
//! where clocks change. An hour is one that a clock shows; where clocks go back, an hour that is
//! shown twice is two buckets.

use annals_schemas::Instant;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Weekday};
use chrono_tz::Tz;

use crate::parameters::BucketLength;

/// Buckets of one histogram at most.
pub(crate) const MAX_BUCKETS: usize = 2000;

const HOUR_SECONDS: i64 = 3600;

/// There would be more buckets than are given.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

/// The edges of the buckets that hold everything from `from` (inclusive) to `to` (exclusive): each
/// begins a bucket but the last, which ends the last one.
pub(crate) fn edges(
    length: BucketLength,
    zone: Tz,
    from: Instant,
    to: Instant,
) -> Result<Vec<Instant>, TooMany> {
    let mut cursor = Cursor::new(length, zone, from);
    let mut edges = vec![cursor.moment()];
    while edges.last().is_some_and(|last| *last < to) {
        if edges.len() > MAX_BUCKETS {
            return Err(TooMany);
        }
        cursor.advance();
        // A date that a zone has left out has no length; neither has time beyond the last year.
        let next = cursor.moment();
        if next == Instant::MAX {
            edges.push(next);
            break;
        }
        edges.extend(edges.last().is_some_and(|last| *last < next).then_some(next));
    }
    Ok(edges)
}

/// The beginning of a bucket.
enum Cursor {
    Hour(DateTime<Tz>),
    /// The date that begins, and how many days a bucket has.
    Date(NaiveDate, Tz, Days),
}

impl Cursor {
    /// At the bucket that holds this moment.
    fn new(length: BucketLength, zone: Tz, at: Instant) -> Self {
        let local = zone.from_utc_datetime(&utc(at));
        let date = local.date_naive();
        match length {
            BucketLength::Hour => {
                Self::Hour(local - TimeDelta::seconds(past_hour(&local)) - past_second(&local))
            }
            BucketLength::Day => Self::Date(date, zone, Days::new(1)),
            BucketLength::Week => {
                let monday = date.week(Weekday::Mon).checked_first_day().unwrap_or(date);
                Self::Date(monday, zone, Days::new(7))
            }
        }
    }

    fn moment(&self) -> Instant {
        let micros = match self {
            Self::Hour(start) => start.timestamp_micros(),
            Self::Date(date, zone, _) => start_of(*date, *zone).timestamp_micros(),
        };
        let clamped = micros.clamp(Instant::MIN.micros(), Instant::MAX.micros());
        Instant::from_micros(clamped).unwrap_or(Instant::MAX)
    }

    fn advance(&mut self) {
        match self {
            Self::Hour(start) => {
                let next = *start + TimeDelta::seconds(HOUR_SECONDS);
                // Clocks may have changed by less than an hour.
                let past = past_hour(&next);
                let rest = if past == 0 { 0 } else { HOUR_SECONDS - past };
                *start = next + TimeDelta::seconds(rest);
            }
            Self::Date(date, _, days) => {
                *date = date.checked_add_days(*days).unwrap_or(NaiveDate::MAX);
            }
        }
    }
}

/// The first moment of a date. Where clocks skip midnight, it is the moment of that change.
fn start_of(date: NaiveDate, zone: Tz) -> DateTime<Tz> {
    let midnight = date.and_time(NaiveTime::MIN);
    if let Some(start) = zone.from_local_datetime(&midnight).earliest() {
        return start;
    }
    // Around a gap local dates never go back, so that the change can be searched for.
    let around = zone.from_utc_datetime(&midnight).timestamp();
    let (mut before, mut after) = (around - 2 * 24 * HOUR_SECONDS, around + 2 * 24 * HOUR_SECONDS);
    let local = |seconds: i64| {
        let utc = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
        utc.with_timezone(&zone)
    };
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        let has_begun = local(middle).date_naive() >= date;
        (before, after) = if has_begun { (before, middle) } else { (middle, after) };
    }
    local(after)
}

/// Seconds since a clock last showed a full hour.
fn past_hour(local: &DateTime<Tz>) -> i64 {
    i64::from(local.minute() * 60 + local.second())
}

fn past_second(local: &DateTime<Tz>) -> TimeDelta {
    TimeDelta::nanoseconds(i64::from(local.timestamp_subsec_nanos()))
}

fn utc(at: Instant) -> chrono::NaiveDateTime {
    DateTime::from_timestamp_micros(at.micros()).unwrap_or_default().naive_utc()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn texts(length: BucketLength, zone: Tz, from: &str, to: &str) -> Vec<String> {
        let edges = edges(length, zone, at(from), at(to)).unwrap();
        edges.iter().map(|edge| edge.to_string().replace(":00.000000Z", "Z")).collect()
    }

    /// Minutes of each bucket.
    fn minutes(length: BucketLength, zone: Tz, from: &str, to: &str) -> Vec<i64> {
        let edges = edges(length, zone, at(from), at(to)).unwrap();
        edges.windows(2).map(|pair| (pair[1].micros() - pair[0].micros()) / 60_000_000).collect()
    }

    #[test]
    fn days_have_23_and_25_hours_when_clocks_change() {
        let days = texts(
            BucketLength::Day,
            Tz::Europe__Paris,
            "2026-10-24T22:00:00Z",
            "2026-10-26T00:00:00Z",
        );
        assert_eq!(days, ["2026-10-24T22:00Z", "2026-10-25T23:00Z", "2026-10-26T23:00Z"]);
        let spring = minutes(
            BucketLength::Day,
            Tz::Europe__Paris,
            "2026-03-28T00:00:00Z",
            "2026-03-30T10:00:00Z",
        );
        assert_eq!(spring, [24 * 60, 23 * 60, 24 * 60]);
    }

    #[test]
    fn an_hour_that_is_shown_twice_is_two_buckets() {
        let paris = Tz::Europe__Paris;
        let (from, to) = ("2026-10-25T00:30:00Z", "2026-10-25T02:30:00.000001Z");
        let hours = texts(BucketLength::Hour, paris, from, to);
        assert_eq!(
            hours,
            ["2026-10-25T00:00Z", "2026-10-25T01:00Z", "2026-10-25T02:00Z", "2026-10-25T03:00Z"]
        );
        let kolkata = texts(BucketLength::Hour, Tz::Asia__Kolkata, from, "2026-10-25T01:00:00Z");
        assert_eq!(kolkata, ["2026-10-25T00:30Z", "2026-10-25T01:30Z"], "half an hour off");
        let lord_howe = minutes(
            BucketLength::Hour,
            Tz::Australia__Lord_Howe,
            "2026-04-04T13:30:00Z",
            "2026-04-04T17:00:00Z",
        );
        assert_eq!(lord_howe, [60, 90, 60, 60], "clocks go back by half an hour");
    }

    #[test]
    fn a_week_begins_on_monday() {
        let (from, to) = ("2026-01-01T00:00:00Z", "2026-01-12T00:00:00Z");
        let weeks = texts(BucketLength::Week, Tz::UTC, from, to);
        assert_eq!(weeks, ["2025-12-29T00:00Z", "2026-01-05T00:00Z", "2026-01-12T00:00Z"]);
    }

    #[test]
    fn a_date_without_midnight_begins_when_its_clocks_do() {
        let beirut = texts(
            BucketLength::Day,
            Tz::Asia__Beirut,
            "2024-03-30T12:00:00Z",
            "2024-03-31T12:00:00Z",
        );
        assert_eq!(beirut, ["2024-03-29T22:00Z", "2024-03-30T22:00Z", "2024-03-31T21:00Z"]);
        let apia = texts(
            BucketLength::Day,
            Tz::Pacific__Apia,
            "2011-12-29T12:00:00Z",
            "2011-12-31T00:00:00Z",
        );
        assert_eq!(apia, ["2011-12-29T10:00Z", "2011-12-30T10:00Z", "2011-12-31T10:00Z"]);
    }

    #[test]
    fn two_thousand_buckets_pass_and_one_more_does_not() {
        let hours = |hours: i64| {
            let from = at("2026-01-01T00:00:00Z");
            edges(BucketLength::Hour, Tz::UTC, from, from.plus_micros(hours * 3_600_000_000))
        };
        assert_eq!(hours(2000).unwrap().len(), 2001);
        assert_eq!(hours(2001), Err(TooMany));
        let all = edges(BucketLength::Week, Tz::UTC, Instant::MIN, Instant::MAX);
        assert_eq!(all, Err(TooMany));
    }

    #[test]
    fn the_ends_of_time_have_buckets() {
        for zone in [Tz::UTC, Tz::Asia__Tokyo, Tz::America__New_York] {
            for length in [BucketLength::Hour, BucketLength::Day, BucketLength::Week] {
                let first = Instant::MIN.plus_micros(1);
                let edges_of = |from, to| edges(length, zone, from, to).unwrap();
                assert!(edges_of(Instant::MIN, first)[0] <= Instant::MIN);
                let last = edges_of(Instant::MAX.plus_micros(-1), Instant::MAX);
                assert_eq!(last.last(), Some(&Instant::MAX));
            }
        }
    }

    proptest! {
        #[test]
        fn buckets_ascend_and_hold_the_range(
            start in -2_000_000_000_i64..4_000_000_000,
            length in 1..100_000_000_i64,
            zone in prop::sample::select(&chrono_tz::TZ_VARIANTS[..]),
            bucket in 0..3_usize,
        ) {
            let bucket = [BucketLength::Hour, BucketLength::Day, BucketLength::Week][bucket];
            let from = Instant::from_micros(start * 1_000_000).unwrap();
            let to = from.plus_micros(length.min(6_000_000) * 1_000_000);
            let edges = edges(bucket, zone, from, to).unwrap();
            prop_assert!(edges.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(edges[0] <= from && to <= *edges.last().unwrap());
            prop_assert!(from < edges[1], "{:?}", edges);
            prop_assert!(edges[edges.len() - 2] < to, "{:?}", edges);
        }
    }
}
