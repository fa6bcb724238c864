//! `GET /v1/workspaces/{workspace}/events`: a page for people.

use annals_service::problem::Problem;
use annals_store::{Direction, OrderKey, Page, PageRequest, Plan, Total};
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::access::Reading;
use crate::cursor::Place;
use crate::openapi::{FilterQuery, ListQuery, ReadProblems, ResourceQuery, WorkspacePath};
use crate::page_response::PageHeaders;
use crate::parameters::ListParameters;
use crate::reading_room::ReadingRoom;
use crate::shapes::{
    ListAnswer, ListBeside, PageLinks, PageRows, RowText, SnapshotShape, write_beside,
};
use crate::state::ApiState;

#[utoipa::path(
    get,
    path = "/events",
    summary = "A page of events for people, newest first.",
    operation_id = "events",
    security(("bearer" = ["audit:read"])),
    params(WorkspacePath, FilterQuery, ResourceQuery, ListQuery),
    responses(
        (status = 200, body = ListAnswer),
        (status = 304, description = "the page that the client has"),
        ReadProblems
    ),
)]
pub(crate) async fn list(
    State(state): State<ApiState>,
    State(room): State<ReadingRoom>,
    reader: Reading,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let labels = state.labels.get();
    let asked = ListParameters::parse(&query.unwrap_or_default(), &labels)?;
    answer(&state, &room, &reader, &asked, &headers).await
}

/// The page that was asked for.
pub(super) async fn answer(
    state: &ApiState,
    room: &ReadingRoom,
    reader: &Reading,
    asked: &ListParameters,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    if asked.explain {
        reader.check_explaining()?;
    }
    asked.min_positions.wait(reader).await?;
    let binding = asked.binding(reader.workspace.id().as_str());
    let now = state.clock.unix_seconds();
    let opened = asked.cursor.as_deref().map(|text| state.cursors.open(text, &binding, now));
    let place = opened.transpose()?;
    let with_positions = reader.sees_positions();
    let snapshot = SnapshotShape::before_reading(&reader.workspace, with_positions);
    let language = super::languages(headers).map(str::to_owned);
    let page = read_page(state, room, (reader, language), asked, place).await?;
    let snapshot = snapshot.at(page.snapshot);
    let PageText { mut body, changing, ends, more, total, plan, .. } = page;
    let came = place.map(|place| place.direction);
    let links = links(state, asked, &binding, (came, more), (page.snapshot, ends));
    let beside = ListBeside { page: links, total: total.map(Into::into), snapshot, plan };
    let page_headers = PageHeaders::new(&asked.canonical, &beside.page, &beside.snapshot);
    // A plan is told anew each time.
    let page_headers = match beside.plan {
        Some(_) => page_headers,
        None => page_headers.tagged(&binding, &changing, &beside.total, &beside.page),
    };
    write_beside(&beside, &mut body);
    Ok(page_headers.respond(headers, body))
}

/// A page of which the rows are written.
struct PageText {
    /// As far as the rows go.
    body: Vec<u8>,
    /// What a page of another state would have other.
    changing: Vec<u8>,
    /// Keys of the first row and of the last one.
    ends: Option<(OrderKey, OrderKey)>,
    more: bool,
    snapshot: u64,
    total: Option<Total>,
    plan: Option<Plan>,
}

/// Finds, reads and writes the rows, all on the thread that reads.
async fn read_page(
    state: &ApiState,
    room: &ReadingRoom,
    (reader, language): (&Reading, Option<String>),
    asked: &ListParameters,
    place: Option<Place>,
) -> Result<PageText, Problem> {
    let workspace = reader.workspace.clone();
    let ListParameters { limit, count, explain, .. } = *asked;
    let filter = asked.filter.asked.clone();
    let limits = state.query_limits;
    let (labels, with_positions) = (state.labels.get(), reader.sees_positions());
    room.of(reader)
        .read_page(move || {
            let language = language.as_deref();
            let mut rows = PageRows::tagged(RowText { labels: &labels, language, with_positions });
            let request = PageRequest {
                filter: &filter,
                direction: place.map_or(Direction::Older, |place| place.direction),
                after: place.map(|place| place.after),
                limit,
                snapshot: place.map(|place| place.snapshot),
                count,
                budget: limits.begin(),
                explain,
            };
            let page = workspace.page_of(&request, |row| {
                rows.push(row);
                row.key()
            })?;
            let (body, changing) = rows.end();
            let ends = page.rows.first().copied().zip(page.rows.last().copied());
            let Page { more, snapshot, total, plan, .. } = page;
            Ok(PageText { body, changing, ends, more, snapshot, total, plan })
        })
        .await
}

/// Cursors to both sides: towards older rows if there are any, towards newer ones likewise.
fn links(
    state: &ApiState,
    asked: &ListParameters,
    binding: &[u8],
    (came, more): (Option<Direction>, bool),
    (snapshot, ends): (u64, Option<(OrderKey, OrderKey)>),
) -> PageLinks {
    let seal = |direction, after: Option<OrderKey>| {
        let place = Place { direction, after: after?, snapshot };
        Some(state.cursors.seal(&place, binding, state.clock.unix_seconds()))
    };
    let (older, newer) = sides(came, more);
    PageLinks {
        next: older.then(|| seal(Direction::Older, ends.map(|(_, last)| last))).flatten(),
        prev: newer.then(|| seal(Direction::Newer, ends.map(|(first, _)| first))).flatten(),
        limit: asked.limit,
    }
}

/// Whether there are pages on the older and on the newer side. A walk that came from one side has
/// that side behind it; `more` tells of the other.
pub(super) fn sides(came: Option<Direction>, more: bool) -> (bool, bool) {
    match came {
        None => (more, false),
        Some(Direction::Older) => (more, true),
        Some(Direction::Newer) => (true, more),
    }
}
