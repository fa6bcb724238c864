//! The parameters of an export: the list's filter, a format, a zone.

use std::collections::BTreeMap;

use annals_schemas::Labels;
use annals_service::problem::Problem;
use annals_store::Filter;
use chrono_tz::Tz;

use super::filter::{FILTER, FilterParameters};
use super::{MinPositions, Pairs, values};

const OWN: [&str; 3] = ["format", "tz", "min_position"];

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExportFormat {
    /// One row a line, as the list has it.
    Ndjson,
    /// RFC 4180; with a zone also the local time.
    Csv(Option<Tz>),
}

impl ExportFormat {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv(_) => "csv",
        }
    }

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv(_) => "text/csv; charset=utf-8; header=present",
        }
    }
}

/// What an export asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExportParameters {
    pub(crate) filter: Filter,
    pub(crate) format: ExportFormat,
    pub(crate) min_positions: MinPositions,
    /// The filter as it was given, for the manifest.
    pub(crate) given: BTreeMap<String, Vec<String>>,
}

impl ExportParameters {
    /// Reads pairs; every fault is named.
    pub(crate) fn read(mut pairs: Pairs, labels: &Labels) -> Result<Self, Problem> {
        let given = pairs.given(&FILTER);
        let filter = FilterParameters::read(&mut pairs, None, labels);
        let format = pairs.one("format");
        let zone = pairs.read("tz", values::zone);
        let format = match format.as_deref() {
            Some("csv") => ExportFormat::Csv(zone),
            Some("ndjson") => ExportFormat::Ndjson,
            other => {
                let found = other.map_or_else(|| "is needed".into(), |text| format!("`{text}`"));
                pairs.fault("format", format!("{found}: there are csv and ndjson"));
                ExportFormat::Csv(None)
            }
        };
        if format == ExportFormat::Ndjson && zone.is_some() {
            pairs.fault("tz", "is for csv: rows of ndjson are those of the list");
        }
        let min_positions = MinPositions::read(&mut pairs);
        pairs.finish(&[&FILTER[..], &OWN[..]].concat())?;
        Ok(Self { filter: filter.asked, format, min_positions, given })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<ExportParameters, Problem> {
        ExportParameters::read(Pairs::parse(query), &Labels::default())
    }

    #[test]
    fn a_zone_is_for_csv_alone() {
        let asked = read("format=csv&tz=Europe/Paris&actor=u1&actor=u2").unwrap();
        assert_eq!(asked.format, ExportFormat::Csv(Some(chrono_tz::Europe::Paris)));
        assert_eq!(asked.given, BTreeMap::from([("actor".into(), vec!["u1".into(), "u2".into()])]));
        let cases = [
            ("format=ndjson&tz=Europe/Paris", "tz"),
            ("format=csv&tz=Mars", "tz"),
            ("format=xml", "format"),
            ("", "format"),
            ("format=csv&limit=5", "limit"),
            ("format=csv&cursor=x", "cursor"),
        ];
        for (query, parameter) in cases {
            let fault = format!("{:?}", read(query).unwrap_err());
            assert!(fault.contains(&format!("Some(\"{parameter}\")")), "{query}: {fault}");
        }
    }
}
