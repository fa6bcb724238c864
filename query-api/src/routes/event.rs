//! `GET /v1/workspaces/{workspace}/events/{event_id}`: one row.

use annals_schemas::ObjectWriter;
use annals_service::problem::{Problem, ProblemKind};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Reading;
use crate::openapi::{EventPath, ReadProblems};
use crate::parameters::NoParameters;
use crate::reading_room::ReadingRoom;
use crate::shapes::{RowShape, RowText};
use crate::state::ApiState;

/// One event with its leaf in the tree.
#[derive(Serialize, ToSchema)]
struct EventAnswer {
    #[serde(flatten)]
    row: RowShape,
    leaf_hash: String,
}

#[utoipa::path(
    get,
    path = "/events/{event_id}",
    summary = "One event with its leaf hash.",
    operation_id = "event",
    security(("bearer" = ["audit:read"])),
    params(EventPath),
    responses(
        (status = 200, body = EventAnswer),
        ReadProblems
    ),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    State(room): State<ReadingRoom>,
    reader: Reading,
    _: NoParameters,
    Path((_, event_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let missing = || Problem::new(ProblemKind::NotFound);
    let id = super::hyphenated(&event_id).ok_or_else(missing)?;
    let workspace = reader.workspace.clone();
    let found = room.of(&reader).read_page(move || workspace.event(id)).await?;
    let (row, entry) = found.ok_or_else(missing)?;
    let language = super::languages(&headers);
    let labels = state.labels.get();
    let text = RowText { labels: &labels, language, with_positions: reader.sees_positions() };
    let mut body = Vec::new();
    let mut answer = ObjectWriter::new(&mut body);
    text.write_members(&row.view(), &mut answer);
    answer.text("leaf_hash", &entry.leaf().to_string());
    answer.end();
    Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
}
