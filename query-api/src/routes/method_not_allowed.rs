//! 405 for a known path under a method it does not take; the router adds `Allow`.

use annals_service::http::RequestId;
use annals_service::problem::{Problem, ProblemKind};
use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// Longer problems do not come up.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// The problem `not-found` under status 405: there is no such thing under this method.
pub(crate) async fn answer(id: Option<Extension<RequestId>>) -> Response {
    let problem = Problem::new(ProblemKind::NotFound).detail("this path takes other methods");
    let problem = match id {
        Some(Extension(RequestId(id))) => problem.request_id(id),
        None => problem,
    };
    let (mut parts, body) = problem.into_response().into_parts();
    let bytes = to_bytes(body, MAX_BODY_BYTES).await.unwrap_or_default();
    let mut document: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    document["status"] = StatusCode::METHOD_NOT_ALLOWED.as_u16().into();
    parts.status = StatusCode::METHOD_NOT_ALLOWED;
    parts.headers.remove(CONTENT_LENGTH);
    // The middleware would write a problem it finds again, with the status of its kind.
    parts.extensions.remove::<Problem>();
    Response::from_parts(parts, Body::from(document.to_string()))
}
