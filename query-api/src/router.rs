//! Every route, on one screen.

use annals_service::problem::{Problem, ProblemKind};
use axum::middleware::from_fn;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::follow::Followers;
use crate::openapi;
use crate::rate_headers::rate_headers;
use crate::reading_room::ReadingRoom;
use crate::routes::{
    accounting, actions, actors, admin_accounting, admin_quarantine, api_keys, event, events,
    export, export_download, export_manifest, exports, facets, feed, health, histogram,
    method_not_allowed, quarantine, resource, resource_events, resource_names, resource_state,
    resources, undo, viewer_tokens,
};
use crate::state::{ApiState, Served};
use crate::ui;

/// The query API and the page. Request ids, security headers and limits are layered outside.
pub fn router(state: ApiState) -> Router {
    let workspace = OpenApiRouter::new()
        .routes(routes!(events::list))
        .routes(routes!(export::get))
        .routes(routes!(event::get))
        .routes(routes!(undo::get))
        .routes(routes!(exports::post))
        .routes(routes!(export_manifest::get))
        .routes(routes!(feed::get))
        .routes(routes!(facets::get))
        .routes(routes!(histogram::get))
        .routes(routes!(resources::list))
        .routes(routes!(resource::get))
        .routes(routes!(resource_events::list))
        .routes(routes!(resource_state::get))
        .routes(routes!(actors::list))
        .routes(routes!(resource_names::list))
        .routes(routes!(actions::list))
        .routes(routes!(quarantine::list))
        .routes(routes!(accounting::get));
    let base_path = state.base_path.clone();
    let room = ReadingRoom::with_reads_per_workspace(state.reads_per_workspace);
    let (router, paths) = OpenApiRouter::new()
        .nest("/v1/workspaces/{workspace}", workspace)
        .routes(routes!(export_download::get))
        .routes(routes!(admin_accounting::get))
        .routes(routes!(admin_quarantine::list))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .split_for_parts();
    let document = openapi::document(paths, &base_path);
    router
        .route("/openapi.json", get(async move || Json(document)))
        .route("/docs", get(openapi::redirect))
        .route("/docs/", get(openapi::page))
        .route("/docs/docs.js", get(openapi::script))
        .route("/docs/docs.css", get(openapi::style))
        .route("/v1/viewer-tokens", post(viewer_tokens::mint))
        .route("/v1/api-keys", post(api_keys::create).get(api_keys::list))
        .route("/v1/api-keys/{id}", delete(api_keys::revoke))
        .route("/ui", get(ui::redirect))
        .route("/ui/", get(ui::index))
        .route("/ui/{*file}", get(ui::file))
        .method_not_allowed_fallback(method_not_allowed::answer)
        .fallback(async || Problem::new(ProblemKind::NotFound))
        .layer(from_fn(rate_headers))
        .with_state(Served { api: state, room, followers: Followers::default() })
}
