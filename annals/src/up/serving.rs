//! One router: gateway, query API, page, metrics.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use annals_broker::Log;
use annals_ingest::gateway::{self, Gateway, GatewayLimits, KnownEvents};
use annals_query_api::{
    AccessLog, ApiState, Evidence, Exports, Readiness, SharedLabels, Workspaces,
};
use annals_schemas::{Limits, WorkspaceId};
use annals_service::access::{Grants, Profile, Restriction, Scope, TokenClaims};
use annals_service::clock::SharedClock;
use annals_service::http::{
    AllowedOrigins, FrameAncestors, SecurityHeaders, rate_headers, request_id,
};
use annals_service::problem::{Problem, ProblemKind};
use annals_service::shutdown::Shutdown;
use annals_service::telemetry::Metrics;
use annals_store::Store;
use async_trait::async_trait;
use axum::Router;
use axum::middleware;
use axum::response::Response;
use axum::routing::get;
use tower_http::compression::CompressionLayer;
use uuid::Uuid;

use super::secrets::Secrets;
use crate::config::Config;
use crate::exit::Failure;

/// The demo's sign-in lasts a working day.
const DEMO_TOKEN_TTL: Duration = Duration::from_secs(8 * 3600);

/// What the router stands on.
pub(super) struct Parts<'a> {
    pub(super) config: &'a Config,
    pub(super) log: &'a Arc<dyn Log>,
    pub(super) store: &'a Store,
    pub(super) clock: &'a SharedClock,
    pub(super) labels: &'a SharedLabels,
    pub(super) secrets: &'a Secrets,
    pub(super) access_log: &'a AccessLog,
    pub(super) metrics: &'a Metrics,
    pub(super) status: Readiness,
    pub(super) exports: Exports,
    pub(super) evidence: Evidence,
    pub(super) shutdown: &'a Shutdown,
}

/// What is served where.
pub(super) struct Served {
    /// API and page.
    pub(super) router: Router,
    /// Metrics, and readiness with its reasons.
    pub(super) administering: Router,
    /// Of an administrator of the demo's workspace.
    pub(super) traffic_token: String,
}

/// The routers.
pub(super) fn router(parts: Parts<'_>) -> Result<Served, Failure> {
    let Parts { config, log, store, clock, labels, secrets, access_log, metrics, .. } = parts;
    let Parts { status, exports, evidence, shutdown, .. } = parts;
    let rates = Arc::new(config.limits.rates());
    let actions = labels.clone();
    let gateway = Gateway::new(log.producer(), secrets.authenticator.clone(), limits(config)?)
        .with_actions(Arc::new(move || actions.get()))
        .with_known_events(Arc::new(Projected(store.clone())))
        .with_rate_limits(rates.clone());
    let api = ApiState {
        workspaces: Workspaces::new(store.clone()),
        log: log.clone(),
        authenticator: secrets.authenticator.clone(),
        tokens: secrets.tokens.clone(),
        api_keys: secrets.api_keys.clone(),
        access_log: access_log.clone(),
        rate_limits: rates,
        reads_per_workspace: config.limits.queries_per_workspace,
        labels: labels.clone(),
        cursors: secrets.cursors.clone(),
        clock: clock.clone(),
        readiness: status,
        tells_reasons: config.http.listen()?.ip().is_loopback(),
        query_limits: config.limits.of_a_query(),
        exports,
        evidence,
        shutdown: shutdown.clone(),
        base_path: config.http.base_path()?,
    };
    let ancestors = FrameAncestors::parse(&config.http.frame_ancestors)
        .map_err(|error| Failure::config(&error))?;
    let headers = SecurityHeaders::new(&ancestors);
    let secured = move |mut response: Response| {
        headers.apply(&mut response);
        std::future::ready(response)
    };
    let base_path = api.base_path.clone();
    let origins = AllowedOrigins::parse(&config.http.allowed_origins)
        .map_err(|error| Failure::config(&error))?;
    let recorded = metrics.clone();
    let scraped =
        Router::new().route("/metrics", get(move || std::future::ready(recorded.response())));
    let administering = annals_query_api::administering(api.clone()).merge(scraped.clone());
    let mut router = annals_query_api::router(api.clone(), gateway::router(gateway));
    if api.tells_reasons {
        router = router.merge(scraped);
    }
    let router = if base_path.is_empty() { router } else { under(&base_path, router) };
    let router = router
        .layer(CompressionLayer::new())
        .layer(origins.layer())
        .layer(middleware::from_fn(rate_headers))
        .layer(middleware::map_response(secured))
        .layer(middleware::from_fn(request_id));
    let administering = administering.layer(middleware::from_fn(request_id));
    Ok(Served { router, administering, traffic_token: demo_token(secrets, clock)? })
}

/// Everything below a path, and nothing beside it.
fn under(base_path: &str, router: Router) -> Router {
    let missing = async || Problem::new(ProblemKind::NotFound);
    Router::new().nest(base_path, router).fallback(missing)
}

fn limits(config: &Config) -> Result<GatewayLimits, Failure> {
    let event = Limits { event_bytes: config.limits.event_bytes, ..Limits::GATEWAY };
    let limits = GatewayLimits {
        event: event.checked().map_err(|error| Failure::config(&error))?,
        batch_events: config.limits.batch_events,
        batch_bytes: config.limits.batch_bytes,
        ..GatewayLimits::default()
    };
    limits.checked().map_err(|error| Failure::config(&error))
}

fn demo_token(secrets: &Secrets, clock: &SharedClock) -> Result<String, Failure> {
    let claims = TokenClaims {
        subject: "demo".into(),
        grants: Grants::one(crate::demo::DEMO_WORKSPACE),
        scopes: BTreeSet::from([Scope::Read, Scope::Export, Scope::Verify, Scope::Admin]),
        ttl: DEMO_TOKEN_TTL,
        profile: Profile::default(),
        restriction: Restriction::default(),
    };
    secrets.tokens.mint(&claims, clock.unix_seconds()).map_err(|error| Failure::config(&error))
}

/// The projection beside the gateway knows what is visible already.
struct Projected(Store);

#[async_trait]
impl KnownEvents for Projected {
    async fn known(&self, workspace: &WorkspaceId, event_id: Uuid) -> Option<[u8; 32]> {
        // A failure only means `accepted` where `duplicate` or a conflict would have been said.
        let reader = self.0.workspace(workspace).ok()?;
        reader.content_hash_of(event_id).ok().flatten()
    }
}
