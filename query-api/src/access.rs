//! From a request to what it may read: the only way to a workspace's data.

use std::sync::Arc;

use annals_schemas::{LogId, WorkspaceId};
use annals_service::access::{Access, Caller, Grants, Scope, bearer};
use annals_service::http::admit_counted;
use annals_service::problem::{Problem, ProblemKind};
use annals_store::{
    Accounting, PartitionStore, RefusedPage, Restriction, Store, StoreError, WorkspaceReader,
};
use axum::extract::{FromRequestParts, Path};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use tokio::time::Instant;

use crate::access_log::{self, AccessKind, AccessLog, FilterHash};
use crate::metrics;
use crate::reading_room::refusal;
use crate::renewal::Renewal;
use crate::state::{ApiState, Served};

/// The route of tiles that are entries, in records.
const ENTRIES: &str = "log/tile/entries";

/// The data of all workspaces. Only the extractors beside it can open any: a handler that has the
/// state and not one of them does not compile.
///
/// ```
/// fn handler(state: &annals_query_api::ApiState, id: &annals_schemas::WorkspaceId) {
///     let _ = (&state.workspaces, id);
/// }
/// ```
/// ```compile_fail,E0616
/// fn handler(state: &annals_query_api::ApiState, id: &annals_schemas::WorkspaceId) {
///     let _ = state.workspaces.0.workspace(id);
/// }
/// ```
/// ```compile_fail,E0599
/// fn handler(state: &annals_query_api::ApiState, id: &annals_schemas::WorkspaceId) {
///     let _ = state.workspaces.workspace(id);
/// }
/// ```
#[derive(Clone)]
pub struct Workspaces(Store);

impl Workspaces {
    /// Those of a store.
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

/// A caller together with the one workspace of the path that it may read.
///
/// Handlers take this instead of an id: without it there is no [`WorkspaceReader`]. There is none
/// without a record of the access either, and a caller that is confined to a part of the workspace
/// gets a handle that is confined to it.
pub struct Reading {
    /// Who asks.
    pub caller: Caller,
    /// What may be read.
    pub workspace: WorkspaceReader,
    /// For answers that last.
    pub(crate) renewal: Renewal,
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
        open(parts, served, Scope::Read).await
    }
}

/// The same for a caller with `audit:export`, which `audit:read` does not imply.
pub(crate) struct Exporting(pub(crate) Reading);

impl FromRequestParts<Served> for Exporting {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, served: &Served) -> Result<Self, Problem> {
        open(parts, served, Scope::Export).await.map(Self)
    }
}

/// The same for a caller with `audit:verify`, with the partition that the workspace lies in.
pub(crate) struct ReadingProofs {
    pub(crate) reading: Reading,
    pub(crate) partition: Arc<PartitionStore>,
}

impl FromRequestParts<Served> for ReadingProofs {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, served: &Served) -> Result<Self, Problem> {
        let reading = open(parts, served, Scope::Verify).await?;
        let partition = served.api.workspaces.0.partition(reading.workspace.partition());
        Ok(Self { reading, partition: partition.map_err(|error| refusal(&error))? })
    }
}

/// A caller with `audit:verify`, for what belongs to the log and not to a workspace: keys, tree
/// heads and hashes tell nothing of an event, so the verifier of any workspace may have them, and
/// who fetches them is not recorded.
pub(crate) struct Verifying {
    caller: Caller,
    store: Store,
    access_log: AccessLog,
    filter: FilterHash,
}

impl Verifying {
    /// An error unless the caller administers everything: entries tell of every workspace. That it
    /// reads them is recorded.
    pub(crate) fn administering_all(&self) -> Result<(), Problem> {
        if !administers_all(&self.caller) {
            return Err(lacking(Scope::Admin));
        }
        let (kind, filter) = (AccessKind::Verified, self.filter);
        let access = access_log::Access { kind, route: ENTRIES, filter };
        self.access_log.record(&self.caller, &everything(), access);
        Ok(())
    }

    /// Tells who asks from others.
    pub(crate) fn identity(&self) -> String {
        self.caller.identity()
    }

    /// The log's id.
    pub(crate) fn log_id(&self) -> LogId {
        self.store.log_id()
    }

    /// The partition of a path; one has one spelling.
    pub(crate) fn partition(&self, text: &str) -> Result<Arc<PartitionStore>, Problem> {
        let missing = || Problem::new(ProblemKind::NotFound);
        let number: u32 = text.parse().map_err(|_| missing())?;
        if number >= self.store.partition_count() || number.to_string() != text {
            return Err(missing());
        }
        self.store.partition(number).map_err(|error| refusal(&error))
    }
}

impl FromRequestParts<Served> for Verifying {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, served: &Served) -> Result<Self, Problem> {
        let Calling(caller) = Calling::from_request_parts(parts, served).await?;
        if !caller.has(Scope::Verify) {
            return Err(lacking(Scope::Verify));
        }
        let (store, access_log) = (served.api.workspaces.0.clone(), served.api.access_log.clone());
        Ok(Self { caller, store, access_log, filter: filter_of(parts) })
    }
}

/// The one workspace of the path, for a caller with `audit:admin` on it. No scope implies another:
/// it need not have `audit:read`, and `audit:read` is not enough.
pub(crate) struct AdministeringWorkspace(pub(crate) WorkspaceReader);

impl FromRequestParts<Served> for AdministeringWorkspace {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, served: &Served) -> Result<Self, Problem> {
        Ok(Self(open(parts, served, Scope::Admin).await?.workspace))
    }
}

/// An authenticated caller, whatever it may do.
pub(crate) struct Calling(pub(crate) Caller);

