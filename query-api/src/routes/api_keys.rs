//! `POST|GET /v1/api-keys`, `DELETE /v1/api-keys/{id}`: as `annals apikey`, over HTTP.
//!
//! An administrator makes, sees and revokes keys whose every workspace it administers, and no
//! others.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use annals_schemas::{ActionPattern, WorkspaceId};
use annals_service::access::{AccessError, ApiKey, ApiKeyRequest, ApiKeys, Caller, Grants, Scope};
use annals_service::problem::{Problem, ProblemKind};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::json_body::{fault, read};
use super::viewer_tokens::instant;
use crate::access::Calling;
use crate::access_log::AccessKind;
use crate::openapi::AdministrationProblems;
use crate::parameters::NoParameters;
use crate::state::ApiState;

/// Ten years; a key that is to live longer has no end.
const MAX_TTL_SECONDS: u64 = 3_650 * 86_400;
/// Workspaces and actions of one key.
const MAX_ENTRIES: usize = 100;

/// What a new key shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApiKeyRequest)]
#[schema(example = json!({"workspace": "acme", "scopes": ["audit:write"], "name": "ci-bot"}))]
pub(crate) struct Asked {
    /// One, several, or `*` for all.
    workspace: OneOrMany,
    #[schema(value_type = Vec<Scope>)]
    scopes: Vec<String>,
    /// For people.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Actions it may write, such as `segment.*`; all without it.
    #[serde(default)]
    #[schema(max_items = 100)]
    actions: Vec<String>,
    /// It does not end without it.
    #[schema(minimum = 1, maximum = 315_360_000)]
    ttl_seconds: Option<u64>,
}

#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Keys, oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeysAnswer)]
pub(crate) struct KeysAnswer {
    data: Vec<KeyShape>,
}

/// A key as it is shown: everything but the secret and its hash.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub(crate) struct KeyShape {
    id: String,
    /// `id.secret`: said once.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    name: String,
    workspaces: Vec<String>,
    #[schema(value_type = Vec<Scope>)]
    scopes: Vec<&'static str>,
    actions: Vec<String>,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
}

#[utoipa::path(
    post,
    path = "/v1/api-keys",
    summary = "Makes a key; its secret is told once.",
    operation_id = "create_api_key",
    security(("bearer" = ["audit:admin"])),
    request_body = Asked,
    responses((status = 201, body = KeyShape), AdministrationProblems),
)]
pub(crate) async fn create(
    State(state): State<ApiState>,
    caller: Calling,
    _: NoParameters,
    body: Body,
) -> Result<Response, Problem> {
    caller.check_administering()?;
    let asked: Asked = read(body).await?;
    let request = request(asked, &caller)?;
    let made = blocking(&state.api_keys, move |keys| keys.create(&request)).await?;
    record(&state, &caller.0, &made.key, AccessKind::ApiKeyCreated);
    let shape = KeyShape { key: Some(made.bearer), ..shape(made.key) };
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(shape)).into_response())
}

