//! The page and its elements, built from `ui/` and embedded in the binary. A binary that was built
//! without them says so in their place.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../ui/dist/"]
#[allow_missing = true]
struct Files;

const NOT_BUILT: &str = "this binary was built without its page: run `make ui`, then build again";

pub(crate) async fn redirect() -> Redirect {
    // Relative, since it may lie below a base path.
    Redirect::permanent("ui/")
}

pub(crate) async fn index() -> Response {
    file(Path("index.html".to_owned())).await
}

pub(crate) async fn file(Path(name): Path<String>) -> Response {
    let Some(found) = Files::get(&name) else {
        let is_built = Files::get("index.html").is_some();
        let why = if is_built { "" } else { NOT_BUILT };
        return (StatusCode::NOT_FOUND, why).into_response();
    };
    let headers = [(CONTENT_TYPE, content_type(&name)), (CACHE_CONTROL, "no-cache")];
    (headers, found.data).into_response()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}
