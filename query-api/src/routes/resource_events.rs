//! `GET /v1/workspaces/{workspace}/resources/{type}/{id}/events`: a resource's timeline, which is
//! the list of the events that name it.

use annals_service::problem::Problem;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::events::answer;
use crate::access::Reading;
use crate::openapi::{FilterQuery, ListQuery, ReadProblems, ResourcePath};
use crate::parameters::{ListParameters, NamedResource};
use crate::reading_room::ReadingRoom;
use crate::shapes::ListAnswer;
use crate::state::ApiState;

#[utoipa::path(
    get,
    path = "/resources/{type}/{id}/events",
    summary = "The events of one resource.",
    operation_id = "resource_events",
    security(("bearer" = ["audit:read"])),
    params(ResourcePath, FilterQuery, ListQuery),
    responses(
        (status = 200, body = ListAnswer),
        (status = 304, description = "the page that the client has"),
        ReadProblems
    ),
)]
pub(crate) async fn list(
    State(state): State<ApiState>,
    State(room): State<ReadingRoom>,
    reader: Reading,
    Path((_, resource_type, id)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let labels = state.labels.get();
    let resource = NamedResource { resource_type, id };
    let asked = ListParameters::of_resource(&query.unwrap_or_default(), resource, &labels)?;
    answer(&state, &room, &reader, &asked, &headers).await
}
