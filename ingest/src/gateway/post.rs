//! The two handlers: authenticate, read, admit, append, answer.

use std::sync::Arc;
use std::time::Instant;

use annals_broker::{Appended, BrokerError};
use annals_schemas::NewRecord;
use annals_service::access::{Caller, Grants, Scope, bearer};
use annals_service::http::{RequestId, admit_counted};
use annals_service::problem::{Problem, ProblemKind};
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;

use super::Gateway;
use super::answer::{Answer, Outcome, RETRY_AFTER_SECONDS, of_batch, of_one};
use super::body::{Input, Item, NoEvents, Path, split};
use super::encoding::{Encoding, Unpackable};
use super::intake::{Admitted, Refused, admit, conflict};
use super::openapi::{EventShape, PostProblems};
use crate::metrics;

/// `POST /v1/events`.
#[utoipa::path(
    post,
    path = "/v1/events",
    summary = "One event; answered once the log has it.",
    operation_id = "post_event",
    security(("bearer" = ["audit:write"])),
    request_body(content(
        (EventShape = "application/json"),
        (Object = "application/cloudevents+json"),
    )),
    responses(
        (status = 202, description = "the log has it", body = Answer),
        (status = 200, description = "it is known already", body = Answer),
        PostProblems
    ),
)]
pub(super) async fn post_event(State(gateway): State<Gateway>, request: Request) -> Response {
    respond(&gateway, Path::Event, request).await
}

/// `POST /v1/events:batch`.
#[utoipa::path(
    post,
    path = "/v1/events:batch",
    summary = "Several events, an outcome for each.",
    operation_id = "post_events",
    security(("bearer" = ["audit:write"])),
    request_body(content(
        (Vec<EventShape> = "application/json"),
        (Vec<Object> = "application/cloudevents-batch+json"),
        (String = "application/x-ndjson"),
    )),
    responses(
        (status = 202, description = "what became of each", body = Answer),
        PostProblems
    ),
)]
pub(super) async fn post_batch(State(gateway): State<Gateway>, request: Request) -> Response {
    respond(&gateway, Path::Batch, request).await
}

/// What is known of an admitted event's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Not used before, as far as is known.
    New,
    /// Used before for the same content.
    Duplicate,
    /// Used before for other content.
    Conflict,
}

