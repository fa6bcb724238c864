//! A page that shows the document: small, our own, and without anything from elsewhere.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};

const CACHE: (axum::http::HeaderName, &str) = (CACHE_CONTROL, "no-cache");

/// `GET /docs`: relative, since it may lie below a base path.
pub(crate) async fn redirect() -> Redirect {
    Redirect::permanent("docs/")
}

/// `GET /docs/`.
pub(crate) async fn page() -> Response {
    let kind = (CONTENT_TYPE, "text/html; charset=utf-8");
    ([kind, CACHE], include_str!("../../docs-page/index.html")).into_response()
}

/// `GET /docs/docs.js`.
pub(crate) async fn script() -> Response {
    let kind = (CONTENT_TYPE, "text/javascript; charset=utf-8");
    ([kind, CACHE], include_str!("../../docs-page/docs.js")).into_response()
}

/// `GET /docs/docs.css`.
pub(crate) async fn style() -> Response {
    let kind = (CONTENT_TYPE, "text/css; charset=utf-8");
    ([kind, CACHE], include_str!("../../docs-page/docs.css")).into_response()
}
