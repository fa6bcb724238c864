//! `GET /v1/workspaces/{workspace}/events`: a page for people.

use annals_schemas::Labels;
use annals_service::problem::Problem;
use annals_store::{Direction, Page, PageRequest};
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::header::{ETAG, IF_NONE_MATCH, LINK};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::access::Reading;
use crate::cursor::Place;
use crate::parameters::ListParameters;
use crate::reading_room::ReadingRoom;
use crate::shapes::{ListAnswer, PageLinks, RowShape, SnapshotShape};
use crate::state::ApiState;

pub(crate) async fn list(
    State(state): State<ApiState>,
    State(room): State<ReadingRoom>,
    reader: Reading,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let labels = state.labels.get();
    let asked = ListParameters::parse(&query.unwrap_or_default(), &labels)?;
    let binding = asked.binding(reader.workspace.id().as_str());
    let now = state.clock.unix_seconds();
    let opened = asked.cursor.as_deref().map(|text| state.cursors.open(text, &binding, now));
    let place = opened.transpose()?;
    let with_positions = reader.sees_positions();
    let snapshot = SnapshotShape::before_reading(&reader.workspace, with_positions);
    let page = read_page(&state, &room, &reader, &asked, place).await?;
    let snapshot = snapshot.at(page.snapshot);
    let links = links(&state, &asked, &binding, place, &page);
    let language = super::languages(&headers);
    let answer = shape(page, &labels, language, with_positions, links, snapshot);
    Ok(respond(&asked, &reader, answer, &headers))
}

async fn read_page(
    state: &ApiState,
    room: &ReadingRoom,
    reader: &Reading,
    asked: &ListParameters,
    place: Option<Place>,
) -> Result<Page, Problem> {
    let workspace = reader.workspace.clone();
    let (filter, limit, count) = (asked.filter.clone(), asked.limit, asked.count);
    let max_rows = state.max_rows_per_query;
    room.read(move || {
        workspace.page(&PageRequest {
            filter: &filter,
            direction: place.map_or(Direction::Older, |place| place.direction),
            after: place.map(|place| place.after),
            limit,
            snapshot: place.map(|place| place.snapshot),
            count,
            max_rows,
        })
    })
    .await
}

/// Cursors to both sides: towards older rows if there are any, towards newer ones likewise.
fn links(
    state: &ApiState,
    asked: &ListParameters,
    binding: &[u8],
    place: Option<Place>,
    page: &Page,
) -> PageLinks {
    let seal = |direction, row: Option<&annals_store::Row>| {
        let after = row.map(annals_store::Row::key)?;
        let place = Place { direction, after, snapshot: page.snapshot };
        Some(state.cursors.seal(&place, binding, state.clock.unix_seconds()))
    };
    let backwards = place.is_some_and(|place| place.direction == Direction::Newer);
    // A walk that came from one side has that side behind it; `more` tells of the other.
    let (older, newer) = if backwards { (true, page.more) } else { (page.more, place.is_some()) };
    PageLinks {
        next: older.then(|| seal(Direction::Older, page.rows.last())).flatten(),
        prev: newer.then(|| seal(Direction::Newer, page.rows.first())).flatten(),
        limit: asked.limit,
    }
}

fn shape(
    page: Page,
    labels: &Labels,
    language: Option<&str>,
    with_positions: bool,
    links: PageLinks,
    snapshot: SnapshotShape,
) -> ListAnswer {
    let rows = page.rows.into_iter();
    let data = rows.map(|row| RowShape::new(row, labels, language, with_positions)).collect();
    ListAnswer { data, page: links, total: page.total.map(Into::into), snapshot }
}

fn respond(
    asked: &ListParameters,
    reader: &Reading,
    answer: ListAnswer,
    request: &HeaderMap,
) -> Response {
    let mut headers = HeaderMap::new();
    let next = answer.page.next.as_ref().map(|next| link(asked, next, "next"));
    let prev = answer.page.prev.as_ref().map(|prev| link(asked, prev, "prev"));
    for value in [next, prev].into_iter().flatten() {
        headers.append(LINK, value);
    }
    let complete = answer.snapshot.complete_through().and_then(|at| at.parse().ok());
    headers.extend(complete.map(|at: HeaderValue| (COMPLETE_THROUGH, at)));
    let tag = entity_tag(asked, reader, &answer);
    let known = request.get_all(IF_NONE_MATCH).iter().any(|value| {
        let mut tags = value.to_str().unwrap_or_default().split(',').map(str::trim);
        tags.any(|other| other == "*" || other.trim_start_matches("W/") == tag)
    });
    headers.extend(HeaderValue::try_from(tag).ok().map(|tag| (ETAG, tag)));
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, Json(answer)).into_response()
}

const COMPLETE_THROUGH: axum::http::HeaderName =
    axum::http::HeaderName::from_static("annals-complete-through");

/// RFC 8288, relative to the request.
fn link(asked: &ListParameters, cursor: &str, relation: &str) -> HeaderValue {
    let and = if asked.canonical.is_empty() { "" } else { "&" };
    let text = format!("<?{}{and}cursor={cursor}>; rel=\"{relation}\"", asked.canonical);
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Over rows, filters, and whether there are pages on either side; not over the snapshot.
fn entity_tag(asked: &ListParameters, reader: &Reading, answer: &ListAnswer) -> String {
    let mut hasher = Sha256::new();
    hasher.update(asked.binding(reader.workspace.id().as_str()));
    let sides = (answer.page.next.is_some(), answer.page.prev.is_some(), answer.page.limit);
    let body = serde_json::to_vec(&(&answer.data, &answer.total, sides));
    hasher.update(body.expect("an answer is plain data"));
    let digest: [u8; 32] = hasher.finalize().into();
    let hex: String = digest[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}
