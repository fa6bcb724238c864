//! `GET /v1/workspaces/{workspace}/events/{event_id}/undo`: a patch that restores what was there
//! before an event, and the later events that it would run over.

use annals_service::problem::{Problem, ProblemKind};
use annals_store::{StoreError, WorkspaceReader};
use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::Reading;
use crate::fields::{Conflict, History, Operation, Part, conflicts, patch, uncertain};
use crate::openapi::{EventPath, ReadProblems};
use crate::parameters::{NamedResource, NoParameters};
use crate::query_limits::QueryLimits;
use crate::reading_room::ReadingRoom;
use crate::shapes::SnapshotShape;
use crate::state::ApiState;

/// How an event's changes are undone.
#[derive(Serialize, ToSchema)]
pub(crate) struct UndoAnswer {
    event_id: String,
    /// The first resource, which changes concern; null if the event names none.
    resource: Option<ResourceKeyShape>,
    /// RFC 6902.
    patch: Vec<Operation>,
    /// Paths that the patch removes though no value before was recorded: there was none, or nobody
    /// said which.
    uncertain: Vec<String>,
    /// Later changes of the same fields, oldest first. Without a resource none are known.
    conflicts: Vec<Conflict>,
    snapshot: SnapshotShape,
}

/// Which resource.
#[derive(Serialize, ToSchema)]
#[schema(as = ResourceKey)]
pub(crate) struct ResourceKeyShape {
    r#type: String,
    id: String,
}

#[utoipa::path(
    get,
    path = "/events/{event_id}/undo",
    summary = "A patch that restores what was there before, and what changed since.",
    operation_id = "undo",
    security(("bearer" = ["audit:read"])),
    params(EventPath),
    responses(
        (status = 200, body = UndoAnswer),
        ReadProblems
    ),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    State(room): State<ReadingRoom>,
    reader: Reading,
    _: NoParameters,
    Path((_, event_id)): Path<(String, String)>,
) -> Result<Json<UndoAnswer>, Problem> {
    let missing = || Problem::new(ProblemKind::NotFound);
    let id = super::hyphenated(&event_id).ok_or_else(missing)?;
    let snapshot = SnapshotShape::before_reading(&reader.workspace, reader.sees_positions());
    let limits = state.query_limits;
    let room = room.of(&reader);
    let found = room.read(move || undo(reader.workspace, id, snapshot, limits)).await?;
    found.map(Json).ok_or_else(missing)
}

fn undo(
    workspace: WorkspaceReader,
    id: Uuid,
    snapshot: SnapshotShape,
    limits: QueryLimits,
) -> Result<Option<UndoAnswer>, StoreError> {
    let Some((row, _)) = workspace.event(id)? else { return Ok(None) };
    let (mut found, mut seq) = (Vec::new(), workspace.last_seq());
    let first = row.event.resources.first();
    let resource = first.map(|first| NamedResource {
        resource_type: first.resource_type.clone(),
        id: first.id.clone(),
    });
    if let Some(resource) = resource.clone().filter(|_| !row.event.changes.is_empty()) {
        let mut history = History::new(workspace, resource, limits);
        seq = history.snapshot();
        let later = Part { after: Some(row.key()), ..Part::default() };
        history.each(later, |later| found.extend(conflicts(&row.event.changes, later)))?;
    }
    Ok(Some(UndoAnswer {
        event_id: id.to_string(),
        resource: resource.map(|NamedResource { resource_type, id }| ResourceKeyShape {
            r#type: resource_type,
            id,
        }),
        patch: patch(&row.event.changes),
        uncertain: uncertain(&row.event),
        conflicts: found,
        snapshot: snapshot.at(seq),
    }))
}
