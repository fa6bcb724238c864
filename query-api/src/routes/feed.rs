//! `GET /v1/workspaces/{workspace}/feed`: rows in the order of their arrival, for machines.
//!
//! JSON with a long poll, or a stream of server-sent events for those who accept that.

use annals_service::problem::Problem;
use axum::extract::{RawQuery, State};
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, LINK};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Reading;
use crate::follow::{Follower, stream};
use crate::openapi::{FeedQuery, FilterQuery, ReadProblems, ResourceQuery, WorkspacePath};
use crate::page_response::{COMPLETE_THROUGH, link_to};
use crate::parameters::FeedParameters;
use crate::shapes::{PageRows, RowShape, SnapshotShape, write_beside};
use crate::state::Served;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The next rows of a feed.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeedAnswer {
    data: Vec<RowShape>,
    /// Where to go on; there always is a place.
    next: String,
    snapshot: SnapshotShape,
}

/// What stands beside the rows in it.
#[derive(Serialize)]
struct FeedBeside {
    next: String,
    snapshot: SnapshotShape,
}

#[utoipa::path(
    get,
    path = "/feed",
    summary = "Events in the order of their arrival, for machines. Also as `text/event-stream`.",
    operation_id = "feed",
    security(("bearer" = ["audit:read"])),
    params(
        WorkspacePath, FilterQuery, ResourceQuery, FeedQuery,
        ("Last-Event-ID" = Option<String>, Header, description = "of a stream: where to go on"),
    ),
    responses(
        (
            status = 200,
            content((FeedAnswer = "application/json"), (String = "text/event-stream")),
            headers(
                ("Link" = String, description = "`next`, of JSON"),
                ("Annals-Complete-Through" = String, description = "of JSON")
            )
        ),
        ReadProblems
    ),
)]
pub(crate) async fn get(
    State(served): State<Served>,
    reader: Reading,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let labels = served.api.labels.get();
    let mut asked = FeedParameters::parse(&query.unwrap_or_default(), &labels)?;
    let is_stream = accepts_events(&headers);
    if let Some(last) = headers.get(LAST_EVENT_ID).filter(|_| is_stream) {
        asked.go_on_after(Some(String::from_utf8_lossy(last.as_bytes()).into_owned()));
    }
    asked.min_positions.wait(&reader).await?;
    let wait = asked.wait;
    let canonical = asked.canonical.clone();
    let language = super::languages(&headers).map(str::to_owned);
    let mut follower = Follower::new(served, reader, asked, language)?;
    if is_stream {
        return stream(follower).await;
    }
    let news = follower.next(wait).await?;
    let next = follower.token();
    let mut answered = HeaderMap::new();
    answered.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answered.insert(LINK, link_to(&canonical, ("after", &next), "next"));
    let complete = news.snapshot.complete_through().and_then(|at| at.parse().ok());
    answered.extend(complete.map(|at: HeaderValue| (COMPLETE_THROUGH, at)));
    answered.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut rows = PageRows::new(follower.text(&labels));
    news.rows.iter().for_each(|row| rows.push(&row.view()));
    let (mut body, _) = rows.end();
    let beside = FeedBeside { next, snapshot: news.snapshot };
    write_beside(&beside, &mut body);
    Ok((answered, body).into_response())
}

/// Whether server-sent events are asked for by name.
fn accepts_events(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        let mut types = value.split(',').filter_map(|part| part.split(';').next());
        types.any(|name| name.trim().eq_ignore_ascii_case("text/event-stream"))
    })
}
