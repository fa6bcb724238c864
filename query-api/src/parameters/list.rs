//! The list's parameters: filter, page, count.

use annals_schemas::Labels;
use annals_service::problem::Problem;
use annals_store::CountMode;

use super::filter::{FILTER, FilterParameters, NamedResource};
use super::{MinPositions, Pairs, values};

/// Its own parameters.
pub(crate) const OWN: [&str; 5] = ["limit", "cursor", "count", "explain", "min_position"];

/// What a list request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListParameters {
    pub(crate) filter: FilterParameters,
    pub(crate) limit: usize,
    pub(crate) cursor: Option<String>,
    pub(crate) count: CountMode,
    /// What has to be visible first.
    pub(crate) min_positions: MinPositions,
    /// Whether to tell how the page was found: for administrators.
    pub(crate) explain: bool,
    /// The query string without `cursor`, for links.
    pub(crate) canonical: String,
}

impl ListParameters {
    /// Reads a query string; every fault is named.
    pub(crate) fn parse(query: &str, labels: &Labels) -> Result<Self, Problem> {
        Self::read(query, None, labels)
    }

    /// The same for the events of one resource: its type and id are in the path alone.
    pub(crate) fn of_resource(
        query: &str,
        resource: NamedResource,
        labels: &Labels,
    ) -> Result<Self, Problem> {
        Self::read(query, Some(resource), labels)
    }

    fn read(
        query: &str,
        resource: Option<NamedResource>,
        labels: &Labels,
    ) -> Result<Self, Problem> {
        let mut pairs = Pairs::parse(query);
        let filter = FilterParameters::read(&mut pairs, resource, labels);
        let limit = pairs.limit();
        let cursor = pairs.read("cursor", values::present);
        let count = pairs.read("count", values::count).unwrap_or_default();
        let explain = pairs.read("explain", values::boolean).unwrap_or_default();
        let min_positions = MinPositions::read(&mut pairs);
        pairs.finish(&[&FILTER[..], &OWN[..]].concat())?;
        let canonical = canonical(query, "cursor");
        Ok(Self { filter, limit, cursor, count, min_positions, explain, canonical })
    }

    /// What a cursor is sealed to.
    pub(crate) fn binding(&self, workspace: &str) -> Vec<u8> {
        self.filter.binding(workspace)
    }
}

/// The same parameters in one order, without the one that says where to go on.
pub(crate) fn canonical(query: &str, place: &str) -> String {
    let is_place = |part: &str| part.strip_prefix(place).is_some_and(|rest| rest.starts_with('='));
    let wanted = |part: &&str| !part.is_empty() && !is_place(part);
    let mut parts: Vec<&str> = query.split('&').filter(wanted).collect();
    parts.sort_unstable();
    parts.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<ListParameters, Problem> {
        ListParameters::parse(query, &Labels::default())
    }

    fn fault(query: &str) -> String {
        format!("{:?}", parse(query).unwrap_err())
    }

    #[test]
    fn order_of_choosing_does_not_matter() {
        let one = parse("actor=u2&actor=u1&kind=update").unwrap();
        let other = parse("kind=update&actor=u1&actor=u2&actor=u1").unwrap();
        assert_eq!(one.filter, other.filter);
        assert_eq!(one.binding("acme"), other.binding("acme"));
        assert_ne!(one.binding("acme"), one.binding("other"));
        assert_eq!(parse("b=1").is_err(), parse("a=1").is_err());
    }

    /// A cursor is as good after a reload of the labels as before.
    #[test]
    fn aliases_widen_the_filter_and_not_the_binding() {
        let file = r#"{"audience.updated": {"aliases": ["segment.updated"]}}"#;
        let labels = Labels::parse(file).unwrap();
        let plain = parse("action=audience.updated").unwrap();
        let aliased = ListParameters::parse("action=audience.updated", &labels).unwrap();
        assert_eq!(plain.filter.asked.actions, ["audience.updated"]);
        assert_eq!(aliased.filter.asked.actions, ["audience.updated", "segment.updated"]);
        assert_eq!(plain.binding("acme"), aliased.binding("acme"));
        let other = ListParameters::parse("action=segment.updated", &labels).unwrap();
        assert_eq!(other.filter.asked, aliased.filter.asked);
        assert_ne!(other.binding("acme"), aliased.binding("acme"));
    }

    /// Records of reads are left out unless they are asked for; `kind=read` hides nothing more.
    #[test]
    fn access_records_are_hidden_unless_asked_for() {
        let hidden = |query: &str| parse(query).unwrap().filter.asked.hidden_actions.len();
        for query in ["", "kind=read", "action=*", "action=segment.*", "include_access=false"] {
            assert_eq!(hidden(query), 4, "{query}");
        }
        for query in [
            "include_access=true",
            "action=audit_log.viewed",
            "action=audit_log.*",
            "action=segment.*&action=audit_log.exported",
        ] {
            assert_eq!(hidden(query), 0, "{query}");
        }
        let (with, without) = (parse("include_access=true").unwrap(), parse("").unwrap());
        assert_ne!(with.binding("acme"), without.binding("acme"), "another cursor");
        assert!(parse("include_access=yes").is_err());
    }

    #[test]
    fn bad_values_are_named() {
        let cases = [
            ("limit=0", "no number from 1 to 1000"),
            ("limit=1001", "no number from 1 to 1000"),
            ("limit=5&limit=6", "may be given once"),
            ("from=2026-10-25", "a time needs a zone"),
            ("to=2026-10-25T00:00:00", "a time needs a zone"),
            ("from=2026-10-25T00:00:00Z&to=2026-10-25T00:00:00Z", "is not after `from`"),
            ("kind=edit", "is none of create, read, update, delete, other"),
            ("resource_id=s9", "needs exactly one resource_type"),
            ("resource_id=s9&resource_type=a&resource_type=b", "needs exactly one resource_type"),
            ("actor=", "is empty"),
            ("action=*.x", "no prefix ending in"),
            ("name_match=fuzzy", "is none of contains, exact, prefix"),
            ("offset=5", "is not a parameter here"),
        ];
        for (query, expected) in cases {
            assert!(fault(query).contains(expected), "{query}: {}", fault(query));
        }
        let long = format!("resource_name={}", "n".repeat(257));
        assert!(fault(&long).contains("has 257 characters, the limit is 256"));
    }

    #[test]
    fn a_blank_name_asks_nothing() {
        // A mark alone is folded away.
        for query in ["resource_name=%20%09", "resource_name=", "resource_name=%CC%81"] {
            assert_eq!(parse(query).unwrap().filter, parse("").unwrap().filter, "{query}");
        }
    }

    #[test]
    fn of_a_resource_type_and_id_are_no_parameters() {
        let resource =
            || NamedResource { resource_type: "segment".to_owned(), id: "s9".to_owned() };
        let labels = Labels::default();
        let of = |query| ListParameters::of_resource(query, resource(), &labels);
        let asked = of("kind=update").unwrap().filter;
        let same = parse("resource_type=segment&resource_id=s9&kind=update").unwrap().filter;
        assert_eq!(asked, same);
        let refused = format!("{:?}", of("resource_id=s1").unwrap_err());
        assert!(refused.contains("is not a parameter here"), "{refused}");
    }
}
