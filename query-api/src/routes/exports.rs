//! `POST /v1/workspaces/{workspace}/exports`: for browsers, which cannot send a token with a
//! download. The snapshot is that of the request; parameters are in the query string, in a JSON
//! object, or in both.

use annals_service::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::json_body::read_if_any;
use crate::access::Exporting;
use crate::export::{EXPORT_ID, ExportJob};
use crate::openapi::{
    BodyProblems, ExportQuery, FilterQuery, ReadProblems, ResourceQuery, WorkspacePath,
};
use crate::parameters::{ExportParameters, Pairs};
use crate::state::Served;

/// An export that can be loaded once, within a minute.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportAnswer {
    id: String,
    download_url: String,
    manifest_url: String,
}

#[utoipa::path(
    post,
    path = "/exports",
    summary = "An export for a browser: to be loaded once, within a minute.",
    operation_id = "exports",
    security(("bearer" = ["audit:export"])),
    params(WorkspacePath, FilterQuery, ResourceQuery, ExportQuery),
    request_body(
        content = Option<BTreeMap<String, serde_json::Value>>,
        description = "the same parameters, texts or lists of texts"
    ),
    responses(
        (
            status = 201,
            body = ExportAnswer,
            headers(
                ("Annals-Export-Id" = String, description = "the export's id"),
                ("Location" = String, description = "its manifest")
            )
        ),
        ReadProblems,
        BodyProblems
    ),
)]
pub(crate) async fn post(
    State(served): State<Served>,
    Exporting(reader): Exporting,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let mut pairs = Pairs::parse(&query.unwrap_or_default());
    pairs.extend_from_json(read_if_any(body).await?.unwrap_or_default());
    let asked = ExportParameters::read(pairs, &served.api.labels.get())?;
    let job = ExportJob::new(reader, asked, super::languages(&headers)).await?;
    let base_path = &served.api.base_path;
    let (id, manifest_url) = (job.id.to_string(), job.manifest_path(base_path));
    let ticket = served.api.exports.tickets.give(job, Instant::now())?;
    let download_url = format!("{base_path}/v1/exports/{ticket}");
    let answered = [(EXPORT_ID, id.clone()), (LOCATION, manifest_url.clone())];
    let answer = ExportAnswer { id, download_url, manifest_url };
    Ok((StatusCode::CREATED, answered, Json(answer)).into_response())
}
