//! The parameters of facets: the list's filter, and which values to count.

use annals_schemas::Labels;
use annals_service::problem::Problem;
use annals_store::FacetBy;

use super::filter::{FILTER, FilterParameters};
use super::{Pairs, values};

const OWN: [&str; 2] = ["by", "limit"];
/// Values of a facet unless given.
const DEFAULT_LIMIT: usize = 100;

const ALL: [FacetBy; 5] =
    [FacetBy::Actor, FacetBy::ResourceType, FacetBy::Action, FacetBy::Kind, FacetBy::Outcome];

/// What a request for facets asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FacetParameters {
    pub(crate) filter: FilterParameters,
    /// Each once; all unless given.
    pub(crate) by: Vec<FacetBy>,
    pub(crate) limit: usize,
}

impl FacetParameters {
    /// Reads a query string; every fault is named.
    pub(crate) fn parse(query: &str, labels: &Labels) -> Result<Self, Problem> {
        let mut pairs = Pairs::parse(query);
        let filter = FilterParameters::read(&mut pairs, None, labels);
        let by = pairs.read("by", dimensions).unwrap_or_else(|| ALL.to_vec());
        let limit = pairs.limit_or(DEFAULT_LIMIT);
        pairs.finish(&[&FILTER[..], &OWN[..]].concat())?;
        Ok(Self { filter, by, limit })
    }

    /// The name of a facet, as asked for and as answered.
    pub(crate) fn name(by: FacetBy) -> &'static str {
        match by {
            FacetBy::Actor => "actor",
            FacetBy::ResourceType => "resource_type",
            FacetBy::Action => "action",
            FacetBy::Kind => "kind",
            FacetBy::Outcome => "outcome",
        }
    }
}

/// Names with commas between them.
fn dimensions(text: &str) -> Result<Vec<FacetBy>, String> {
    let mut dimensions = Vec::new();
    for name in text.split(',') {
        let by = values::member(&ALL, FacetParameters::name)(name)?;
        if !dimensions.contains(&by) {
            dimensions.push(by);
        }
    }
    Ok(dimensions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<FacetParameters, Problem> {
        FacetParameters::parse(query, &Labels::default())
    }

    #[test]
    fn facets_are_named_once_each_in_the_order_asked_for() {
        let asked = parse("by=kind,actor,kind&kind=update").unwrap();
        assert_eq!((asked.by, asked.limit), (vec![FacetBy::Kind, FacetBy::Actor], 100));
        assert_eq!(parse("limit=7").unwrap().by, ALL);
        assert_eq!(parse("limit=7").unwrap().limit, 7);
    }

    #[test]
    fn bad_values_are_named() {
        let cases = [
            ("by=actors", "is none of actor, resource_type, action, kind, outcome"),
            ("by=", "is none of actor"),
            ("by=actor,", "is none of actor"),
            ("by=actor&by=kind", "may be given once"),
            ("limit=1001", "no number from 1 to 1000"),
            ("cursor=x", "is not a parameter here"),
            ("count=exact", "is not a parameter here"),
        ];
        for (query, expected) in cases {
            let fault = format!("{:?}", parse(query).unwrap_err());
            assert!(fault.contains(expected), "{query}: {fault}");
        }
    }
}
