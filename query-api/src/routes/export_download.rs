//! `GET /v1/exports/{ticket}`: an export asked for with POST. The ticket is all that is needed, and
//! good once.

use annals_service::problem::{Problem, ProblemKind};
use axum::extract::{Path, State};
use axum::response::Response;

use crate::export::start;
use crate::parameters::NoParameters;
use crate::state::Served;

pub(crate) async fn get(
    State(served): State<Served>,
    Path(ticket): Path<String>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let job = served.api.exports.tickets.redeem(&ticket);
    start(served, job.ok_or_else(|| Problem::new(ProblemKind::NotFound))?).await
}
