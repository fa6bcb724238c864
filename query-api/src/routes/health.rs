//! `/livez` and `/readyz`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::state::ApiState;

/// The process answers.
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// Ready unless the log refuses appends, or a partition has stopped or cannot reach the log; says
/// which and why.
pub(crate) async fn ready(State(state): State<ApiState>) -> Response {
    let partitions = state.readiness.ask();
    let stopped = |status: &str| matches!(status, "halted" | "retrying");
    let log = state.log.write_trouble();
    // Reads go on while their records wait: that is told, and takes nobody out of service.
    let access_records = state.access_log.trouble();
    let ready = log.is_none() && !partitions.iter().any(|partition| stopped(partition.status));
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let answer = json!({
        "ready": ready, "log": log, "access_records": access_records, "partitions": partitions,
    });
    (status, Json(answer)).into_response()
}
