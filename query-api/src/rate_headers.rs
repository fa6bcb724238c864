//! Rate limits as clients see them: `RateLimit` headers, and 429 with `Retry-After`.
//!
//! The extractor that knows who calls counts the request and leaves what it learnt with the
//! request; this layer puts it on the answer, whatever that is
//! (draft-ietf-httpapi-ratelimit-headers).

use std::sync::{Arc, OnceLock};

use annals_service::access::{Caller, OverLimit, RateLimits, RateState};
use annals_service::problem::{Problem, ProblemKind};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::metrics;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What the extractor learns, for the answer.
#[derive(Clone, Default)]
struct Learnt(Arc<OnceLock<RateState>>);

/// Middleware: adds the headers to answers whose request was counted.
pub(crate) async fn rate_headers(mut request: Request, next: Next) -> Response {
    let learnt = Learnt::default();
    request.extensions_mut().insert(learnt.clone());
    let mut response = next.run(request).await;
    if let Some(RateState { limit, remaining, reset_seconds }) = learnt.0.get() {
        let values = [
            (RATE_LIMIT_POLICY, format!("\"minute\";q={limit};w=60")),
            (RATE_LIMIT, format!("\"minute\";r={remaining};t={reset_seconds}")),
        ];
        for (name, value) in values {
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    response
}

/// Counts a request of a caller, on a workspace if it is about one.
pub(crate) fn admit(
    parts: &Parts,
    limits: &RateLimits,
    caller: &Caller,
    workspace: Option<&str>,
) -> Result<(), Problem> {
    let learn = |state: RateState| {
        if let Some(learnt) = parts.extensions.get::<Learnt>() {
            let _ = learnt.0.set(state);
        }
    };
    match limits.admit(&caller.identity(), workspace) {
        Ok(None) => Ok(()),
        Ok(Some(state)) => {
            learn(state);
            Ok(())
        }
        Err(OverLimit { limit, retry_after_seconds }) => {
            metrics::rate_limited();
            learn(RateState { limit, remaining: 0, reset_seconds: 60 });
            Err(Problem::new(ProblemKind::RateLimited)
                .detail(format!("more than {limit} requests a minute"))
                .retry_after(retry_after_seconds))
        }
    }
}
