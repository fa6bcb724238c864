//! Every route, on one screen; each is drawn in the document of the API. Pages are in `pages`.

use annals_service::problem::{Problem, ProblemKind};
use axum::{Extension, Router};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::openapi::document;
use crate::pages;
use crate::routes::{
    accounting, actions, actors, admin_accounting, admin_quarantine, api_keys, event, event_proof,
    events, export, export_download, export_manifest, exports, facets, feed, health, histogram,
    log_checkpoint, log_key, log_tile, method_not_allowed, openapi, quarantine, resource,
    resource_events, resource_names, resource_state, resources, undo, viewer_tokens,
};
use crate::state::{ApiState, Served};

/// The query API and the page, with the gateway's routes in the same document. Request ids, rate
/// and security headers are layered outside.
pub fn router(state: ApiState, gateway: OpenApiRouter) -> Router {
    let workspace = OpenApiRouter::new()
        .routes(routes!(events::list))
        .routes(routes!(export::get))
        .routes(routes!(event::get))
        .routes(routes!(event_proof::get))
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
    let (router, paths) = OpenApiRouter::new()
        .nest("/v1/workspaces/{workspace}", workspace)
        .routes(routes!(export_download::get))
        .routes(routes!(viewer_tokens::mint))
        .routes(routes!(api_keys::create, api_keys::list))
        .routes(routes!(api_keys::revoke))
        .routes(routes!(admin_accounting::get))
        .routes(routes!(admin_quarantine::list))
        .routes(routes!(log_key::get))
        .routes(routes!(log_checkpoint::get))
        .routes(routes!(log_tile::get))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(openapi::get))
        .with_state(Served::new(state))
        .merge(gateway)
        .split_for_parts();
    let document = openapi::Document::new(&document(paths, &base_path));
    router
        .merge(pages::router())
        .method_not_allowed_fallback(method_not_allowed::answer)
        .fallback(async || Problem::new(ProblemKind::NotFound))
        .layer(Extension(document))
}

/// What is for operators: whether it works, and why not.
pub fn administering(state: ApiState) -> Router {
    OpenApiRouter::new()
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .with_state(Served::new(ApiState { tells_reasons: true, ..state }))
        .fallback(async || Problem::new(ProblemKind::NotFound))
        .into()
}
