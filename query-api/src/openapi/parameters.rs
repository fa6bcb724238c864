//! Parameters as the document draws them. What is accepted is decided in `parameters`; a test
//! compares the two.
#![expect(dead_code, reason = "drawn for the document")]

use utoipa::IntoParams;

use super::names::{
    ActorKindName, BucketName, CountName, FormatName, HistogramByName, KindName, NameMatchName,
    NameScopeName, OutcomeName,
};

/// The workspace of the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct WorkspacePath {
    /// Percent-encoded.
    workspace: String,
}

/// An event of the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct EventPath {
    /// Percent-encoded.
    workspace: String,
    /// A UUID, hyphenated.
    event_id: String,
}

/// A resource of the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ResourcePath {
    /// Percent-encoded.
    workspace: String,
    /// Percent-encoded.
    r#type: String,
    /// Percent-encoded.
    id: String,
}

/// The list's filter. Different parameters are and-ed, values of one are or-ed; at most 100 each.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FilterQuery {
    /// The performer's id; repeatable.
    #[param(max_items = 100)]
    actor: Option<Vec<String>>,
    /// Repeatable.
    #[param(inline)]
    actor_kind: Option<Vec<ActorKindName>>,
    /// Id of the person acted for; repeatable.
    on_behalf_of: Option<Vec<String>>,
    /// A key, or a prefix ending in `*`; repeatable.
    action: Option<Vec<String>>,
    /// What the action does; repeatable.
    #[param(inline)]
    kind: Option<Vec<KindName>>,
    /// How it ended; repeatable.
    #[param(inline)]
    outcome: Option<Vec<OutcomeName>>,
    /// Folded by case and accents.
    #[param(max_length = 256)]
    resource_name: Option<String>,
    /// ever (default): any name the resource bore; event: the name in the event.
    #[param(inline)]
    name_scope: Option<NameScopeName>,
    /// contains by default.
    #[param(inline)]
    name_match: Option<NameMatchName>,
    /// The product's request id, exactly; repeatable.
    request_id: Option<Vec<String>>,
    /// The trace id, exactly; repeatable.
    trace_id: Option<Vec<String>>,
    /// Inclusive; RFC 3339 with a zone.
    from: Option<String>,
    /// Exclusive; RFC 3339 with a zone.
    to: Option<String>,
    /// Whether records of reading are shown.
    include_access: Option<bool>,
}

/// Conditions on resources, for all but the events of one resource. Type, id and name have to hold
/// on one and the same resource.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ResourceQuery {
    /// Repeatable.
    resource_type: Option<Vec<String>>,
    /// With exactly one `resource_type`; repeatable.
    resource_id: Option<Vec<String>>,
}

/// The list's own parameters.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Rows a page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
    /// `page.next` or `page.prev` of an answer to the same filters.
    cursor: Option<String>,
    /// none by default; bounded is exact to 10,000.
    #[param(inline)]
    count: Option<CountName>,
    /// `partition:offset` that has to be visible first; repeatable.
    min_position: Option<Vec<String>>,
    /// For administrators: how the page was found.
    explain: Option<bool>,
}

/// The feed's own parameters.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeedQuery {
    /// `0` for the beginning, or the `next` of an earlier answer.
    after: Option<String>,
    /// How long to wait for rows, such as `30s`; at most 60 s.
    wait: Option<String>,
    /// Rows a page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
    /// `partition:offset` that has to be visible first; repeatable.
    min_position: Option<Vec<String>>,
}

/// An export's own parameters.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// Needed, here or in the body.
    #[param(inline, example = "ndjson")]
    format: Option<FormatName>,
    /// For csv: an IANA zone for the column `occurred_at_local`.
    tz: Option<String>,
    /// `partition:offset` that has to be visible first; repeatable.
    min_position: Option<Vec<String>>,
}

/// The facets' own parameters.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FacetsQuery {
    /// Of actor, resource_type, action, kind, outcome, with commas; all by default.
    by: Option<String>,
    /// Values a facet.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u32>,
}

/// The histogram's own parameters.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistogramQuery {
    /// A day by default.
    #[param(inline)]
    bucket: Option<BucketName>,
    /// An IANA zone; UTC by default.
    tz: Option<String>,
    #[param(inline)]
    by: Option<HistogramByName>,
}

/// The parameters of the list of resources.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ResourcesQuery {
    /// Repeatable.
    resource_type: Option<Vec<String>>,
    /// With the types that they are of; repeatable.
    resource_id: Option<Vec<String>>,
    /// Any name that it bore, folded by case and accents.
    #[param(max_length = 256)]
    resource_name: Option<String>,
    /// Id of the actor of the earliest create; repeatable.
    creator: Option<Vec<String>>,
    /// Id of the actor of the latest change; repeatable.
    last_editor: Option<Vec<String>>,
    /// Changed last by somebody else than its creator.
    edited_by_other: Option<bool>,
    /// Inclusive; RFC 3339 with a zone.
    from: Option<String>,
    /// Exclusive; RFC 3339 with a zone.
    to: Option<String>,
    /// Rows a page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
    /// `page.next` or `page.prev` of an answer to the same filters.
    cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use utoipa::IntoParams;

    use super::*;
    use crate::parameters::{FILTER, KNOWN_LIST};

    fn names<P: IntoParams>() -> Vec<String> {
        P::into_params(|| None).into_iter().map(|parameter| parameter.name).collect()
    }

    /// A filter that is read and not drawn would be nobody's to find.
    #[test]
    fn what_is_drawn_is_what_is_read() {
        let sorted = |mut names: Vec<String>| {
            names.sort_unstable();
            names
        };
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let filter = [names::<FilterQuery>(), names::<ResourceQuery>()].concat();
        assert_eq!(sorted(filter), sorted(owned(&FILTER)));
        assert_eq!(sorted(names::<ListQuery>()), sorted(owned(&KNOWN_LIST)));
    }
}
