//! A page for people.

use annals_store::{Plan, Total};
use serde::Serialize;
use utoipa::ToSchema;

use super::{RowShape, SnapshotShape};
use crate::openapi::RelationName;

/// A page of events, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ListAnswer {
    data: Vec<RowShape>,
    page: PageLinks,
    total: Option<TotalShape>,
    snapshot: SnapshotShape,
    /// How the page was found, for an administrator who asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    plan: Option<Plan>,
}

/// What stands beside the rows in it.
#[derive(Serialize)]
pub(crate) struct ListBeside {
    pub(crate) page: PageLinks,
    pub(crate) total: Option<TotalShape>,
    pub(crate) snapshot: SnapshotShape,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) plan: Option<Plan>,
}

/// Cursors to the neighbouring pages.
#[derive(Serialize, ToSchema)]
pub(crate) struct PageLinks {
    pub(crate) next: Option<String>,
    pub(crate) prev: Option<String>,
    pub(crate) limit: usize,
}

/// How many events match.
#[derive(Serialize, ToSchema)]
pub(crate) struct TotalShape {
    value: u64,
    #[schema(value_type = RelationName, inline)]
    relation: &'static str,
}

impl From<Total> for TotalShape {
    fn from(total: Total) -> Self {
        Self { value: total.value, relation: if total.exact { "eq" } else { "gte" } }
    }
}
