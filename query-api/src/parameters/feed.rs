//! The parameters of the feed: the list's filter, where to go on, how long to wait.

use std::time::Duration;

use annals_schemas::Labels;
use annals_service::problem::Problem;
use sha2::{Digest, Sha256};

use super::filter::{FILTER, FilterParameters};
use super::list::canonical;
use super::{MinPositions, Pairs, values};

const OWN: [&str; 4] = ["after", "wait", "limit", "min_position"];
/// The place before the first row.
const BEGINNING: &str = "0";

/// What a request to the feed asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FeedParameters {
    pub(crate) filter: FilterParameters,
    /// A sealed place; `None` is the beginning.
    pub(crate) after: Option<String>,
    /// How long to wait for rows when there are none.
    pub(crate) wait: Duration,
    pub(crate) limit: usize,
    pub(crate) min_positions: MinPositions,
    /// The query string without `after`, for links.
    pub(crate) canonical: String,
}

impl FeedParameters {
    /// Reads a query string; every fault is named.
    pub(crate) fn parse(query: &str, labels: &Labels) -> Result<Self, Problem> {
        let mut pairs = Pairs::parse(query);
        let filter = FilterParameters::read(&mut pairs, None, labels);
        let after = pairs.read("after", values::present);
        let wait = pairs.read("wait", values::wait).unwrap_or_default();
        let limit = pairs.limit();
        let min_positions = MinPositions::read(&mut pairs);
        pairs.finish(&[&FILTER[..], &OWN[..]].concat())?;
        let canonical = canonical(query, "after");
        let mut asked = Self { filter, after: None, wait, limit, min_positions, canonical };
        asked.go_on_after(after);
        Ok(asked)
    }

    /// Sets where to go on.
    pub(crate) fn go_on_after(&mut self, place: Option<String>) {
        self.after = place.filter(|place| place != BEGINNING);
    }

    /// What a place is sealed to: workspace and filter. It opens no list.
    pub(crate) fn binding(&self, workspace: &str) -> Vec<u8> {
        let mut hasher = Sha256::new();
        hasher.update("feed");
        hasher.update(self.filter.binding(workspace));
        hasher.finalize().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<FeedParameters, Problem> {
        FeedParameters::parse(query, &Labels::default())
    }

    #[test]
    fn the_beginning_is_zero_or_nothing() {
        assert_eq!(parse("after=0").unwrap().after, None);
        assert_eq!(parse("").unwrap().after, None);
        let asked = parse("wait=30s&after=abc&limit=7&kind=update").unwrap();
        assert_eq!((asked.after.as_deref(), asked.limit), (Some("abc"), 7));
        assert_eq!(asked.wait, Duration::from_secs(30));
        assert_eq!(asked.canonical, "kind=update&limit=7&wait=30s");
        assert_ne!(asked.binding("acme"), asked.filter.binding("acme"));
    }

    #[test]
    fn waits_have_a_unit_and_an_end() {
        for (text, millis) in [("0s", 0), ("500ms", 500), ("30", 30_000), ("1m", 60_000)] {
            let wait = Duration::from_millis(millis);
            assert_eq!(parse(&format!("wait={text}")).unwrap().wait, wait);
        }
        for text in ["61s", "2m", "s", "", "-1s", "1.5s", "1h", "99999999999999999999s"] {
            assert!(parse(&format!("wait={text}")).is_err(), "{text}");
        }
    }
}
