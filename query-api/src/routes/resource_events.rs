//! `GET /v1/workspaces/{workspace}/resources/{type}/{id}/events`: a resource's timeline, which is
//! the list of the events that name it.

use annals_service::problem::Problem;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::events::answer;
use crate::access::Reading;
use crate::parameters::{ListParameters, NamedResource};
use crate::reading_room::ReadingRoom;
use crate::state::ApiState;

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
