//! From a request to what it may read: the only way to a workspace's data.

use annals_schemas::WorkspaceId;
use annals_service::access::{Access, Caller, Grants, Scope, bearer};
use annals_service::problem::{Problem, ProblemKind};
use annals_store::WorkspaceReader;
use axum::extract::{FromRequestParts, Path};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use crate::reading_room::refusal;
use crate::state::{ApiState, Served};

/// A caller together with the one workspace of the path that it may read.
///
/// Handlers take this instead of an id: without it there is no [`WorkspaceReader`].
pub struct Reading {
    /// Who asks.
    pub caller: Caller,
    /// What may be read.
    pub workspace: WorkspaceReader,
}

impl Reading {
    /// Whether partitions and offsets may be shown: they tell of the neighbours' volume.
    pub fn sees_positions(&self) -> bool {
        self.caller.has(Scope::Verify) || self.caller.has(Scope::Admin)
    }

    /// Whether an answer may tell how it was found: for administrators, whose business it is.
    pub(crate) fn check_explaining(&self) -> Result<(), Problem> {
        match self.caller.has(Scope::Admin) {
            true => Ok(()),
            false => Err(lacking(Scope::Admin).parameter("explain", "is for administrators")),
        }
    }
}

impl FromRequestParts<Served> for Reading {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, served: &Served) -> Result<Self, Problem> {
        let (caller, workspace) = open(parts, served, Scope::Read).await?;
        Ok(Self { caller, workspace })
    }
}

/// The same for a caller with `audit:export`, which `audit:read` does not imply.
pub(crate) struct Exporting(pub(crate) Reading);

impl FromRequestParts<Served> for Exporting {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, served: &Served) -> Result<Self, Problem> {
        let (caller, workspace) = open(parts, served, Scope::Export).await?;
        Ok(Self(Reading { caller, workspace }))
    }
}

/// The one workspace of the path, for a caller with `audit:admin` on it. No scope implies another:
/// it need not have `audit:read`, and `audit:read` is not enough.
pub(crate) struct AdministeringWorkspace(pub(crate) WorkspaceReader);

impl FromRequestParts<Served> for AdministeringWorkspace {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, served: &Served) -> Result<Self, Problem> {
        Ok(Self(open(parts, served, Scope::Admin).await?.1))
    }
}

/// A caller with `audit:admin` on everything.
pub(crate) struct Administering;

impl FromRequestParts<Served> for Administering {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, served: &Served) -> Result<Self, Problem> {
        let caller = authenticate(parts, &served.api)?;
        let allowed = matches!(caller.grants, Grants::All) && caller.has(Scope::Admin);
        allowed.then_some(Self).ok_or_else(|| Problem::new(ProblemKind::Forbidden))
    }
}

/// Authenticates, then opens the workspace of the path if it is granted with this scope.
async fn open(
    parts: &mut Parts,
    served: &Served,
    scope: Scope,
) -> Result<(Caller, WorkspaceReader), Problem> {
    let caller = authenticate(parts, &served.api)?;
    let path = Path::<Vec<(String, String)>>::from_request_parts(parts, served).await;
    let not_found = || Problem::new(ProblemKind::NotFound);
    let Path(path) = path.map_err(|_| not_found())?;
    let id = path.iter().find(|(name, _)| name == "workspace").map(|(_, id)| id.as_str());
    let id = id.and_then(|id| WorkspaceId::new(id).ok()).ok_or_else(not_found)?;
    grant(&caller, id.as_str(), scope)?;
    let workspace = served.api.store.workspace(&id).map_err(|error| refusal(&error))?;
    Ok((caller, workspace))
}

fn authenticate(parts: &Parts, state: &ApiState) -> Result<Caller, Problem> {
    let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    header
        .and_then(bearer)
        .and_then(|text| state.authenticator.authenticate(text))
        .ok_or_else(|| Problem::new(ProblemKind::Unauthenticated))
}

fn grant(caller: &Caller, workspace: &str, scope: Scope) -> Result<(), Problem> {
    match caller.may(workspace, scope) {
        Access::Granted => Ok(()),
        Access::Forbidden => Err(lacking(scope)),
        Access::NotFound => Err(Problem::new(ProblemKind::NotFound)),
    }
}

fn lacking(scope: Scope) -> Problem {
    let detail = format!("this needs the scope {}", scope.as_str());
    Problem::new(ProblemKind::Forbidden).detail(detail)
}