async fn respond(gateway: &Gateway, path: Path, request: Request) -> Response {
    match gateway.post(path, request).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

impl Gateway {
    async fn post(&self, path: Path, request: Request) -> Result<Response, Problem> {
        let started = Instant::now();
        let (parts, body) = request.into_parts();
        let caller = self.caller(&parts.headers)?;
        self.check_rate(&parts.extensions, &caller)?;
        check_query(parts.uri.query())?;
        let encoding = Encoding::of(&parts.headers)?;
        // Held until the answer is made: what it stands for is in memory so long.
        let _room = self.reserve(&parts.headers, encoding)?;
        let body = self.read(body).await?;
        let body = self.unpack(encoding, body).await?;
        let input = split(path, &parts.headers, body, self.limits.batch_events)
            .map_err(|no_events| self.no_events(no_events))?;
        let (items, one) = match input {
            Input::One(item) => (vec![item], true),
            Input::Many(items) => (items, false),
        };
        let admitted = self.admit(items, caller.clone(), traceparent(&parts.headers)).await?;
        let mut outcomes = self.append(admitted, &caller).await;
        count(&outcomes, started);
        if one && let Some(outcome) = outcomes.pop() {
            return Ok(of_one(outcome, parts.extensions.get::<RequestId>()).await);
        }
        Ok(of_batch(outcomes))
    }

    /// Before anything of the body is read. Without the write scope nothing here is for the caller.
    fn caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let authorization = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
        let caller = authorization
            .and_then(bearer)
            .and_then(|bearer| self.authenticator.authenticate(bearer))
            .ok_or_else(|| Problem::new(ProblemKind::Unauthenticated))?;
        if caller.has(Scope::Write) {
            return Ok(caller);
        }
        Err(Problem::new(ProblemKind::Forbidden).detail("scope audit:write is needed"))
    }

    /// One request, of one batch or one event. A workspace is known before the body is read only if
    /// the caller has no other.
    fn check_rate(&self, extensions: &Extensions, caller: &Caller) -> Result<(), Problem> {
        let workspace = match &caller.grants {
            Grants::Workspaces(granted) if granted.len() == 1 => granted.first(),
            _ => None,
        };
        let workspace = workspace.map(String::as_str);
        admit_counted(extensions, &self.rates, caller, workspace)
            .inspect_err(|_| metrics::overloaded())
    }

    fn reserve(
        &self,
        headers: &HeaderMap,
        encoding: Encoding,
    ) -> Result<OwnedSemaphorePermit, Problem> {
        let announced = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok());
        let announced = announced.and_then(|text| text.parse::<usize>().ok());
        if announced.is_some_and(|bytes| bytes > self.limits.batch_bytes) {
            return Err(self.too_large());
        }
        // What a packed body becomes nobody knows.
        let announced = announced.filter(|_| encoding == Encoding::Plain);
        let bytes = announced.unwrap_or(self.limits.batch_bytes);
        let permits = u32::try_from(bytes.div_ceil(1024).max(1)).unwrap_or(u32::MAX);
        Arc::clone(&self.room).try_acquire_many_owned(permits).map_err(|_| {
            metrics::overloaded();
            Problem::new(ProblemKind::RateLimited)
                .detail("too much is waiting for the log")
                .retry_after(RETRY_AFTER_SECONDS)
        })
    }

    async fn read(&self, body: Body) -> Result<Bytes, Problem> {
        let max_bytes = self.limits.batch_bytes;
        // One byte more than allowed tells "too large" from "broken off".
        let read = to_bytes(body, max_bytes.saturating_add(1));
        match tokio::time::timeout(self.limits.body_timeout, read).await {
            Ok(Ok(bytes)) if bytes.len() <= max_bytes => Ok(bytes),
            Ok(Err(error)) if !is_length_limit(&error) => {
                Err(Problem::new(ProblemKind::InvalidParameter).detail("the body broke off"))
            }
            Ok(_) => Err(self.too_large()),
            Err(_) => Err(Problem::new(ProblemKind::Timeout).detail("the body took too long")),
        }
    }

    /// On another thread: 4 MiB take some milliseconds.
    async fn unpack(&self, encoding: Encoding, body: Bytes) -> Result<Bytes, Problem> {
        if encoding == Encoding::Plain {
            return Ok(body);
        }
        let max_bytes = self.limits.batch_bytes;
        let unpack = move || encoding.unpack(body, max_bytes);
        match tokio::task::spawn_blocking(unpack).await {
            Ok(Ok(body)) => Ok(body),
            Ok(Err(Unpackable::TooLarge)) => Err(self.too_large()),
            Ok(Err(Unpackable::Broken)) => Err(Problem::new(ProblemKind::InvalidParameter)
                .detail("the body is not what its content-encoding says")),
            Err(error) => {
                tracing::error!(%error, "unpacking a body failed");
                Err(Problem::new(ProblemKind::Internal))
            }
        }
    }

    /// On another thread: 1,000 events take some milliseconds to parse.
    async fn admit(
        &self,
        items: Vec<Item>,
        caller: Caller,
        traceparent: Option<String>,
    ) -> Result<Vec<Result<Admitted, Refused>>, Problem> {
        let limits = self.limits.event;
        let actions = self.actions.as_ref().map(|actions| actions());
        let schemas = self.schemas.clone();
        let admit = move || {
            let rules = actions.map(|actions| (schemas.of(&actions), actions));
            let rules = rules.as_ref().map(|(schemas, actions)| (&**actions, &**schemas));
            admit(&items, &caller, (&limits, rules), traceparent.as_deref())
        };
        tokio::task::spawn_blocking(admit).await.map_err(|error| {
            tracing::error!(%error, "admitting a request failed");
            Problem::new(ProblemKind::Internal)
        })
    }

    /// Appends what was admitted, in order; one outcome per item, in request order.
    async fn append(&self, items: Vec<Result<Admitted, Refused>>, caller: &Caller) -> Vec<Outcome> {
        let sees_positions = caller.has(Scope::Verify) || caller.has(Scope::Admin);
        let mut records = Vec::new();
        let mut pending = Vec::with_capacity(items.len());
        for item in items {
            pending.push(match item {
                Ok(admitted) => {
                    let standing = self.standing(&admitted).await;
                    records.push(admitted.record);
                    Ok((admitted.event_id, standing))
                }
                Err(refused) => Err(refused),
            });
        }
        let mut appended = self.append_records(records).await.into_iter();
        let settle = |item: Result<_, Refused>| {
            let (event_id, standing) = match item {
                Ok(pending) => pending,
                Err(refused) => return Outcome::Rejected(refused),
            };
            match appended.next().unwrap_or(Err(BrokerError::Closed)) {
                Ok(_) if standing == Standing::Conflict => Outcome::Rejected(conflict(event_id)),
                Ok(Appended { position, .. }) => {
                    let position = Some(position).filter(|_| sees_positions);
                    let duplicate = standing == Standing::Duplicate;
                    Outcome::Accepted { event_id, duplicate, position }
                }
                Err(error) => Outcome::Rejected(not_appended(event_id, &error)),
            }
        };
        pending.into_iter().map(settle).collect()
    }

    /// The visible event decides, as in the fold; before it is visible the first of the request.
    async fn standing(&self, admitted: &Admitted) -> Standing {
        let known = match &self.known {
            Some(known) if !admitted.id_assigned => {
                known.known(&admitted.workspace_id, admitted.event_id).await
            }
            _ => None,
        };
        match known.or(admitted.first_hash) {
            None => Standing::New,
            Some(first) if first == admitted.content_hash => Standing::Duplicate,
            Some(_) => Standing::Conflict,
        }
    }

    async fn append_records(&self, records: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>> {
        let count = records.len();
        if count == 0 {
            return Vec::new();
        }
        let append = self.producer.append_all(records);
        let outcomes = match tokio::time::timeout(self.limits.append_timeout, append).await {
            Ok(outcomes) => outcomes,
            Err(_) => {
                let detail = "no acknowledgement in time".to_owned();
                vec![Err(BrokerError::Unavailable { detail }); count]
            }
        };
        let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        if let Some(error) = outcomes.iter().find_map(|outcome| outcome.as_ref().err()) {
            tracing::warn!(%error, failed, count, "the log did not acknowledge every event");
        }
        outcomes
    }

    fn no_events(&self, no_events: NoEvents) -> Problem {
        match no_events {
            NoEvents::NoBatch(detail) => Problem::new(ProblemKind::InvalidParameter).detail(detail),
            NoEvents::TooMany(count) => {
                let max = self.limits.batch_events;
                Problem::new(ProblemKind::PayloadTooLarge)
                    .detail(format!("the batch has {count} events, the limit is {max}"))
            }
        }
    }

    fn too_large(&self) -> Problem {
        let max = self.limits.batch_bytes;
        Problem::new(ProblemKind::PayloadTooLarge)
            .detail(format!("the body is over the limit of {max} bytes"))
    }
}

