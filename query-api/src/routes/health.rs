//! `/livez` and `/readyz`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::{ApiState, PartitionHealth};

/// Stands for reasons, which may name files and neighbours, on addresses that are not the
/// administration's.
const WITHHELD: &str = "told on the administration's address";

/// How this node is doing.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReadinessAnswer {
    ready: bool,
    /// Why the log refuses appends, if it does. Reasons are told on loopback and to operators.
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
    let answer = ReadinessAnswer { ready, log, access_records, partitions };
    let answer = if state.tells_reasons { answer } else { answer.without_reasons() };
    (status, Json(answer)).into_response()
}

impl ReadinessAnswer {
    fn without_reasons(mut self) -> Self {
        let reasons = self.partitions.iter_mut().map(|partition| &mut partition.reason);
        let reasons = reasons.chain([&mut self.log, &mut self.access_records]);
        reasons.flatten().for_each(|reason| WITHHELD.clone_into(reason));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_something_is_wrong_is_told_everybody_and_why_is_not() {
        let reason = Some("writing /var/lib/annals: no space left".to_owned());
        let partitions =
            vec![PartitionHealth { partition: 0, status: "halted", reason: reason.clone() }];
        let answer =
            ReadinessAnswer { ready: false, log: reason, access_records: None, partitions };
        let told = serde_json::to_value(answer.without_reasons()).unwrap();
        let withheld = serde_json::json!({
            "ready": false, "log": WITHHELD, "access_records": null,
            "partitions": [{"partition": 0, "status": "halted", "reason": WITHHELD}],
        });
        assert_eq!(told, withheld);
    }
}