impl Calling {
    /// An error unless the caller has `audit:admin` somewhere: before anything else is looked at.
    pub(crate) fn check_administering(&self) -> Result<(), Problem> {
        match self.0.has(Scope::Admin) {
            true => Ok(()),
            false => Err(lacking(Scope::Admin)),
        }
    }

    /// An error unless the caller has `audit:admin` on this workspace.
    pub(crate) fn administering(&self, workspace: &str) -> Result<WorkspaceId, Problem> {
        let not_found = || Problem::new(ProblemKind::NotFound);
        let id = WorkspaceId::new(workspace).map_err(|_| not_found())?;
        grant(&self.0, workspace, Scope::Admin)?;
        Ok(id)
    }
}

impl FromRequestParts<Served> for Calling {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, served: &Served) -> Result<Self, Problem> {
        let caller = authenticate(parts, &served.api)?;
        admit(parts, served, &caller, None)?;
        Ok(Self(caller))
    }
}

/// A caller with `audit:admin` on everything, and what is no workspace's: recorded like a read of a
/// workspace.
pub(crate) struct Administering(Store);

impl Administering {
    /// The accounting identity of each partition.
    pub(crate) fn accounting(&self) -> Vec<Accounting> {
        self.0.accounting()
    }

    /// How many partitions there are.
    pub(crate) fn partition_count(&self) -> u32 {
        self.0.partition_count()
    }

    /// Refused records that are no workspace's, newest first.
    pub(crate) fn ownerless(
        &self,
        partition: u32,
        before: Option<u64>,
        limit: usize,
    ) -> Result<RefusedPage, StoreError> {
        self.0.ownerless(partition, before, limit)
    }
}

impl FromRequestParts<Served> for Administering {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, served: &Served) -> Result<Self, Problem> {
        let Calling(caller) = Calling::from_request_parts(parts, served).await?;
        if !administers_all(&caller) {
            return Err(Problem::new(ProblemKind::Forbidden));
        }
        let route = parts.uri.path().trim_start_matches("/v1/");
        let (kind, filter) = (AccessKind::Viewed, filter_of(parts));
        let access = access_log::Access { kind, route, filter };
        served.api.access_log.record(&caller, &everything(), access);
        Ok(Self(served.api.workspaces.0.clone()))
    }
}

/// Authenticates, then opens the workspace of the path if it is granted with this scope.
async fn open(parts: &mut Parts, served: &Served, scope: Scope) -> Result<Reading, Problem> {
    let caller = authenticate(parts, &served.api)?;
    let path = Path::<Vec<(String, String)>>::from_request_parts(parts, served).await;
    let not_found = || Problem::new(ProblemKind::NotFound);
    let Path(path) = path.map_err(|_| not_found())?;
    let id = path.iter().find(|(name, _)| name == "workspace").map(|(_, id)| id.as_str());
    let id = id.and_then(|id| WorkspaceId::new(id).ok()).ok_or_else(not_found)?;
    grant(&caller, id.as_str(), scope)?;
    admit(parts, served, &caller, Some(id.as_str()))?;
    let workspace = served.api.workspaces.0.workspace(&id).map_err(|error| refusal(&error))?;
    let workspace = workspace.restricted(restriction(&caller));
    let renewal = record(parts, served, (&caller, &id, scope));
    Ok(Reading { caller, workspace, renewal })
}

/// Counts the request against the limits of rates.
fn admit(
    parts: &Parts,
    served: &Served,
    caller: &Caller,
    workspace: Option<&str>,
) -> Result<(), Problem> {
    admit_counted(&parts.extensions, &served.api.rate_limits, caller, workspace)
        .inspect_err(|_| metrics::rate_limited())
}

fn administers_all(caller: &Caller) -> bool {
    matches!(caller.grants, Grants::All) && caller.has(Scope::Admin)
}

/// Where accesses are recorded that are no workspace's: only those read it who were granted all.
fn everything() -> WorkspaceId {
    WorkspaceId::new("*").expect("a workspace may be named so")
}

fn filter_of(parts: &Parts) -> FilterHash {
    let path = parts.uri.path().trim_start_matches('/');
    FilterHash::of(path, parts.uri.query().unwrap_or_default())
}

/// Granted is accessed, whatever comes of it: what follows can neither forget it nor undo it.
fn record(
    parts: &Parts,
    served: &Served,
    (caller, id, scope): (&Caller, &WorkspaceId, Scope),
) -> Renewal {
    // What the router has left of the path: that below the workspace.
    let path = parts.uri.path().trim_start_matches('/');
    let kind = match scope {
        Scope::Export => AccessKind::Exported,
        Scope::Verify => AccessKind::Verified,
        Scope::Read | Scope::Write | Scope::Admin => AccessKind::Viewed,
    };
    let route = path.split('/').next().unwrap_or_default();
    let filter = filter_of(parts);
    served.api.access_log.record(caller, id, access_log::Access { kind, route, filter });
    let token = credentials(parts).unwrap_or_default().to_owned();
    Renewal { token, scope, kind, route: route.to_owned(), filter, recorded_at: Instant::now() }
}

fn restriction(caller: &Caller) -> Restriction {
    let resource = caller.restriction.resource.clone();
    Restriction {
        resource: resource.map(|resource| (resource.r#type, resource.id)),
        actor: caller.restriction.actor.clone(),
    }
}

/// The token or key that a request carries.
fn credentials(parts: &Parts) -> Option<&str> {
    let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    header.and_then(bearer)
}

fn authenticate(parts: &Parts, state: &ApiState) -> Result<Caller, Problem> {
    credentials(parts)
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
