//! The list's parameters: filter, page, count.

use annals_schemas::{ActorKind, Kind, Labels, Outcome};
use annals_service::problem::Problem;
use annals_store::{CountMode, Filter, NameFilter};
use sha2::{Digest, Sha256};

use super::Pairs;
use super::values;

const KNOWN: [&str; 17] = [
    "actor",
    "actor_kind",
    "on_behalf_of",
    "action",
    "kind",
    "resource_type",
    "outcome",
    "resource_id",
    "resource_name",
    "name_scope",
    "name_match",
    "from",
    "to",
    "limit",
    "cursor",
    "count",
    "include_access",
];

/// What a list request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListParameters {
    /// What the store is asked: actions with their aliases.
    pub(crate) filter: Filter,
    /// The filter as it was given. Cursors are sealed to it, not to what the labels of the moment
    /// make of it: these may be reloaded in the middle of a walk.
    given: Filter,
    pub(crate) limit: usize,
    pub(crate) cursor: Option<String>,
    pub(crate) count: CountMode,
    /// The query string without `cursor`, for links.
    pub(crate) canonical: String,
}

impl ListParameters {
    /// Reads a query string; every fault is named.
    pub(crate) fn parse(query: &str, labels: &Labels) -> Result<Self, Problem> {
        let mut pairs = Pairs::parse(query);
        let given = filter(&mut pairs);
        let limit = pairs.limit();
        let cursor = pairs.read("cursor", values::present);
        let count = pairs.read("count", values::count).unwrap_or_default();
        // Access records come with the querying issue; until then there is nothing to include.
        pairs.read("include_access", values::boolean);
        pairs.finish(&KNOWN)?;
        let filter = with_aliases(&given, labels);
        Ok(Self { filter, given, limit, cursor, count, canonical: canonical(query) })
    }

    /// What a cursor is sealed to: the workspace and the filter, whatever order it was given in.
    pub(crate) fn binding(&self, workspace: &str) -> Vec<u8> {
        let mut hasher = Sha256::new();
        hasher.update((workspace.len() as u64).to_le_bytes());
        hasher.update(workspace);
        hasher.update(format!("{:?}", self.given));
        hasher.finalize().to_vec()
    }
}

/// Filtering by a key or one of its aliases finds both.
fn with_aliases(given: &Filter, labels: &Labels) -> Filter {
    let actions = given.actions.iter().flat_map(|action| labels.equivalents(action));
    Filter { actions: sorted(actions.map(str::to_owned).collect()), ..given.clone() }
}

fn filter(pairs: &mut Pairs) -> Filter {
    let name = pairs.read("resource_name", values::name).flatten();
    let scope = pairs.read("name_scope", values::name_scope).unwrap_or_default();
    let mode = pairs.read("name_match", values::name_match).unwrap_or_default();
    let filter = Filter {
        actors: sorted(pairs.read_many("actor", values::present)),
        actor_kinds: sorted(
            pairs.read_many("actor_kind", values::member(ActorKind::ALL, ActorKind::as_str)),
        ),
        on_behalf_of: sorted(pairs.read_many("on_behalf_of", values::present)),
        actions: sorted(pairs.read_many("action", values::action)),
        kinds: sorted(pairs.read_many("kind", values::member(Kind::ALL, Kind::as_str))),
        outcomes: sorted(pairs.read_many("outcome", values::member(Outcome::ALL, Outcome::as_str))),
        resource_types: sorted(pairs.read_many("resource_type", values::present)),
        resource_ids: sorted(pairs.read_many("resource_id", values::present)),
        name: name.map(|text| NameFilter { text, scope, mode }),
        from: pairs.read("from", values::instant),
        to: pairs.read("to", values::instant),
    };
    if !filter.resource_ids.is_empty() && filter.resource_types.len() != 1 {
        pairs.fault("resource_id", "needs exactly one resource_type: ids repeat across types");
    }
    if let (Some(from), Some(to)) = (filter.from, filter.to)
        && from >= to
    {
        pairs.fault("to", "is not after `from`: the range is from (inclusive) to (exclusive)");
    }
    filter
}

fn sorted<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort_unstable();
    values.dedup();
    values
}

/// The same parameters in one order, without the cursor.
fn canonical(query: &str) -> String {
    let wanted = |part: &&str| !part.is_empty() && !part.starts_with("cursor=");
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
        assert_eq!(plain.filter.actions, ["audience.updated"]);
        assert_eq!(aliased.filter.actions, ["audience.updated", "segment.updated"]);
        assert_eq!(plain.binding("acme"), aliased.binding("acme"));
        let other = ListParameters::parse("action=segment.updated", &labels).unwrap();
        assert_eq!(other.filter, aliased.filter);
        assert_ne!(other.binding("acme"), aliased.binding("acme"));
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
        assert_eq!(parse("resource_name=%20%09").unwrap().filter, Filter::default());
        assert_eq!(parse("resource_name=").unwrap().filter, Filter::default());
    }
}
