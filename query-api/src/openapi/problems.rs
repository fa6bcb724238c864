//! The problems that routes answer with.

use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

/// Problem details (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDetails {
    /// Stable; its last part is the problem's name.
    r#type: String,
    title: String,
    status: u16,
    detail: Option<String>,
    errors: Option<Vec<Fault>>,
    request_id: Option<String>,
}

/// One thing that is wrong with the request.
#[derive(Serialize, ToSchema)]
pub(crate) struct Fault {
    /// A JSON pointer into the body.
    pointer: Option<String>,
    /// A parameter's name.
    parameter: Option<String>,
    detail: String,
}

/// What every read may be answered with.
#[expect(dead_code, reason = "drawn for the document")]
#[derive(IntoResponses)]
pub(crate) enum ReadProblems {
    /// `invalid-parameter` or `cursor-mismatch`.
    #[response(status = 400, content_type = "application/problem+json")]
    Invalid(#[to_schema] ProblemDetails),
    /// `unauthenticated`, always the same.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(#[to_schema] ProblemDetails),
    /// `forbidden`: the workspace is granted, the scope is not.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(#[to_schema] ProblemDetails),
    /// `not-found`: the workspace is not granted, or there is no such thing.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(#[to_schema] ProblemDetails),
    /// `cursor-expired`: begin again.
    #[response(status = 410, content_type = "application/problem+json")]
    Expired(#[to_schema] ProblemDetails),
    /// `rate-limited`, with `Retry-After`.
    #[response(status = 429, content_type = "application/problem+json")]
    Limited(#[to_schema] ProblemDetails),
    /// `behind` or `log-unavailable`.
    #[response(status = 503, content_type = "application/problem+json")]
    Behind(#[to_schema] ProblemDetails),
    /// `timeout`: narrow the date range or filters.
    #[response(status = 504, content_type = "application/problem+json")]
    Timeout(#[to_schema] ProblemDetails),
}

/// What a route without a token may be answered with.
#[expect(dead_code, reason = "drawn for the document")]
#[derive(IntoResponses)]
pub(crate) enum Unfound {
    /// `invalid-parameter`.
    #[response(status = 400, content_type = "application/problem+json")]
    Invalid(#[to_schema] ProblemDetails),
    /// `not-found`.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(#[to_schema] ProblemDetails),
    /// `rate-limited`, with `Retry-After`.
    #[response(status = 429, content_type = "application/problem+json")]
    Limited(#[to_schema] ProblemDetails),
    /// `behind`.
    #[response(status = 503, content_type = "application/problem+json")]
    Behind(#[to_schema] ProblemDetails),
}
