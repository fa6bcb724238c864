//! Rate limits as clients see them: `RateLimit` headers, and 429 with `Retry-After`.
//!
//! Whoever knows who calls counts the request and leaves what it learnt with the request; this
//! layer puts it on the answer, whatever that is
//! (draft-ietf-httpapi-ratelimit-headers).

use std::sync::{Arc, OnceLock};

use axum::extract::Request;
use axum::http::{Extensions, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::access::{Caller, OverLimit, RateLimits, RateState};
use crate::problem::{Problem, ProblemKind};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What the extractor learns, for the answer.
#[derive(Clone, Default)]
struct Learnt(Arc<OnceLock<RateState>>);

/// Middleware: adds the headers to answers whose request was counted.
pub async fn rate_headers(mut request: Request, next: Next) -> Response {
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

/// Counts a request of a caller, on a workspace if it is about one: `rate-limited` if it is one too
/// many. `extensions` are the request's.
pub fn admit_counted(
    extensions: &Extensions,
    limits: &RateLimits,
    caller: &Caller,
    workspace: Option<&str>,
) -> Result<(), Problem> {
    let learn = |state: RateState| {
        if let Some(learnt) = extensions.get::<Learnt>() {
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
            learn(RateState { limit, remaining: 0, reset_seconds: 60 });
            Err(Problem::new(ProblemKind::RateLimited)
                .detail(format!("more than {limit} requests a minute"))
                .retry_after(retry_after_seconds))
        }
    }
}
