//! `GET /v1/workspaces/{workspace}/events/export`: every row that matches, as a file.

use annals_service::problem::Problem;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::access::Exporting;
use crate::export::{ExportJob, start};
use crate::parameters::{ExportParameters, Pairs};
use crate::state::Served;

pub(crate) async fn get(
    State(served): State<Served>,
    Exporting(reader): Exporting,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let labels = served.api.labels.get();
    let asked = ExportParameters::read(Pairs::parse(&query.unwrap_or_default()), &labels)?;
    let job = ExportJob::new(reader, asked, super::languages(&headers)).await?;
    start(served, job).await
}