#[utoipa::path(
    get,
    path = "/v1/api-keys",
    summary = "The keys of the workspaces that the caller administers.",
    operation_id = "api_keys",
    security(("bearer" = ["audit:admin"])),
    responses((status = 200, body = KeysAnswer), AdministrationProblems),
)]
pub(crate) async fn list(
    State(state): State<ApiState>,
    caller: Calling,
    _: NoParameters,
) -> Result<Response, Problem> {
    caller.check_administering()?;
    let keys = blocking(&state.api_keys, ApiKeys::list).await?;
    let own = keys.into_iter().filter(|key| administers(&caller.0, key));
    let answer = KeysAnswer { data: own.map(shape).collect() };
    Ok(([(CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

#[utoipa::path(
    delete,
    path = "/v1/api-keys/{id}",
    summary = "Revokes a key, within 5 seconds and for good.",
    operation_id = "revoke_api_key",
    security(("bearer" = ["audit:admin"])),
    params(("id" = String, Path)),
    responses((status = 204, description = "it is revoked"), AdministrationProblems),
)]
pub(crate) async fn revoke(
    State(state): State<ApiState>,
    caller: Calling,
    _: NoParameters,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    caller.check_administering()?;
    let not_found = || Problem::new(ProblemKind::NotFound);
    let keys = blocking(&state.api_keys, ApiKeys::list).await?;
    let found = keys.into_iter().find(|key| key.id == id && administers(&caller.0, key));
    let key = found.ok_or_else(not_found)?;
    if !blocking(&state.api_keys, move |keys| keys.revoke(&id)).await? {
        return Err(not_found());
    }
    // Revoking it again changes nothing, and there is nothing to tell of.
    if key.revoked_at.is_none() {
        record(&state, &caller.0, &key, AccessKind::ApiKeyRevoked);
    }
    Ok(StatusCode::NO_CONTENT)
}

fn request(asked: Asked, caller: &Calling) -> Result<ApiKeyRequest, Problem> {
    let Asked { workspace, scopes, name, actions, ttl_seconds } = asked;
    let workspaces = match workspace {
        OneOrMany::One(workspace) => vec![workspace],
        OneOrMany::Many(workspaces) => workspaces,
    };
    for (pointer, count) in [("/workspace", workspaces.len()), ("/actions", actions.len())] {
        if count > MAX_ENTRIES {
            return Err(fault(pointer, format!("has {count} entries, the limit is {MAX_ENTRIES}")));
        }
    }
    let grants = match &workspaces[..] {
        [all] if all == "*" => match caller.0.grants {
            Grants::All => Grants::All,
            Grants::Workspaces(_) => return Err(Problem::new(ProblemKind::NotFound)),
        },
        some if some.iter().any(|workspace| workspace == "*") => {
            return Err(fault("/workspace", "`*` stands alone"));
        }
        some => {
            some.iter().try_for_each(|workspace| caller.administering(workspace).map(drop))?;
            Grants::Workspaces(some.iter().cloned().collect())
        }
    };
    for (index, action) in actions.iter().enumerate() {
        let pointer = format!("/actions/{index}");
        ActionPattern::parse(action).map_err(|error| fault(&pointer, error.to_string()))?;
        if action.chars().count() > 128 {
            return Err(fault(&pointer, "has more than 128 characters"));
        }
    }
    let scopes = scopes.iter().enumerate().map(|(index, name)| {
        Scope::parse(name).map_err(|error| fault(&format!("/scopes/{index}"), error.to_string()))
    });
    let scopes = scopes.collect::<Result<_, _>>()?;
    if ttl_seconds.is_some_and(|ttl| !(1..=MAX_TTL_SECONDS).contains(&ttl)) {
        return Err(fault("/ttl_seconds", format!("is not from 1 to {MAX_TTL_SECONDS}")));
    }
    let ttl = ttl_seconds.map(Duration::from_secs);
    Ok(ApiKeyRequest { name, grants, scopes, actions, ttl })
}

/// Whether every workspace of the key is one that the caller administers.
fn administers(caller: &Caller, key: &ApiKey) -> bool {
    match (&caller.grants, &key.grants) {
        (Grants::All, _) => true,
        (Grants::Workspaces(_), Grants::All) => false,
        (Grants::Workspaces(own), Grants::Workspaces(of_key)) => of_key.is_subset(own),
    }
}

/// In the log of each of its workspaces. That of a key of all of them is the workspace `*`, which
/// nobody reads who was not granted all.
fn record(state: &ApiState, caller: &Caller, key: &ApiKey, kind: AccessKind) {
    let workspaces: BTreeSet<String> = key.grants.clone().into();
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let details = json!({"id": key.id, "name": key.name, "scopes": scopes});
    for id in workspaces.iter().filter_map(|id| WorkspaceId::new(id).ok()) {
        state.access_log.record_alone(caller, &id, kind, &details);
    }
}

fn shape(key: ApiKey) -> KeyShape {
    let workspaces: BTreeSet<String> = key.grants.into();
    KeyShape {
        id: key.id,
        key: None,
        name: key.name,
        workspaces: workspaces.into_iter().collect(),
        scopes: key.scopes.iter().map(|scope| scope.as_str()).collect(),
        actions: key.actions,
        created_at: instant(key.created_at),
        expires_at: key.expires_at.map(instant),
        revoked_at: key.revoked_at.map(instant),
    }
}

/// Keys are files: reading and writing them is not for the threads that answer requests.
async fn blocking<T: Send + 'static>(
    keys: &Arc<ApiKeys>,
    work: impl FnOnce(&ApiKeys) -> Result<T, AccessError> + Send + 'static,
) -> Result<T, Problem> {
    let keys = keys.clone();
    let done = tokio::task::spawn_blocking(move || work(&keys)).await;
    let outcome = done.map_err(|error| {
        tracing::error!(%error, "an API key task ended early");
        Problem::new(ProblemKind::Internal)
    })?;
    outcome.map_err(|error| match error {
        AccessError::InvalidRequest(detail) => fault("", detail),
        error => {
            tracing::error!(error = annals_service::with_causes(&error), "API keys");
            Problem::new(ProblemKind::Internal)
        }
    })
}
