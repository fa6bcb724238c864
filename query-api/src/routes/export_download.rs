//! `GET /v1/exports/{ticket}`: an export asked for with POST. The ticket is all that is needed, and
//! good once.

use annals_service::problem::{Problem, ProblemKind};
use axum::extract::{Path, State};
use axum::response::Response;

use crate::export::start;
use crate::openapi::Unfound;
use crate::parameters::NoParameters;
use crate::state::Served;

#[utoipa::path(
    get,
    path = "/v1/exports/{ticket}",
    summary = "An export asked for with POST. The ticket is good once.",
    operation_id = "export_download",
    params(("ticket" = String, Path)),
    security(()),
    responses(
        (
            status = 200,
            description = "every row that matches; a cut transfer is aborted",
            content((String = "application/x-ndjson"), (String = "text/csv")),
            headers(("Annals-Export-Id" = String, description = "its manifest's id"))
        ),
        Unfound
    ),
)]
pub(crate) async fn get(
    State(served): State<Served>,
    Path(ticket): Path<String>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let job = served.api.exports.tickets.redeem(&ticket);
    start(served, job.ok_or_else(|| Problem::new(ProblemKind::NotFound))?).await
}
