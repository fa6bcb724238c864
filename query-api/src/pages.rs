//! What is for people and not drawn in the document of the API: the page, and the page of the
//! document. The tidy suite lets nobody else add a route that is not drawn.

use axum::Router;
use axum::routing::get;

use crate::{openapi, ui};

/// The pages.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/docs", get(openapi::redirect))
        .route("/docs/", get(openapi::page))
        .route("/docs/docs.js", get(openapi::script))
        .route("/docs/docs.css", get(openapi::style))
        .route("/ui", get(ui::redirect))
        .route("/ui/", get(ui::index))
        .route("/ui/{*file}", get(ui::file))
}
