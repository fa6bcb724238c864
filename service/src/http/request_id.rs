//! A name for every request, in the response, in problems and in the log.

use super::trace_context::{RESPONSE, TraceContext};
use crate::problem::Problem;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;
use uuid::Uuid;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const MAX_BYTES: usize = 128;
/// Headers that say something of the old body's bytes.
const OF_THE_BODY: [HeaderName; 4] =
    [header::CONTENT_LENGTH, header::CONTENT_ENCODING, header::TRANSFER_ENCODING, header::ETAG];

/// The request's id, found in the request's extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Middleware: takes the caller's `x-request-id` when it is harmless, otherwise makes one.
///
/// Use as `router.layer(axum::middleware::from_fn(request_id))`, outside everything that answers.
pub async fn request_id(mut request: Request, next: Next) -> Response {
    let given = request.headers().get(HEADER).and_then(harmless);
    let id = given.map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
    request.extensions_mut().insert(RequestId(id.clone()));
    let trace = TraceContext::of(request.headers());
    let trace_id = trace.as_ref().map(|trace| trace.trace_id.as_str());
    let span = tracing::info_span!("request", request_id = %id, trace_id);
    let mut response = next.run(request).instrument(span).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = name_problem(&response, problem, &id);
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    let traced = trace.and_then(|trace| trace.response());
    response.headers_mut().extend(traced.map(|value| (RESPONSE, value)));
    response
}

/// Writes the problem again with the request's id, keeping headers that others have added.
fn name_problem(original: &Response, problem: Problem, id: &str) -> Response {
    let mut renamed = problem.request_id(id).into_response();
    for (name, value) in original.headers() {
        if !OF_THE_BODY.contains(name) && !renamed.headers().contains_key(name) {
            renamed.headers_mut().append(name, value.clone());
        }
    }
    renamed
}

/// The header's text when it is short and plain enough to be repeated in logs.
fn harmless(value: &HeaderValue) -> Option<&str> {
    let text = value.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/=+".contains(&byte);
    (!text.is_empty() && text.len() <= MAX_BYTES && text.bytes().all(plain)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::ProblemKind;
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt;

    async fn answer(path: &str, given: Option<&str>) -> (Option<String>, serde_json::Value) {
        let router = Router::new()
            .route("/ok", get(|| async { "{}" }))
            .route("/bad", get(|| async { Problem::new(ProblemKind::NotFound) }))
            .layer(axum::middleware::from_fn(request_id));
        let mut request = Request::builder().uri(path);
        if let Some(given) = given {
            request = request.header(HEADER, given);
        }
        let response = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let id = response.headers().get(HEADER).map(|id| id.to_str().unwrap().to_owned());
        let bytes = axum::body::to_bytes(response.into_body(), 64 * 1024).await.unwrap();
        (id, serde_json::from_slice(&bytes).unwrap())
    }

    #[tokio::test]
    async fn a_problem_names_its_request() {
        let (id, body) = answer("/bad", Some("abc-1")).await;
        assert_eq!(id.as_deref(), Some("abc-1"));
        assert_eq!(body["request_id"], "abc-1");
        assert_eq!(body["status"], 404);
    }

    #[tokio::test]
    async fn a_renamed_problem_does_not_claim_the_old_bodys_encoding() {
        // A compressing layer inside left `content-encoding: gzip` on a body written anew.
        let compressed = |mut response: Response| async move {
            let gzip = HeaderValue::from_static("gzip");
            response.headers_mut().insert(header::CONTENT_ENCODING, gzip);
            response
                .headers_mut()
                .insert(header::VARY, HeaderValue::from_static("accept-encoding"));
            response
        };
        let router = Router::new()
            .route("/", get(|| async { Problem::new(ProblemKind::NotFound) }))
            .layer(axum::middleware::map_response(compressed))
            .layer(axum::middleware::from_fn(request_id));
        let request = Request::builder().uri("/").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert!(!response.headers().contains_key(header::CONTENT_ENCODING));
        assert_eq!(response.headers()[header::VARY], "accept-encoding");
    }

    #[tokio::test]
    async fn an_id_that_could_forge_log_lines_is_replaced() {
        for given in ["a b", "<script>", "\"", &"x".repeat(129)] {
            let (id, _) = answer("/ok", Some(given)).await;
            assert!(Uuid::parse_str(&id.unwrap()).is_ok(), "{given}");
        }
        let (id, _) = answer("/ok", None).await;
        assert!(Uuid::parse_str(&id.unwrap()).is_ok());
    }
}
