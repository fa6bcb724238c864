//! `GET /v1/workspaces/{workspace}/facets`: the values that matching rows have, with exact counts.

use annals_service::problem::Problem;
use annals_store::FacetRequest;
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;

use crate::access::Reading;
use crate::openapi::{FacetsQuery, FilterQuery, ReadProblems, ResourceQuery, WorkspacePath};
use crate::parameters::FacetParameters;
use crate::reading_room::ReadingRoom;
use crate::shapes::{FacetsAnswer, SnapshotShape};
use crate::state::ApiState;

#[utoipa::path(
    get,
    path = "/facets",
    summary = "Values with exact counts; a facet ignores the filter on itself.",
    operation_id = "facets",
    security(("bearer" = ["audit:read"])),
    params(WorkspacePath, FilterQuery, ResourceQuery, FacetsQuery),
    responses(
        (status = 200, body = FacetsAnswer),
        ReadProblems
    ),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    State(room): State<ReadingRoom>,
    reader: Reading,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Json<FacetsAnswer>, Problem> {
    let labels = state.labels.get();
    let asked = FacetParameters::parse(&query.unwrap_or_default(), &labels)?;
    let snapshot = SnapshotShape::before_reading(&reader.workspace, reader.sees_positions());
    let (workspace, limits) = (reader.workspace.clone(), state.query_limits);
    let room = room.of(&reader);
    let found = room.read(move || {
        let (filter, by) = (&asked.filter.asked, &asked.by[..]);
        let limit = asked.limit;
        workspace.facets(&FacetRequest {
            filter,
            snapshot: None,
            by,
            limit,
            budget: limits.begin(),
        })
    });
    let found = found.await?;
    let (snapshot, language) = (snapshot.at(found.snapshot), super::languages(&headers));
    Ok(Json(FacetsAnswer::new(found.facets, &labels, language, snapshot)))
}
