//! Every route, on one screen.

use annals_service::problem::{Problem, ProblemKind};
use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{delete, get, post};

use crate::rate_headers::rate_headers;
use crate::reading_room::ReadingRoom;
use crate::routes::{
    accounting, actions, actors, admin_accounting, admin_quarantine, api_keys, event, events,
    facets, health, histogram, method_not_allowed, quarantine, resource, resource_events,
    resource_names, resources, viewer_tokens,
};
use crate::state::{ApiState, Served};
use crate::ui;

/// The query API and the page. Request ids, security headers and limits are layered outside.
pub fn router(state: ApiState) -> Router {
    let workspace = Router::new()
        .route("/events", get(events::list))
        .route("/events/{event_id}", get(event::get))
        .route("/facets", get(facets::get))
        .route("/histogram", get(histogram::get))
        .route("/resources", get(resources::list))
        .route("/resources/{type}/{id}", get(resource::get))
        .route("/resources/{type}/{id}/events", get(resource_events::list))
        .route("/actors", get(actors::list))
        .route("/resource-names", get(resource_names::list))
        .route("/actions", get(actions::list))
        .route("/quarantine", get(quarantine::list))
        .route("/accounting", get(accounting::get));
    let room = ReadingRoom::with_reads_per_workspace(state.reads_per_workspace);
    Router::new()
        .nest("/v1/workspaces/{workspace}", workspace)
        .route("/v1/admin/accounting", get(admin_accounting::get))
        .route("/v1/admin/quarantine", get(admin_quarantine::list))
        .route("/v1/viewer-tokens", post(viewer_tokens::mint))
        .route("/v1/api-keys", post(api_keys::create).get(api_keys::list))
        .route("/v1/api-keys/{id}", delete(api_keys::revoke))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/ui", get(ui::redirect))
        .route("/ui/", get(ui::index))
        .route("/ui/{*file}", get(ui::file))
        .method_not_allowed_fallback(method_not_allowed::answer)
        .fallback(async || Problem::new(ProblemKind::NotFound))
        .layer(from_fn(rate_headers))
        .with_state(Served { api: state, room })
}
