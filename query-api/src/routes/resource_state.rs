//! `GET /v1/workspaces/{workspace}/resources/{type}/{id}/state`: its fields' values at a moment.

use std::collections::{BTreeMap, BTreeSet};

use annals_schemas::Instant;
use annals_service::problem::{Problem, ProblemKind};
use annals_store::{Row, StoreError};
use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::access::Reading;
use crate::fields::{FieldStates, History, Part};
use crate::openapi::{ReadProblems, ResourcePath};
use crate::parameters::{Moment, NamedResource};
use crate::reading_room::ReadingRoom;
use crate::shapes::SnapshotShape;
use crate::state::ApiState;

/// The values of a resource's fields at a moment, as far as changes tell.
#[derive(Serialize, ToSchema)]
pub(crate) struct StateAnswer {
    r#type: String,
    id: String,
    at: String,
    /// Null if nothing tells.
    exists: Option<bool>,
    /// Values by the names that changes use. A field that was not there is absent.
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    fields: BTreeMap<String, Box<RawValue>>,
    /// Fields that changed later and whose value then was not recorded.
    #[schema(value_type = Vec<String>)]
    unknown: BTreeSet<String>,
    /// The last event that the state is made of.
    as_of: Option<AsOf>,
    snapshot: SnapshotShape,
}

/// An event that a state is made of.
#[derive(Serialize, ToSchema)]
struct AsOf {
    event_id: String,
    effective_at: String,
}

impl From<&Row> for AsOf {
    fn from(row: &Row) -> Self {
        let (event_id, effective_at) = (row.event_id().to_string(), row.effective_at.to_string());
        Self { event_id, effective_at }
    }
}

#[utoipa::path(
    get,
    path = "/resources/{type}/{id}/state",
    summary = "The values of its fields at a moment.",
    operation_id = "resource_state",
    security(("bearer" = ["audit:read"])),
    params(
        ResourcePath,
        ("at" = Option<String>, Query, description = "RFC 3339 with a zone; now by default"),
    ),
    responses(
        (status = 200, body = StateAnswer),
        ReadProblems
    ),
)]
pub(crate) async fn get(
    State(state): State<ApiState>,
    State(room): State<ReadingRoom>,
    reader: Reading,
    Moment(at): Moment,
    Path((_, resource_type, id)): Path<(String, String, String)>,
) -> Result<Json<StateAnswer>, Problem> {
    let now = Instant::from_micros(state.clock.unix_micros()).unwrap_or(Instant::MAX);
    let at = at.unwrap_or(now);
    let snapshot = SnapshotShape::before_reading(&reader.workspace, reader.sees_positions());
    let resource = NamedResource { resource_type: resource_type.clone(), id: id.clone() };
    let room = room.of(&reader);
    let history = History::new(reader.workspace, resource, state.query_limits);
    let snapshot = snapshot.at(history.snapshot());
    let found = room.read(move || fold(history, at)).await?;
    let (states, as_of) = found.ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
    Ok(Json(StateAnswer {
        r#type: resource_type,
        id,
        at: at.to_string(),
        exists: states.exists(),
        fields: states.values(),
        unknown: states.unknown(),
        as_of,
        snapshot,
    }))
}

/// `None` if no event names the resource.
fn fold(
    mut history: History,
    at: Instant,
) -> Result<Option<(FieldStates, Option<AsOf>)>, StoreError> {
    let (mut states, mut as_of) = (FieldStates::default(), None);
    // The moment itself is in it: the range to fold ends a microsecond later.
    let end = at.plus_micros(1);
    let is_last = end == at;
    let before = Part { to: (!is_last).then_some(end), ..Part::default() };
    let mut found = history.each(before, |row| {
        states.before(&row.event);
        as_of = Some(AsOf::from(row));
    })?;
    if !is_last {
        let after = Part { from: Some(end), ..Part::default() };
        found |= history.each(after, |row| states.after(&row.event))?;
    }
    Ok(found.then_some((states, as_of)))
}
