//! `/livez` and `/readyz`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::{ApiState, PartitionHealth};

/// How this node is doing.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReadinessAnswer {
    ready: bool,
    /// Why the log refuses appends, if it does.
    log: Option<String>,
    /// What is wrong with the records of reads, if something is.
    access_records: Option<String>,
    partitions: Vec<PartitionHealth>,
}

/// The process answers.
#[utoipa::path(
    get,
    path = "/livez",
    summary = "The process answers.",
    operation_id = "livez",
    security(()),
    responses((status = 200, body = String, content_type = "text/plain")),
)]
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// Ready unless the log refuses appends, or a partition has stopped or cannot reach the log; says
/// which and why.
#[utoipa::path(
    get,
    path = "/readyz",
    summary = "Whether it can do its work; what is missing otherwise.",
    operation_id = "readyz",
    security(()),
    responses(
        (status = 200, body = ReadinessAnswer),
        (status = 503, body = ReadinessAnswer),
    ),
)]
pub(crate) async fn ready(State(state): State<ApiState>) -> Response {
    let partitions = state.readiness.ask();
    let stopped = |status: &str| matches!(status, "halted" | "retrying");
    let log = state.log.write_trouble();
    // Reads go on while their records wait: that is told, and takes nobody out of service.
    let access_records = state.access_log.trouble();
    let ready = log.is_none() && !partitions.iter().any(|partition| stopped(partition.status));
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(ReadinessAnswer { ready, log, access_records, partitions })).into_response()
}