/// This resource knows no parameter.
fn check_query(query: Option<&str>) -> Result<(), Problem> {
    if let Some(query) = query.filter(|query| !query.is_empty()) {
        let name = query.split(['=', '&']).next().unwrap_or_default();
        let name: String = name.chars().take(64).collect();
        return Err(Problem::new(ProblemKind::InvalidParameter)
            .detail("this resource takes no parameters")
            .parameter(name, "unknown parameter"));
    }
    Ok(())
}

/// The `traceparent` header, if it is one (W3C Trace Context, version 00's form).
fn traceparent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get("traceparent")?.to_str().ok()?;
    let lengths: Vec<_> = text.split('-').map(str::len).collect();
    let hexadecimal = text.bytes().all(|b| b == b'-' || matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    (lengths == [2, 32, 16, 2] && hexadecimal).then(|| text.to_owned())
}

fn is_length_limit(error: &axum::Error) -> bool {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = source {
        if error.to_string() == "length limit exceeded" {
            return true;
        }
        source = error.source();
    }
    false
}

fn not_appended(event_id: uuid::Uuid, error: &BrokerError) -> Refused {
    let (kind, detail) = match error {
        BrokerError::TooLarge { .. } => {
            (ProblemKind::PayloadTooLarge, "the record is over the log's limit")
        }
        _ => (ProblemKind::LogUnavailable, "the log did not acknowledge"),
    };
    Refused { event_id: Some(event_id), kind, detail: detail.to_owned(), errors: Vec::new() }
}

fn count(outcomes: &[Outcome], started: Instant) {
    let count = |is: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| is(outcome)).count();
    let accepted = count(|o| matches!(o, Outcome::Accepted { duplicate: false, .. }));
    let duplicate = count(|o| matches!(o, Outcome::Accepted { duplicate: true, .. }));
    let rejected = outcomes.len() - accepted - duplicate;
    metrics::posted(accepted, duplicate, rejected, started.elapsed());
}
