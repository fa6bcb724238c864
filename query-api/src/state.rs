//! What every handler has at hand.

use std::sync::Arc;

use annals_broker::Log;
use annals_schemas::Labels;
use annals_service::access::{ApiKeys, Authenticator, RateLimits, TokenKey};
use annals_service::clock::SharedClock;
use annals_service::shutdown::Shutdown;
use axum::extract::FromRef;
use parking_lot::RwLock;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Workspaces;
use crate::access_log::AccessLog;
use crate::cursor::CursorKeys;
use crate::evidence::Evidence;
use crate::export::Exports;
use crate::follow::Followers;
use crate::openapi::PartitionStatusName;
use crate::query_limits::QueryLimits;
use crate::reading_room::ReadingRoom;

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    /// What is read, through the extractors alone.
    pub workspaces: Workspaces,
    /// Asked for high watermarks only.
    pub log: Arc<dyn Log>,
    /// Who calls.
    pub authenticator: Arc<dyn Authenticator>,
    /// Signs viewer tokens.
    pub tokens: TokenKey,
    /// API keys that are made, listed and revoked over HTTP.
    pub api_keys: Arc<ApiKeys>,
    /// Where reads are recorded.
    pub access_log: AccessLog,
    /// How many requests callers and workspaces may make.
    pub rate_limits: Arc<RateLimits>,
    /// Reads of one workspace that run at the same time; 0 is half of the processors.
    pub reads_per_workspace: usize,
    /// Labels of actions, reloaded from outside.
    pub labels: SharedLabels,
    /// Seals cursors.
    pub cursors: Arc<CursorKeys>,
    /// Wall clock.
    pub clock: SharedClock,
    /// Asked by `/readyz`.
    pub readiness: Readiness,
    /// Whether `/readyz` says why: not to everybody on a network.
    pub tells_reasons: bool,
    /// What one query may do before it ends with `timeout`.
    pub query_limits: QueryLimits,
    /// Manifests and tickets of exports.
    pub exports: Exports,
    /// What proofs are answered from.
    pub evidence: Evidence,
    /// Ends what waits for rows when the process is to stop.
    pub shutdown: Shutdown,
    /// What stands before every path, such as `/audit`; empty for nothing.
    pub base_path: String,
}

/// What the router hands to its handlers: what it was given, and bounds of its own.
#[derive(Clone)]
pub(crate) struct Served {
    pub(crate) api: ApiState,
    pub(crate) room: ReadingRoom,
    pub(crate) followers: Followers,
}

impl Served {
    pub(crate) fn new(api: ApiState) -> Self {
        let room = ReadingRoom::with_reads_per_workspace(api.reads_per_workspace);
        Self { api, room, followers: Followers::default() }
    }
}

impl FromRef<Served> for ApiState {
    fn from_ref(served: &Served) -> Self {
        served.api.clone()
    }
}

impl FromRef<Served> for ReadingRoom {
    fn from_ref(served: &Served) -> Self {
        served.room.clone()
    }
}

/// Labels that may be replaced while requests are answered.
#[derive(Clone, Default)]
pub struct SharedLabels(Arc<RwLock<Arc<Labels>>>);

impl SharedLabels {
    /// The labels of this moment.
    pub fn get(&self) -> Arc<Labels> {
        self.0.read().clone()
    }

    /// Replaces them for all requests to come.
    pub fn set(&self, labels: Labels) {
        *self.0.write() = Arc::new(labels);
    }
}

/// One partition's condition as `/readyz` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PartitionHealth {
    /// Its number.
    pub partition: u32,
    /// `catching-up`, `live`, `retrying` or `halted`.
    #[schema(value_type = PartitionStatusName)]
    pub status: &'static str,
    /// Why it is not going on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Answers how the partitions are doing.
#[derive(Clone)]
pub struct Readiness(Arc<dyn Fn() -> Vec<PartitionHealth> + Send + Sync>);

impl Readiness {
    /// Wraps a function.
    pub fn new(ask: impl Fn() -> Vec<PartitionHealth> + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }

    pub(crate) fn ask(&self) -> Vec<PartitionHealth> {
        (self.0)()
    }
}
