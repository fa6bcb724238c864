//! `GET /v1/workspaces/{workspace}/exports/{id}/manifest`: what a finished export was.

use annals_service::problem::{Problem, ProblemKind};
use axum::Json;
use axum::extract::{Path, State};
use uuid::Uuid;

use crate::access::Exporting;
use crate::export::Manifest;
use crate::openapi::ReadProblems;
use crate::parameters::NoParameters;
use crate::state::ApiState;

#[utoipa::path(
    get,
    path = "/exports/{id}/manifest",
    summary = "What a finished export was.",
    operation_id = "export_manifest",
    security(("bearer" = ["audit:export"])),
    params(("workspace" = String, Path), ("id" = String, Path)),
    responses(
        (status = 200, body = Manifest),
        ReadProblems
    ),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    Exporting(reader): Exporting,
    _: NoParameters,
    Path((_, id)): Path<(String, String)>,
) -> Result<Json<Manifest>, Problem> {
    let missing = || Problem::new(ProblemKind::NotFound);
    let id = super::hyphenated(&id).ok_or_else(missing)?;
    let found = read(state, id).await.map_err(|error| {
        tracing::error!(%error, "the manifest of an export cannot be read");
        Problem::new(ProblemKind::Internal)
    })?;
    // That of another workspace is none.
    let own = found.filter(|manifest| manifest.workspace == reader.workspace.id().as_str());
    own.map(Json).ok_or_else(missing)
}

async fn read(state: ApiState, id: Uuid) -> std::io::Result<Option<Manifest>> {
    let now = state.clock.unix_seconds();
    let manifests = state.exports.manifests.clone();
    let read = tokio::task::spawn_blocking(move || manifests.get(id, now)).await?;
    let Some(bytes) = read? else { return Ok(None) };
    Ok(Some(serde_json::from_slice(&bytes)?))
}
