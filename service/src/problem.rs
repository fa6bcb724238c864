//! Errors over HTTP: problem details (RFC 9457), one shape for every role.
//!
//! A problem carries a safe message for the outside; causes belong in the log. The request id is
//! put in by the middleware `http::request_id`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::Object;

use crate::openapi::one_of;

/// Every type URI starts with this and ends with the problem's name.
const TYPE_BASE: &str = "https://annals.dev/problems/";

/// What a problem is sent as.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// The kinds of problem there are. Names and statuses are part of the API and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// 400: a parameter is unknown, malformed or out of range.
    InvalidParameter,
    /// 400: the cursor belongs to another workspace, filter or key.
    CursorMismatch,
    /// 401: no caller, for whatever reason.
    Unauthenticated,
    /// 403: the workspace is granted, the scope is not.
    Forbidden,
    /// 404: nothing there, or nothing for this caller.
    NotFound,
    /// 410: the cursor was good once.
    CursorExpired,
    /// 413: the body or an event is too large.
    PayloadTooLarge,
    /// 422: the event breaks its contract.
    SchemaViolation,
    /// 429: too many requests.
    RateLimited,
    /// 500: a failure of ours.
    Internal,
    /// 503: the asked-for position was not reached in time.
    Behind,
    /// 503: the log is out of reach.
    LogUnavailable,
    /// 504: the time for this request is over.
    Timeout,
}

impl ProblemKind {
    /// Every kind there is.
    pub const ALL: [Self; 13] = [
        Self::InvalidParameter,
        Self::CursorMismatch,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::CursorExpired,
        Self::PayloadTooLarge,
        Self::SchemaViolation,
        Self::RateLimited,
        Self::Internal,
        Self::Behind,
        Self::LogUnavailable,
        Self::Timeout,
    ];

    /// The stable name, such as `invalid-parameter`.
    pub fn name(self) -> &'static str {
        self.facts().0
    }

    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        self.facts().1
    }

    /// The summary that is the same each time.
    pub fn title(self) -> &'static str {
        self.facts().2
    }

    fn facts(self) -> (&'static str, StatusCode, &'static str) {
        use StatusCode as S;
        match self {
            Self::InvalidParameter => {
                ("invalid-parameter", S::BAD_REQUEST, "A parameter is not valid")
            }
            Self::CursorMismatch => {
                ("cursor-mismatch", S::BAD_REQUEST, "The cursor does not belong to this request")
            }
            Self::Unauthenticated => {
                ("unauthenticated", S::UNAUTHORIZED, "A valid bearer token is needed")
            }
            Self::Forbidden => ("forbidden", S::FORBIDDEN, "You do not have access"),
            Self::NotFound => ("not-found", S::NOT_FOUND, "There is no such thing"),
            Self::CursorExpired => ("cursor-expired", S::GONE, "The cursor has expired"),
            Self::PayloadTooLarge => {
                ("payload-too-large", S::PAYLOAD_TOO_LARGE, "The request is too large")
            }
            Self::SchemaViolation => {
                ("schema-violation", S::UNPROCESSABLE_ENTITY, "The event breaks its contract")
            }
            Self::RateLimited => ("rate-limited", S::TOO_MANY_REQUESTS, "Too many requests"),
            Self::Internal => ("internal", S::INTERNAL_SERVER_ERROR, "Something failed here"),
            Self::Behind => ("behind", S::SERVICE_UNAVAILABLE, "That position is not reached yet"),
            Self::LogUnavailable => {
                ("log-unavailable", S::SERVICE_UNAVAILABLE, "The log is out of reach")
            }
            Self::Timeout => ("timeout", S::GATEWAY_TIMEOUT, "The request took too long"),
        }
    }
}

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// A JSON pointer (RFC 6901) into the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// A query parameter's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
    detail: String,
}

/// A problem, ready to be the response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    kind: ProblemKind,
    detail: Option<String>,
    errors: Vec<Fault>,
    retry_after_seconds: Option<u64>,
    request_id: Option<String>,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind.title())?;
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        for Fault { pointer, parameter, detail } in &self.errors {
            let name = parameter.as_deref().or(pointer.as_deref()).unwrap_or_default();
            write!(f, "; {name} {detail}")?;
        }
        Ok(())
    }
}

/// Problem details (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Body<'a> {
    /// Stable; its last part is the problem's name.
    #[schema(schema_with = types)]
    r#type: String,
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    errors: &'a [Fault],
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

/// The types that problems have.
fn types() -> Object {
    let types = ProblemKind::ALL.map(|kind| format!("{TYPE_BASE}{}", kind.name()));
    one_of(&types.each_ref().map(String::as_str))
}

impl Problem {
    /// A problem of this kind without further words.
    pub fn new(kind: ProblemKind) -> Self {
        Self { kind, detail: None, errors: vec![], retry_after_seconds: None, request_id: None }
    }

    /// Says what is wrong this time, in words that are safe outside.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Names a query parameter that is wrong, and why.
    pub fn parameter(mut self, name: impl Into<String>, detail: impl Into<String>) -> Self {
        let parameter = Some(name.into());
        self.errors.push(Fault { pointer: None, parameter, detail: detail.into() });
        self
    }

    /// Points into the body at what is wrong, and why.
    pub fn pointer(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let pointer = Some(pointer.into());
        self.errors.push(Fault { pointer, parameter: None, detail: detail.into() });
        self
    }

    /// Asks the client to come back after so many seconds (`Retry-After`).
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// Names the request, so that a report finds its log lines.
    pub fn request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    /// What kind it is.
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// The JSON document. A 401 is always the same, so that it tells nothing about why.
    fn body(&self) -> Vec<u8> {
        let uniform = self.kind == ProblemKind::Unauthenticated;
        let body = Body {
            r#type: format!("{TYPE_BASE}{}", self.kind.name()),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: self.detail.as_deref().filter(|_| !uniform),
            errors: if uniform { &[] } else { &self.errors },
            request_id: self.request_id.as_deref(),
        };
        serde_json::to_vec(&body).expect("a problem has only text and number members")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.kind.status(), self.body()).into_response();
        let headers = response.headers_mut();
        let media_type = HeaderValue::from_static(MEDIA_TYPE);
        headers.insert(header::CONTENT_TYPE, media_type);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.kind == ProblemKind::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // The middleware finds the problem here and adds the request's id to it.
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
#[path = "problem_tests.rs"]
mod tests;
