//! `GET /v1/exports/{ticket}`: an export asked for with POST. The ticket is all that is needed, and
//! good once.

use annals_service::problem::{Problem, ProblemKind};
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;

use crate::export::start;
use crate::openapi::TicketProblems;
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
            headers(
                ("Annals-Export-Id" = String, description = "its manifest's id"),
                ("Annals-Complete-Through" = String, description = "of its snapshot"),
                ("Link" = String, description = "`describedby`: its manifest")
            )
        ),
        TicketProblems
    ),
)]
pub(crate) async fn get(
    State(served): State<Served>,
    method: Method,
    Path(ticket): Path<String>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let missing = || Problem::new(ProblemKind::NotFound);
    let tickets = &served.api.exports.tickets;
    let workspace = tickets.workspace(&ticket, Instant::now()).ok_or_else(missing)?;
    // Whoever only looks (a download manager, a link scanner) does not use it up.
    if method == Method::HEAD {
        return Ok(StatusCode::OK.into_response());
    }
    // Refused for want of a place, it may be tried again.
    let place = served.api.exports.place(&workspace)?;
    let mut job = tickets.redeem(&ticket, Instant::now()).ok_or_else(missing)?;
    // Whoever asked for it may have lost access since.
    if !job.renewal.ask(&served.api, &workspace) {
        return Err(missing());
    }
    start(served, job, place).await
}
