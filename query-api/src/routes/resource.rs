//! `GET /v1/workspaces/{workspace}/resources/{type}/{id}`: one resource.

use annals_service::problem::{Problem, ProblemKind};
use axum::Json;
use axum::extract::{Path, State};

use crate::access::Reading;
use crate::openapi::{ReadProblems, ResourcePath};
use crate::parameters::NoParameters;
use crate::reading_room::ReadingRoom;
use crate::shapes::ResourceRowShape;
use crate::state::ApiState;

#[utoipa::path(
    get,
    path = "/resources/{type}/{id}",
    summary = "One resource.",
    operation_id = "resource",
    security(("bearer" = ["audit:read"])),
    params(ResourcePath),
    responses(
        (status = 200, body = ResourceRowShape),
        ReadProblems
    ),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    State(room): State<ReadingRoom>,
    reader: Reading,
    _: NoParameters,
    Path((_, resource_type, id)): Path<(String, String, String)>,
) -> Result<Json<ResourceRowShape>, Problem> {
    let limits = state.query_limits;
    let room = room.of(&reader);
    let found = room
        .read_page(move || reader.workspace.resource(&resource_type, &id, limits.begin()))
        .await?;
    let (row, _) = found.ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
    Ok(Json(row.into()))
}
