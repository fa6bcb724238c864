//! Every route, on one screen.

use annals_service::problem::{Problem, ProblemKind};
use axum::Router;
use axum::routing::{get, post};

use crate::follow::Followers;
use crate::reading_room::ReadingRoom;
use crate::routes::{
    accounting, actions, actors, admin_accounting, admin_quarantine, event, events, export,
    export_download, export_manifest, exports, facets, feed, health, histogram, method_not_allowed,
    quarantine, resource, resource_events, resource_names, resource_state, resources, undo,
};
use crate::state::{ApiState, Served};
use crate::ui;

/// The query API and the page. Request ids, security headers and limits are layered outside.
pub fn router(state: ApiState) -> Router {
    let workspace = Router::new()
        .route("/events", get(events::list))
        .route("/events/export", get(export::get))
        .route("/events/{event_id}", get(event::get))
        .route("/events/{event_id}/undo", get(undo::get))
        .route("/exports", post(exports::post))
        .route("/exports/{id}/manifest", get(export_manifest::get))
        .route("/feed", get(feed::get))
        .route("/facets", get(facets::get))
        .route("/histogram", get(histogram::get))
        .route("/resources", get(resources::list))
        .route("/resources/{type}/{id}", get(resource::get))
        .route("/resources/{type}/{id}/events", get(resource_events::list))
        .route("/resources/{type}/{id}/state", get(resource_state::get))
        .route("/actors", get(actors::list))
        .route("/resource-names", get(resource_names::list))
        .route("/actions", get(actions::list))
        .route("/quarantine", get(quarantine::list))
        .route("/accounting", get(accounting::get));
    Router::new()
        .nest("/v1/workspaces/{workspace}", workspace)
        .route("/v1/exports/{ticket}", get(export_download::get))
        .route("/v1/admin/accounting", get(admin_accounting::get))
        .route("/v1/admin/quarantine", get(admin_quarantine::list))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/ui", get(ui::redirect))
        .route("/ui/", get(ui::index))
        .route("/ui/{*file}", get(ui::file))
        .method_not_allowed_fallback(method_not_allowed::answer)
        .fallback(async || Problem::new(ProblemKind::NotFound))
        .with_state(Served {
            api: state,
            room: ReadingRoom::default(),
            followers: Followers::default(),
        })
}
