//! The parameters of a histogram: the list's filter, and how time is cut.

use annals_schemas::Labels;
use annals_service::problem::Problem;
use annals_store::HistogramBy;
use chrono_tz::Tz;

use super::filter::{FILTER, FilterParameters};
use super::{Pairs, values};

const OWN: [&str; 3] = ["bucket", "tz", "by"];

/// How long a bucket is, on the clocks of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BucketLength {
    /// From one full hour to the next.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From Monday to Monday (ISO 8601).
    Week,
}

/// What a request for a histogram asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HistogramParameters {
    pub(crate) filter: FilterParameters,
    /// A day unless given.
    pub(crate) bucket: BucketLength,
    /// UTC unless given.
    pub(crate) zone: Tz,
    pub(crate) by: Option<HistogramBy>,
}

impl HistogramParameters {
    /// Reads a query string; every fault is named.
    pub(crate) fn parse(query: &str, labels: &Labels) -> Result<Self, Problem> {
        let mut pairs = Pairs::parse(query);
        let filter = FilterParameters::read(&mut pairs, None, labels);
        let bucket = pairs.read("bucket", bucket).unwrap_or(BucketLength::Day);
        let zone = pairs.read("tz", values::zone).unwrap_or(Tz::UTC);
        let by = pairs.read("by", by);
        pairs.finish(&[&FILTER[..], &OWN[..]].concat())?;
        Ok(Self { filter, bucket, zone, by })
    }
}

fn bucket(text: &str) -> Result<BucketLength, String> {
    values::member(&[BucketLength::Hour, BucketLength::Day, BucketLength::Week], |bucket| {
        match bucket {
            BucketLength::Hour => "hour",
            BucketLength::Day => "day",
            BucketLength::Week => "week",
        }
    })(text)
}

fn by(text: &str) -> Result<HistogramBy, String> {
    values::member(&[HistogramBy::Kind, HistogramBy::Outcome], |by| match by {
        HistogramBy::Kind => "kind",
        HistogramBy::Outcome => "outcome",
    })(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<HistogramParameters, Problem> {
        HistogramParameters::parse(query, &Labels::default())
    }

    #[test]
    fn a_day_in_utc_is_the_default() {
        let asked = parse("").unwrap();
        assert_eq!((asked.bucket, asked.zone, asked.by), (BucketLength::Day, Tz::UTC, None));
        let asked = parse("bucket=week&tz=Europe/Paris&by=outcome").unwrap();
        let expected = (BucketLength::Week, Tz::Europe__Paris, Some(HistogramBy::Outcome));
        assert_eq!((asked.bucket, asked.zone, asked.by), expected);
    }

    #[test]
    fn bad_values_are_named() {
        let cases = [
            ("bucket=month", "is none of hour, day, week"),
            ("tz=Paris", "is no IANA time zone"),
            ("tz=%2B02:00", "is no IANA time zone"),
            ("by=actor", "is none of kind, outcome"),
            ("limit=5", "is not a parameter here"),
        ];
        for (query, expected) in cases {
            let fault = format!("{:?}", parse(query).unwrap_err());
            assert!(fault.contains(expected), "{query}: {fault}");
        }
    }
}
