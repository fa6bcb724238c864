//! `GET /v1/workspaces/{workspace}/exports/{id}/manifest`: what a finished export was.

use annals_service::problem::{Problem, ProblemKind};
use axum::Json;
use axum::extract::{Path, State};

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
    let now = state.clock.unix_seconds();
    let bytes = state.exports.manifests.get(id, now).await.map_err(|error| {
        let error = annals_service::with_causes(&error);
        tracing::error!(error, "the manifest of an export cannot be read");
        Problem::new(ProblemKind::Internal)
    })?;
    let found = serde_json::from_slice::<Manifest>(&bytes.ok_or_else(missing)?);
    // What an older version left half written is none.
    let found = found.inspect_err(|error| tracing::error!(%error, %id, "not a manifest")).ok();
    // That of another workspace is none.
    let own = found.filter(|manifest| manifest.workspace == reader.workspace.id().as_str());
    own.map(Json).ok_or_else(missing)
}
