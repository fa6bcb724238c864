//! The answer: one outcome per event, in request order.

use annals_schemas::{FieldError, Position};
use annals_service::http::RequestId;
use annals_service::openapi::one_of;
use annals_service::problem::{Fault, Problem, ProblemKind};
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::intake::Refused;

/// Seconds after which a client may come again.
pub(super) const RETRY_AFTER_SECONDS: u64 = 1;
/// Our own problem bodies are far below this.
const MAX_PROBLEM_BYTES: usize = 1 << 20;

/// What became of one event.
#[derive(Debug)]
pub(super) enum Outcome {
    Accepted { event_id: Uuid, duplicate: bool, position: Option<Position> },
    Rejected(Refused),
}

/// What became of each event, in request order.
#[derive(Serialize, ToSchema)]
#[schema(as = PostAnswer)]
pub(super) struct Answer {
    items: Vec<ItemAnswer>,
}

/// What became of one event.
#[derive(Serialize, ToSchema)]
#[schema(as = PostItem)]
struct ItemAnswer {
    #[schema(value_type = Option<String>)]
    event_id: Option<Uuid>,
    #[schema(schema_with = statuses)]
    status: &'static str,
    /// For verifiers and administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<PositionAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorAnswer>,
}

/// A place in the log.
#[derive(Serialize, ToSchema)]
#[schema(as = PostPosition)]
struct PositionAnswer {
    partition: u32,
    offset: u64,
}

/// Why an event was rejected.
#[derive(Serialize, ToSchema)]
#[schema(as = PostError)]
struct ErrorAnswer {
    r#type: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Fault>)]
    errors: Vec<FieldError>,
}

fn statuses() -> utoipa::openapi::Object {
    one_of(&["accepted", "duplicate", "rejected"])
}

impl From<Outcome> for ItemAnswer {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Accepted { event_id, duplicate, position } => Self {
                event_id: Some(event_id),
                status: if duplicate { "duplicate" } else { "accepted" },
                position: position
                    .map(|p| PositionAnswer { partition: p.partition, offset: p.offset }),
                error: None,
            },
            Outcome::Rejected(Refused { event_id, kind, detail, errors }) => Self {
                event_id,
                status: "rejected",
                position: None,
                error: Some(ErrorAnswer { r#type: kind.name(), detail, errors }),
            },
        }
    }
}

/// The answer to a batch: 202 whatever became of its events, unless the log took none of them.
pub(super) fn of_batch(outcomes: Vec<Outcome>) -> Response {
    let accepted = outcomes.iter().any(|o| matches!(o, Outcome::Accepted { .. }));
    let away = outcomes.iter().any(is_unavailable);
    if away && !accepted {
        return log_unavailable().into_response();
    }
    let items = outcomes.into_iter().map(ItemAnswer::from).collect();
    (StatusCode::ACCEPTED, Json(Answer { items })).into_response()
}

/// The answer to one event: its status speaks for it. A rejection is a problem (RFC 9457) that
/// carries the same `items` as an extension member.
pub(super) async fn of_one(outcome: Outcome, request_id: Option<&RequestId>) -> Response {
    if is_unavailable(&outcome) {
        return log_unavailable().into_response();
    }
    let status = match &outcome {
        Outcome::Accepted { duplicate: false, .. } => StatusCode::ACCEPTED,
        Outcome::Accepted { duplicate: true, .. } => StatusCode::OK,
        Outcome::Rejected(refused) => {
            let problem = problem_of(refused, request_id);
            return with_items(problem, outcome).await;
        }
    };
    (status, Json(Answer { items: vec![outcome.into()] })).into_response()
}

fn is_unavailable(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Rejected(refused) if refused.kind == ProblemKind::LogUnavailable)
}

/// The log did not acknowledge in time. The event may be on it all the same: trying again with
/// the same `event_id` is safe.
pub(super) fn log_unavailable() -> Problem {
    Problem::new(ProblemKind::LogUnavailable)
        .detail("the log did not acknowledge; try again with the same event_id")
        .retry_after(RETRY_AFTER_SECONDS)
}

fn problem_of(refused: &Refused, request_id: Option<&RequestId>) -> Problem {
    let mut problem = Problem::new(refused.kind).detail(refused.detail.clone());
    for error in &refused.errors {
        problem = problem.pointer(error.pointer.clone(), error.detail.clone());
    }
    match request_id {
        Some(RequestId(id)) => problem.request_id(id.clone()),
        None => problem,
    }
}

async fn with_items(problem: Problem, outcome: Outcome) -> Response {
    let (mut parts, body) = problem.into_response().into_parts();
    let bytes = to_bytes(body, MAX_PROBLEM_BYTES).await.unwrap_or_default();
    let Ok(mut document) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    let items = serde_json::to_value([ItemAnswer::from(outcome)]).unwrap_or_default();
    if let Some(members) = document.as_object_mut() {
        members.insert("items".to_owned(), items);
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    // Otherwise the request-id layer would write the problem again, without its items.
    parts.extensions.remove::<Problem>();
    Response::from_parts(parts, Body::from(document.to_string()))
}
