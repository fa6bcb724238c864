//! `GET /v1/workspaces/{workspace}/resources`: one row a resource, the last used first.

use annals_schemas::Instant;
use annals_service::problem::Problem;
use annals_store::{Direction, OrderKey, ResourceKey, ResourcePage, ResourceRequest};
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::events::sides;
use crate::access::Reading;
use crate::cursor::Place;
use crate::openapi::{ReadProblems, ResourcesQuery, WorkspacePath};
use crate::page_response::PageHeaders;
use crate::parameters::ResourceParameters;
use crate::reading_room::ReadingRoom;
use crate::shapes::{
    PageLinks, ResourceRowShape, ResourcesAnswer, ResourcesBeside, SnapshotShape, write_beside,
};
use crate::state::ApiState;

/// What an answer begins with.
const DATA: &[u8] = br#"{"data":"#;

#[utoipa::path(
    get,
    path = "/resources",
    summary = "One row a resource, the last used first.",
    operation_id = "resources",
    security(("bearer" = ["audit:read"])),
    params(WorkspacePath, ResourcesQuery),
    responses(
        (status = 200, body = ResourcesAnswer),
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
    let asked = ResourceParameters::parse(&query.unwrap_or_default())?;
    let binding = asked.binding(reader.workspace.id().as_str());
    let now = state.clock.unix_seconds();
    let opened = asked.cursor.as_deref().map(|text| state.cursors.open(text, &binding, now));
    let place = opened.transpose()?;
    let snapshot = SnapshotShape::before_reading(&reader.workspace, reader.sees_positions());
    let page = read_page(&state, &room, &reader, &asked, place).await?;
    let links = links(&state, &asked, &binding, place, &page);
    let beside = ResourcesBeside { page: links, snapshot: snapshot.at(page.snapshot) };
    let page_headers = PageHeaders::new(&asked.canonical, &beside.page, &beside.snapshot);
    let data: Vec<ResourceRowShape> = page.rows.into_iter().map(Into::into).collect();
    let mut body = DATA.to_vec();
    serde_json::to_writer(&mut body, &data).expect("rows are plain data");
    let page_headers = page_headers.tagged(&binding, &body[DATA.len()..], (), &beside.page);
    write_beside(&beside, &mut body);
    Ok(page_headers.respond(&headers, body))
}

async fn read_page(
    state: &ApiState,
    room: &ReadingRoom,
    reader: &Reading,
    asked: &ResourceParameters,
    place: Option<Place>,
) -> Result<ResourcePage, Problem> {
    let (workspace, limits) = (reader.workspace.clone(), state.query_limits);
    let (filter, limit) = (asked.filter.clone(), asked.limit);
    let direction = place.map_or(Direction::Older, |place| place.direction);
    let after = place.and_then(|place| resource_key(place.after));
    room.of(reader)
        .read_page(move || {
            let filter = &filter;
            workspace.resources(&ResourceRequest {
                filter,
                direction,
                after,
                limit,
                budget: limits.begin(),
            })
        })
        .await
}

fn links(
    state: &ApiState,
    asked: &ResourceParameters,
    binding: &[u8],
    place: Option<Place>,
    page: &ResourcePage,
) -> PageLinks {
    let seal = |direction, row: Option<&annals_store::ResourceRow>| {
        let place = Place { direction, after: order_key(row?.key), snapshot: page.snapshot };
        Some(state.cursors.seal(&place, binding, state.clock.unix_seconds()))
    };
    let (older, newer) = sides(place.map(|place| place.direction), page.more);
    PageLinks {
        next: older.then(|| seal(Direction::Older, page.rows.last())).flatten(),
        prev: newer.then(|| seal(Direction::Newer, page.rows.first())).flatten(),
        limit: asked.limit,
    }
}

/// In a cursor the resource stands where a seq would.
fn order_key(key: ResourceKey) -> OrderKey {
    OrderKey { effective_at: key.last_at.micros(), seq: key.code.into() }
}

/// `None` for a place that no resource can have; cursors are sealed, so there is none.
fn resource_key(key: OrderKey) -> Option<ResourceKey> {
    let last_at = Instant::from_micros(key.effective_at)?;
    Some(ResourceKey { last_at, code: u32::try_from(key.seq).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_key_goes_through_a_cursor_unchanged() {
        let last_at = Instant::parse("2026-10-25T01:30:00.000123Z").unwrap();
        for code in [0, 7, u32::MAX] {
            let key = ResourceKey { last_at, code };
            assert_eq!(resource_key(order_key(key)), Some(key));
        }
    }
}
