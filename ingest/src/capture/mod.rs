//! Records what the mutating routes of an axum service do: who, which request, how it went.
//!
//! ```
//! # use std::sync::Arc;
//! # use annals_ingest::capture::{Audit, AuditDetails, Who, audited};
//! # use annals_ingest::{Principal, Recorder};
//! # use axum::{Extension, Router, middleware::from_fn_with_state, routing::put};
//! # fn routes(recorder: Arc<Recorder>) -> Router {
//! #[derive(Clone)]
//! struct Session { workspace: String, user: String }
//!
//! let audit = Audit::new(recorder, |request| {
//!     let session = request.extensions.get::<Session>()?;
//!     Some(Who::new(&session.workspace, Principal::user(&session.user)))
//! });
//! let renamed = audit.action("segment.updated").on("segment", "id");
//! Router::new().route("/segments/{id}", put(rename).layer(from_fn_with_state(renamed, audited)))
//! # }
//! # async fn rename(details: Extension<AuditDetails>) { details.name("VIP EU"); }
//! ```
//!
//! Guarantees: a mutating request that reached its handler is recorded once, also when its client
//! goes away or the handler panics (then with an unknown outcome). Nothing here waits.
//! Deliberately not here: requests that were refused before, by a layer around this one; reads.

mod details;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use annals_schemas::{Context, Outcome, Principal};
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

pub use details::AuditDetails;

use crate::{EventBuilder, Recorder};

/// Who makes a request, as the product's own layers have found out.
#[derive(Debug, Clone)]
pub struct Who {
    workspace: String,
    actor: Principal,
    on_behalf_of: Option<Principal>,
}

impl Who {
    /// Somebody in a workspace.
    pub fn new(workspace: impl Into<String>, actor: Principal) -> Self {
        Self { workspace: workspace.into(), actor, on_behalf_of: None }
    }

    /// For somebody else.
    #[must_use]
    pub fn on_behalf_of(mut self, other: Principal) -> Self {
        self.on_behalf_of = Some(other);
        self
    }
}

type Identify = dyn Fn(&Parts) -> Option<Who> + Send + Sync;

/// Where a service's events go, and how it tells who makes a request. Cheap to clone.
#[derive(Clone)]
pub struct Audit {
    recorder: Arc<Recorder>,
    who: Arc<Identify>,
}

/// What one route does. The state of [`audited`].
#[derive(Clone)]
pub struct AuditedRoute {
    audit: Audit,
    action: String,
    /// Type of the resource, and the parameter of the path that holds its id.
    resource: Option<(String, String)>,
}

impl Audit {
    /// Records with this recorder what those do whom the function finds in a request. Who is not
    /// found is not recorded, which is said in the log.
    pub fn new(
        recorder: Arc<Recorder>,
        who: impl Fn(&Parts) -> Option<Who> + Send + Sync + 'static,
    ) -> Self {
        Self { recorder, who: Arc::new(who) }
    }

    /// A route that does this.
    pub fn action(&self, action: impl Into<String>) -> AuditedRoute {
        AuditedRoute { audit: self.clone(), action: action.into(), resource: None }
    }
}

impl AuditedRoute {
    /// What it is done on: a resource of this type, whose id is this parameter of the path.
    #[must_use]
    pub fn on(mut self, resource_type: impl Into<String>, parameter: impl Into<String>) -> Self {
        self.resource = Some((resource_type.into(), parameter.into()));
        self
    }
}

/// The middleware, for `from_fn_with_state`. What a handler knows better it says to the
/// [`AuditDetails`] in the request's extensions.
pub async fn audited(
    State(route): State<AuditedRoute>,
    parameters: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    // Always there: a handler that says details must not fail because nobody hears them.
    let details = AuditDetails::default();
    parts.extensions.insert(details.clone());
    let is_mutating =
        [Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(&parts.method);
    let begun = is_mutating.then(|| route.begun(&parts, parameters.ok().as_ref()));
    let Some(Some(begun)) = begun else {
        if is_mutating {
            tracing::error!(action = route.action, "nobody is known: a request is not recorded");
        }
        return next.run(Request::from_parts(parts, body)).await;
    };
    let request_id = header(&parts.headers, "x-request-id");
    let recorder = Arc::clone(&route.audit.recorder);
    let mut pending = Pending { recorder, begun: Some(begun), details, request_id };
    let response = next.run(Request::from_parts(parts, body)).await;
    pending.end(&response);
    response
}

impl AuditedRoute {
    /// The event as far as the request tells it; `None` if nobody is known.
    fn begun(&self, parts: &Parts, parameters: Option<&RawPathParams>) -> Option<Begun> {
        let Who { workspace, actor, on_behalf_of } = (self.audit.who)(parts)?;
        let builder = EventBuilder::new(&workspace, &self.action).ok()?.by(actor);
        let builder = match on_behalf_of {
            Some(other) => builder.on_behalf_of(other),
            None => builder,
        };
        let resource = self.resource.as_ref().and_then(|(resource_type, parameter)| {
            let found = parameters?.iter().find(|(name, _)| name == parameter)?;
            Some((resource_type.clone(), found.1.to_owned()))
        });
        let context = Context {
            user_agent: header(&parts.headers, "user-agent"),
            trace_id: trace_id(&parts.headers),
            ..Context::default()
        };
        Some(Begun { builder, resource, context })
    }
}

/// An event that lacks its end.
struct Begun {
    builder: EventBuilder,
    resource: Option<(String, String)>,
    context: Context,
}

/// Emits the event when the request ends, however it does.
struct Pending {
    recorder: Arc<Recorder>,
    begun: Option<Begun>,
    details: AuditDetails,
    request_id: Option<String>,
}

impl Pending {
    fn end(&mut self, response: &Response) {
        let outcome = match response.status() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Outcome::Denied,
            status if status.is_client_error() || status.is_server_error() => Outcome::Failure,
            _ => Outcome::Success,
        };
        self.request_id = self.request_id.take().or(header(response.headers(), "x-request-id"));
        self.emit(outcome);
    }

    fn emit(&mut self, outcome: Outcome) {
        let Some(Begun { builder, resource, context }) = self.begun.take() else { return };
        let context = Context { request_id: self.request_id.take(), ..context };
        let builder = builder.outcome(outcome).context(context);
        self.recorder.emit(self.details.complete(builder, resource));
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        // Still begun only if the client went away or the handler panicked: nobody knows what was
        // done by then.
        self.emit(Outcome::Unknown);
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Of W3C trace context: `00-TRACE-SPAN-FLAGS`.
fn trace_id(headers: &HeaderMap) -> Option<String> {
    let traceparent = header(headers, "traceparent")?;
    let id = traceparent.split('-').nth(1)?;
    let is_hexadecimal = id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (id.len() == 32 && is_hexadecimal).then(|| id.to_owned())
}
