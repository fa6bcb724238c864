//! `GET /v1/workspaces/{workspace}/events`: a page for people.

use annals_service::problem::Problem;
use annals_store::{Direction, Page, PageRequest};
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::access::Reading;
use crate::cursor::Place;
use crate::openapi::{FilterQuery, ListQuery, ReadProblems, ResourceQuery, WorkspacePath};
use crate::page_response::PageHeaders;
use crate::parameters::ListParameters;
use crate::reading_room::ReadingRoom;
use crate::shapes::{ListAnswer, ListBeside, PageLinks, RowText, SnapshotShape};
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
    let page = read_page(state, room, reader, asked, place).await?;
    let snapshot = snapshot.at(page.snapshot);
    let links = links(state, asked, &binding, place, &page);
    let language = super::languages(headers);
    let labels = state.labels.get();
    let text = RowText { labels: &labels, language, with_positions };
    let Page { rows, total, plan, .. } = page;
    let beside = ListBeside { page: links, total: total.map(Into::into), snapshot, plan };
    let page_headers = PageHeaders::new(&asked.canonical, &beside.page, &beside.snapshot);
    // A plan is told anew each time.
    let page_headers = match beside.plan {
        Some(_) => page_headers,
        None => {
            let changing: Vec<_> = rows.iter().map(|row| text.changing(row)).collect();
            page_headers.tagged(&binding, changing, &beside.total, &beside.page)
        }
    };
    Ok(page_headers.respond(headers, |body| text.write_answer(&rows, &beside, body)))
}

async fn read_page(
    state: &ApiState,
    room: &ReadingRoom,
    reader: &Reading,
    asked: &ListParameters,
    place: Option<Place>,
) -> Result<Page, Problem> {
    let workspace = reader.workspace.clone();
    let ListParameters { limit, count, explain, .. } = *asked;
    let filter = asked.filter.asked.clone();
    let max_steps = state.max_steps_per_query;
    room.of(reader)
        .read(move || {
            workspace.page(&PageRequest {
                filter: &filter,
                direction: place.map_or(Direction::Older, |place| place.direction),
                after: place.map(|place| place.after),
                limit,
                snapshot: place.map(|place| place.snapshot),
                count,
                max_steps,
                explain,
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
    let (older, newer) = sides(place.map(|place| place.direction), page.more);
    PageLinks {
        next: older.then(|| seal(Direction::Older, page.rows.last())).flatten(),
        prev: newer.then(|| seal(Direction::Newer, page.rows.first())).flatten(),
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
