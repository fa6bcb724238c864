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
    let ready = log.is_none() && !partitions.iter().any(|partition| stopped(partition.status));
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": ready, "log": log, "partitions": partitions }))).into_response()
}
