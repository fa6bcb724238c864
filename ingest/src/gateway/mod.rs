//! The HTTP gateway: `POST /v1/events` and `POST /v1/events:batch`.
//!
//! Takes event JSON, NDJSON and the CloudEvents HTTP binding (binary, structured, batch) on both
//! paths; answers after the log has acknowledged, one outcome per event in request order.
//! Every record goes to the log, known duplicates too: the fold counts them and proves them. So
//! does a conflict, an id used before with other content: it is answered `rejected`, and the fold
//! quarantines it where admins see it.
//! Memory is bounded: bodies reserve their room before they are read, packed ones (gzip, zstd) as
//! much as a plain one may have; without room 429.
//! Deliberately not here: TLS, request ids (`service::http`), and reading.

mod action_schemas;
mod answer;
mod body;
mod encoding;
mod intake;
mod limits;
mod openapi;
mod post;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use annals_broker::Producer;
use annals_schemas::{Labels, WorkspaceId};
use annals_service::access::{Authenticator, RateLimits};
use async_trait::async_trait;
use tokio::sync::Semaphore;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use action_schemas::CurrentSchemas;

pub use action_schemas::{ActionSchemas, InvalidActionSchema};
pub use limits::{GatewayLimits, InvalidGatewayLimits};

/// Tells which event is visible already, where the gateway stands beside a projection.
#[async_trait]
pub trait KnownEvents: Send + Sync {
    /// Content hash (`annals_schemas::content_hash`) of the workspace's visible event of this id.
    /// May lag behind the log; a `None` too many only means `accepted` where `duplicate` or
    /// a conflict would have been said.
    async fn known(&self, workspace: &WorkspaceId, event_id: Uuid) -> Option<[u8; 32]>;
}

/// Gives the product's `actions.json` as it is now.
pub type Actions = Arc<dyn Fn() -> Arc<Labels> + Send + Sync>;

/// What the gateway stands on.
#[derive(Clone)]
pub struct Gateway {
    producer: Arc<dyn Producer>,
    authenticator: Arc<dyn Authenticator>,
    known: Option<Arc<dyn KnownEvents>>,
    rates: Arc<RateLimits>,
    actions: Option<Actions>,
    schemas: Arc<CurrentSchemas>,
    limits: GatewayLimits,
    /// One permit a KiB of bodies being read or waiting for the log.
    room: Arc<Semaphore>,
}

impl Gateway {
    /// A gateway that appends to this log on behalf of authenticated callers.
    pub fn new(
        producer: Arc<dyn Producer>,
        authenticator: Arc<dyn Authenticator>,
        limits: GatewayLimits,
    ) -> Self {
        let room = Arc::new(Semaphore::new(limits.in_flight_bytes.div_ceil(1024)));
        let (rates, schemas) = (Arc::default(), Arc::default());
        let (known, actions) = (None, None);
        Self { producer, authenticator, known, rates, actions, schemas, limits, room }
    }

    /// Holds events against the schema of their action, and masks the values that are secret under
    /// it before they reach the log.
    pub fn with_actions(mut self, actions: Actions) -> Self {
        self.actions = Some(actions);
        self
    }

    /// Counts requests against these limits.
    pub fn with_rate_limits(mut self, rates: Arc<RateLimits>) -> Self {
        self.rates = rates;
        self
    }

    /// Lets answers say `duplicate` for events that are known.
    pub fn with_known_events(mut self, known: Arc<dyn KnownEvents>) -> Self {
        self.known = Some(known);
        self
    }
}

/// The two routes, drawn. The caller adds `service::http::request_id` and the other layers around
/// them.
pub fn router(gateway: Gateway) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(post::post_event))
        .routes(routes!(post::post_batch))
        .with_state(gateway)
}
