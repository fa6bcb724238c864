//! `GET /v1/workspaces/{workspace}/actors?q=`: type-ahead for the people and programs that acted,
//! former ones included.

use annals_service::problem::Problem;
use axum::Json;
use axum::extract::State;

use crate::access::Reading;
use crate::access_log::AccessKind;
use crate::openapi::{ReadProblems, WorkspacePath};
use crate::parameters::TypedText;
use crate::reading_room::ReadingRoom;
use crate::shapes::ActorsAnswer;
use crate::state::ApiState;

#[utoipa::path(
    get,
    path = "/actors",
    summary = "Type-ahead of actors: the beginning of any word.",
    operation_id = "actors",
    security(("bearer" = ["audit:read"])),
    params(WorkspacePath, ("q" = Option<String>, Query, description = "what was typed")),
    responses(
        (status = 200, body = ActorsAnswer),
        ReadProblems
    ),
)]
pub(crate) async fn list(
    State(state): State<ApiState>,
    State(room): State<ReadingRoom>,
    reader: Reading,
    TypedText(text): TypedText,
) -> Result<Json<ActorsAnswer>, Problem> {
    let (workspace, limits) = (reader.workspace.clone(), state.query_limits);
    let found = room
        .of(&reader)
        .read(move || {
            let hidden = AccessKind::hidden_actions();
            workspace.suggest_actors(&text, &hidden, super::MAX_SUGGESTIONS, limits.begin())
        })
        .await?;
    Ok(Json(found.into()))
}
