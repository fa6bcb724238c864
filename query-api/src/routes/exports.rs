//! `POST /v1/workspaces/{workspace}/exports`: for browsers, which cannot send a token with a
//! download. The snapshot is that of the request; parameters are in the query string, in a JSON
//! object, or in both.

use annals_service::problem::{Problem, ProblemKind};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Exporting;
use crate::export::{EXPORT_ID, ExportJob};
use crate::openapi::{ExportQuery, FilterQuery, ReadProblems, ResourceQuery, WorkspacePath};
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
    params(WorkspacePath, FilterQuery, ResourceQuery, ExportQuery),
    request_body(
        content = Option<BTreeMap<String, serde_json::Value>>,
        description = "the same parameters, texts or lists of texts"
    ),
    responses((status = 201, body = ExportAnswer), ReadProblems),
)]
pub(crate) async fn post(
    State(served): State<Served>,
    Exporting(reader): Exporting,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let labels = served.api.labels.get();
    let asked =
        ExportParameters::read(pairs(&query.unwrap_or_default(), &headers, &body)?, &labels)?;
    let job = ExportJob::new(reader, asked, super::languages(&headers)).await?;
    let base_path = &served.api.base_path;
    let (id, manifest_url) = (job.id.to_string(), job.manifest_path(base_path));
    let ticket = served.api.exports.tickets.give(job)?;
    let download_url = format!("{base_path}/v1/exports/{ticket}");
    let answered = [(EXPORT_ID, id.clone()), (LOCATION, manifest_url.clone())];
    let answer = ExportAnswer { id, download_url, manifest_url };
    Ok((StatusCode::CREATED, answered, Json(answer)).into_response())
}

fn pairs(query: &str, headers: &HeaderMap, body: &Bytes) -> Result<Pairs, Problem> {
    let mut pairs = Pairs::parse(query);
    if body.is_empty() {
        return Ok(pairs);
    }
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|text| text.split(';').next()).unwrap_or_default().trim();
    let wrong = |detail: &str| {
        Problem::new(ProblemKind::InvalidParameter).detail(detail).pointer("", detail)
    };
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(wrong("the body is no application/json"));
    }
    let members: Option<_> =
        serde_json::from_slice(body).map_err(|_| wrong("the body is no JSON object"))?;
    pairs.extend_from_json(members.unwrap_or_default());
    Ok(pairs)
}
