//! The parameters of the list of resources.

use annals_service::problem::Problem;
use annals_store::{NameFilter, NameMatch, NameScope, ResourceFilter};
use sha2::{Digest, Sha256};

use super::filter::{range, sorted};
use super::list::canonical;
use super::{Pairs, values};

const KNOWN: [&str; 10] = [
    "resource_type",
    "resource_id",
    "resource_name",
    "creator",
    "last_editor",
    "edited_by_other",
    "from",
    "to",
    "limit",
    "cursor",
];

/// What a request for resources asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResourceParameters {
    pub(crate) filter: ResourceFilter,
    pub(crate) limit: usize,
    pub(crate) cursor: Option<String>,
    /// The query string without `cursor`, for links.
    pub(crate) canonical: String,
}

impl ResourceParameters {
    /// Reads a query string; every fault is named.
    pub(crate) fn parse(query: &str) -> Result<Self, Problem> {
        let mut pairs = Pairs::parse(query);
        let name = pairs.read("resource_name", values::name).flatten();
        let (scope, mode) = (NameScope::Ever, NameMatch::Contains);
        let (from, to) = range(&mut pairs);
        let types = sorted(pairs.read_many("resource_type", values::present));
        let ids = sorted(pairs.read_many("resource_id", values::present));
        if types.is_empty() && !ids.is_empty() {
            pairs.fault("resource_id", "needs a resource_type: ids repeat across types");
        }
        let filter = ResourceFilter {
            types,
            ids,
            name: name.map(|text| NameFilter { text, scope, mode }),
            creators: sorted(pairs.read_many("creator", values::present)),
            last_editors: sorted(pairs.read_many("last_editor", values::present)),
            edited_by_other: pairs.read("edited_by_other", values::boolean).unwrap_or_default(),
            from,
            to,
        };
        let limit = pairs.limit();
        let cursor = pairs.read("cursor", values::present);
        pairs.finish(&KNOWN)?;
        Ok(Self { filter, limit, cursor, canonical: canonical(query, "cursor") })
    }

    /// What a cursor is sealed to: workspace and filter. It opens no other list.
    pub(crate) fn binding(&self, workspace: &str) -> Vec<u8> {
        let mut hasher = Sha256::new();
        hasher.update("resources");
        hasher.update((workspace.len() as u64).to_le_bytes());
        hasher.update(workspace);
        hasher.update(format!("{:?}", self.filter));
        hasher.finalize().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_of_choosing_does_not_matter() {
        let one = ResourceParameters::parse("creator=u2&creator=u1&limit=7").unwrap();
        let other = ResourceParameters::parse("limit=7&creator=u1&creator=u2").unwrap();
        assert_eq!(one.filter, other.filter);
        assert_eq!(one.binding("acme"), other.binding("acme"));
        assert_ne!(one.binding("acme"), one.binding("other"));
        assert_eq!(one.canonical, "creator=u1&creator=u2&limit=7");
    }

    #[test]
    fn bad_values_are_named() {
        let cases = [
            ("edited_by_other=yes", "is neither true nor false"),
            ("creators=u1", "did you mean `creator`?"),
            ("resource_id=s1", "needs a resource_type"),
            ("name_scope=ever", "is not a parameter here"),
            ("creator=", "is empty"),
            ("from=2026-10-25", "a time needs a zone"),
        ];
        for (query, expected) in cases {
            let fault = format!("{:?}", ResourceParameters::parse(query).unwrap_err());
            assert!(fault.contains(expected), "{query}: {fault}");
        }
    }
}
