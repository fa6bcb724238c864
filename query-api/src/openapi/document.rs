//! What the document says of the API as a whole.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder, SecurityRequirement, Server};

const DESCRIPTION: &str = "The audit log of workspaces. \
    Times are RFC 3339 in UTC with microseconds. \
    An unknown parameter or a bad value is answered with 400 naming it. Errors are problem \
    details (RFC 9457). A workspace that was not granted answers as one that does not exist.";

/// The document of these paths.
pub(crate) fn document(paths: OpenApi, base_path: &str) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Annals")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION));
    let mut document = OpenApiBuilder::new().info(info.build()).build();
    document.merge(paths);
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token, or an API key `id.secret`."))
        .build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    document.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    if !base_path.is_empty() {
        document.servers = Some(vec![Server::new(base_path)]);
    }
    document
}
