//! `POST /v1/viewer-tokens`: a short-lived token for one reader of one workspace, minted for a page
//! that the product embeds.

use std::collections::BTreeSet;
use std::time::Duration;

use annals_schemas::Instant;
use annals_service::access::{Grants, NamedResource, Profile, Restriction, Scope, TokenClaims};
use annals_service::problem::{Problem, ProblemKind};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::json_body::{fault, read};
use crate::access::Calling;
use crate::access_log::AccessKind;
use crate::openapi::AdministrationProblems;
use crate::parameters::NoParameters;
use crate::state::ApiState;

/// The longest a token may live.
const MAX_TTL_SECONDS: u64 = 900;
const DEFAULT_TTL_SECONDS: u64 = 300;
/// Characters of an id or a name.
const MAX_CHARACTERS: usize = 200;
/// What a viewer may do: nothing that changes anything.
const READING: [Scope; 3] = [Scope::Read, Scope::Export, Scope::Verify];

/// For whom, of what, how long.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ViewerTokenRequest)]
#[schema(example = json!({"workspace": "acme", "subject": {"id": "u1"}}))]
pub(crate) struct Asked {
    workspace: String,
    subject: Subject,
    /// `audit:read` without it.
    #[schema(value_type = Option<Vec<Scope>>)]
    scopes: Option<Vec<String>>,
    /// The only resource that it shows.
    resource: Option<NamedResource>,
    /// Id of the only actor that it shows.
    actor: Option<String>,
    #[schema(minimum = 1, maximum = 900, default = 300)]
    ttl_seconds: Option<u64>,
}

/// The actor of the reads that are made with the token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Subject {
    id: String,
    name: Option<String>,
    email: Option<String>,
}

/// A token, told once.
#[derive(Serialize, ToSchema)]
#[schema(as = ViewerToken)]
pub(crate) struct Minted {
    token: String,
    expires_at: String,
}

