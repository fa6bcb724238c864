//! `GET /v1/workspaces/{workspace}/resource-names?q=`: type-ahead for names of resources, names
//! that they bore once included.

use annals_service::problem::Problem;
use axum::Json;
use axum::extract::State;

use crate::access::Reading;
use crate::openapi::{ReadProblems, WorkspacePath};
use crate::parameters::TypedText;
use crate::reading_room::ReadingRoom;
use crate::shapes::ResourceNamesAnswer;
use crate::state::ApiState;

#[utoipa::path(
    get,
    path = "/resource-names",
    summary = "Type-ahead of names of resources.",
    operation_id = "resource_names",
    security(("bearer" = ["audit:read"])),
    params(WorkspacePath, ("q" = Option<String>, Query, description = "what was typed")),
    responses(
        (status = 200, body = ResourceNamesAnswer),
        ReadProblems
    ),
)]
pub(crate) async fn list(
    State(state): State<ApiState>,
    State(room): State<ReadingRoom>,
    reader: Reading,
    TypedText(text): TypedText,
) -> Result<Json<ResourceNamesAnswer>, Problem> {
    let (workspace, limits) = (reader.workspace.clone(), state.query_limits);
    let found = room
        .of(&reader)
        .read(move || workspace.suggest_names(&text, super::MAX_SUGGESTIONS, limits.begin()))
        .await?;
    Ok(Json(found.into()))
}
