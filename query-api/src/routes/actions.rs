//! `GET /v1/workspaces/{workspace}/actions`: action keys with their labels.

use std::collections::BTreeSet;

use annals_service::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Reading;
use crate::access_log::AccessKind;
use crate::openapi::{KindName, ReadProblems, WorkspacePath};
use crate::parameters::NoParameters;
use crate::reading_room::ReadingRoom;
use crate::state::ApiState;

/// Action keys.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActionsAnswer {
    data: Vec<ActionShape>,
}

/// An action key and what it is called.
#[derive(Serialize, ToSchema)]
struct ActionShape {
    action: String,
    label: String,
    #[schema(value_type = KindName, inline)]
    kind: &'static str,
    aliases: Vec<String>,
}

#[utoipa::path(
    get,
    path = "/actions",
    summary = "Action keys with their labels.",
    operation_id = "actions",
    security(("bearer" = ["audit:read"])),
    params(WorkspacePath),
    responses(
        (status = 200, body = ActionsAnswer),
        ReadProblems
    ),
)]
pub(crate) async fn list(
    State(state): State<ApiState>,
    State(room): State<ReadingRoom>,
    reader: Reading,
    _: NoParameters,
    headers: HeaderMap,
) -> Result<Json<ActionsAnswer>, Problem> {
    let labels = state.labels.get();
    let language = super::languages(&headers);
    let registered = labels.iter().map(|entry| entry.action.clone());
    // Which actions there are is said of the whole workspace or not at all.
    let seen = match reader.workspace.restriction() {
        Some(_) => Vec::new(),
        None => room.of(&reader).read(move || reader.workspace.actions()).await?,
    };
    let seen = seen.into_iter().filter(|action| !AccessKind::is_named_by(action));
    let seen = seen.filter(|action| {
        // An alias is listed under its key.
        labels.entry(action).is_none_or(|entry| entry.action == *action)
    });
    let keys: BTreeSet<String> = registered.chain(seen).collect();
    let shape = |action: String| {
        let entry = labels.entry(&action);
        let kind = entry.and_then(|entry| entry.kind);
        ActionShape {
            label: labels.label(&action, language),
            kind: kind.unwrap_or_else(|| annals_schemas::kind_of_action(&action)).as_str(),
            aliases: entry.map(|entry| entry.aliases.clone()).unwrap_or_default(),
            action,
        }
    };
    Ok(Json(ActionsAnswer { data: keys.into_iter().map(shape).collect() }))
}
