//! `GET /openapi.json`: the document of the API.

use axum::Extension;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::OpenApi;

/// The document of all routes, written once.
#[derive(Clone)]
pub(crate) struct Document(Bytes);

impl Document {
    pub(crate) fn new(document: &OpenApi) -> Self {
        Self(serde_json::to_vec(document).expect("a document is plain data").into())
    }
}

#[utoipa::path(
    get,
    path = "/openapi.json",
    summary = "This document.",
    operation_id = "openapi",
    security(()),
    responses((status = 200, body = Object)),
)]
pub(crate) async fn get(Extension(Document(bytes)): Extension<Document>) -> Response {
    ([(CONTENT_TYPE, "application/json")], bytes).into_response()
}