#[utoipa::path(
    post,
    path = "/v1/viewer-tokens",
    summary = "A short-lived token for one reader of one workspace.",
    operation_id = "viewer_token",
    security(("bearer" = ["audit:admin"])),
    request_body = Asked,
    responses((status = 201, body = Minted), AdministrationProblems),
)]
pub(crate) async fn mint(
    State(state): State<ApiState>,
    caller: Calling,
    _: NoParameters,
    body: Body,
) -> Result<Response, Problem> {
    caller.check_administering()?;
    let asked: Asked = read(body).await?;
    let workspace = caller.administering(&asked.workspace)?;
    let claims = claims(asked)?;
    let now = state.clock.unix_seconds();
    let token = state.tokens.mint(&claims, now).map_err(|error| {
        tracing::error!(%error, "cannot mint a viewer token");
        Problem::new(ProblemKind::Internal)
    })?;
    let ends = now.saturating_add(claims.ttl.as_secs());
    let expires_at = instant(ends);
    let scopes: Vec<&str> = claims.scopes.iter().map(|scope| scope.as_str()).collect();
    let details = json!({
        "subject": claims.subject, "scopes": scopes, "resource": claims.restriction.resource,
        "actor": claims.restriction.actor, "expires_at": expires_at,
    });
    state.access_log.record_alone(&caller.0, &workspace, AccessKind::TokenMinted, &details);
    let answer = Minted { token, expires_at };
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

fn claims(asked: Asked) -> Result<TokenClaims, Problem> {
    let Asked { workspace, subject, scopes, resource, actor, ttl_seconds } = asked;
    let text = |pointer: &str, text: &str| {
        let length = text.chars().count();
        let fits = (1..=MAX_CHARACTERS).contains(&length) && !text.chars().any(char::is_control);
        let detail = || format!("has to have 1 to {MAX_CHARACTERS} characters, none of control");
        fits.then_some(()).ok_or_else(|| fault(pointer, detail()))
    };
    // It stands for all of them in grants: a viewer reads one.
    if workspace == "*" {
        return Err(fault("/workspace", "is not one workspace"));
    }
    text("/subject/id", &subject.id)?;
    subject.name.as_deref().map_or(Ok(()), |name| text("/subject/name", name))?;
    subject.email.as_deref().map_or(Ok(()), |email| text("/subject/email", email))?;
    if let Some(resource) = &resource {
        text("/resource/type", &resource.r#type)?;
        text("/resource/id", &resource.id)?;
    }
    actor.as_deref().map_or(Ok(()), |actor| text("/actor", actor))?;
    let ttl_seconds = ttl_seconds.unwrap_or(DEFAULT_TTL_SECONDS);
    if !(1..=MAX_TTL_SECONDS).contains(&ttl_seconds) {
        return Err(fault("/ttl_seconds", format!("is not from 1 to {MAX_TTL_SECONDS}")));
    }
    Ok(TokenClaims {
        subject: subject.id,
        grants: Grants::one(&workspace),
        scopes: reading_scopes(scopes)?,
        ttl: Duration::from_secs(ttl_seconds),
        profile: Profile { name: subject.name, email: subject.email },
        restriction: Restriction { resource, actor },
    })
}

fn reading_scopes(names: Option<Vec<String>>) -> Result<BTreeSet<Scope>, Problem> {
    let Some(names) = names else { return Ok(BTreeSet::from([Scope::Read])) };
    if names.is_empty() {
        return Err(fault("/scopes", "is empty"));
    }
    let mut scopes = BTreeSet::new();
    for (index, name) in names.iter().enumerate() {
        let scope = Scope::parse(name).ok().filter(|scope| READING.contains(scope));
        let detail = || format!("`{name}` is none of audit:read, audit:export, audit:verify");
        scopes.insert(scope.ok_or_else(|| fault(&format!("/scopes/{index}"), detail()))?);
    }
    Ok(scopes)
}

/// A whole second as RFC 3339.
pub(super) fn instant(unix_seconds: u64) -> String {
    let micros = i64::try_from(unix_seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000);
    Instant::from_micros(micros).unwrap_or(Instant::MIN).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn ask(change: impl Fn(&mut Value)) -> Result<TokenClaims, Problem> {
        let mut body = json!({"workspace": "acme", "subject": {"id": "u1"}});
        change(&mut body);
        claims(serde_json::from_value(body).unwrap())
    }

    #[test]
    fn a_viewer_reads_for_five_minutes_unless_said_otherwise() {
        let claims = ask(|_| {}).unwrap();
        assert_eq!(claims.ttl, Duration::from_secs(300));
        assert_eq!(claims.scopes, BTreeSet::from([Scope::Read]));
        assert_eq!(claims.grants, Grants::one("acme"));
        assert!(!claims.restriction.is_some());
    }

    #[test]
    fn nothing_longer_wider_or_changing_is_minted() {
        type Change = fn(&mut Value);
        let cases: [(Change, &str); 9] = [
            (|b| b["ttl_seconds"] = json!(901), "/ttl_seconds"),
            (|b| b["ttl_seconds"] = json!(0), "/ttl_seconds"),
            (|b| b["scopes"] = json!([]), "/scopes"),
            (|b| b["scopes"] = json!(["audit:read", "audit:write"]), "/scopes/1"),
            (|b| b["scopes"] = json!(["audit:admin"]), "/scopes/0"),
            (|b| b["subject"]["id"] = json!(""), "/subject/id"),
            (|b| b["subject"]["name"] = json!("a\nb"), "/subject/name"),
            (|b| b["resource"] = json!({"type": "segment", "id": ""}), "/resource/id"),
            (|b| b["actor"] = json!("x".repeat(201)), "/actor"),
        ];
        for (change, pointer) in cases {
            let problem = format!("{:?}", ask(change).unwrap_err());
            assert!(problem.contains(&format!("\"{pointer}\"")), "{pointer}: {problem}");
        }
    }
}
