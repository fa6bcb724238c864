//! `GET /v1/workspaces/{workspace}/events/export`: every row that matches, as a file.

use annals_service::problem::Problem;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::access::Exporting;
use crate::export::{ExportJob, start};
use crate::openapi::{ExportQuery, FilterQuery, ReadProblems, ResourceQuery, WorkspacePath};
use crate::parameters::{ExportParameters, Pairs};
use crate::state::Served;

#[utoipa::path(
    get,
    path = "/events/export",
    summary = "Every row that matches, as a file.",
    operation_id = "export",
    security(("bearer" = ["audit:export"])),
    params(WorkspacePath, FilterQuery, ResourceQuery, ExportQuery),
    responses(
        (
            status = 200,
            description = "every row that matches; a cut transfer is aborted",
            content((String = "application/x-ndjson"), (String = "text/csv")),
            headers(
                ("Annals-Export-Id" = String, description = "its manifest's id"),
                ("Annals-Complete-Through" = String, description = "of its snapshot"),
                ("Link" = String, description = "`describedby`: its manifest")
            )
        ),
        ReadProblems
    ),
)]
pub(crate) async fn get(
    State(served): State<Served>,
    Exporting(reader): Exporting,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let labels = served.api.labels.get();
    let asked = ExportParameters::read(Pairs::parse(&query.unwrap_or_default()), &labels)?;
    let job = ExportJob::new(reader, asked, super::languages(&headers)).await?;
    let place = served.api.exports.place(job.workspace.id())?;
    start(served, job, place).await
}
