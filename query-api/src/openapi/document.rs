//! What the document says of the API as a whole, and what it draws of headers by rule.

use annals_service::openapi::problem_schemas;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{InfoBuilder, Object, OpenApi, OpenApiBuilder, RefOr, Server};

use super::links;

const DESCRIPTION: &str = "The audit log of workspaces. \
    Times are RFC 3339 in UTC with microseconds. \
    An unknown parameter or a bad value is answered with 400 naming it. Errors are problem \
    details (RFC 9457). A workspace that was not granted answers as one that does not exist.";

/// Of a page that a client may have already.
const OF_PAGES: [(&str, &str); 3] = [
    ("ETag", "over rows, filters and links"),
    ("Link", "`next` and `prev` (RFC 8288)"),
    ("Annals-Complete-Through", "everything acknowledged before is in the answer"),
];
/// Of requests that were counted, where rates are limited.
const OF_RATES: [(&str, &str); 2] =
    [("RateLimit", "what is left of the nearest limit"), ("RateLimit-Policy", "that limit")];

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
        .description(Some(
            "A token, or an API key `id.secret`; each route names the scope it needs.",
        ))
        .build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    components.schemas.extend(problem_schemas());
    if !base_path.is_empty() {
        document.servers = Some(vec![Server::new(base_path)]);
    }
    // The router's mark of a parameter with slashes in it is none of OpenAPI's.
    let paths = std::mem::take(&mut document.paths.paths).into_iter();
    document.paths.paths = paths.map(|(path, item)| (path.replace("{*", "{"), item)).collect();
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.delete];
        operations.into_iter().flatten().for_each(draw_headers);
    }
    links::draw(&mut document);
    document
}

/// A page answers 304 to who has it; a refused client is told when to come back; whoever needs a
/// token is counted.
fn draw_headers(operation: &mut Operation) {
    let is_page = operation.responses.responses.contains_key("304");
    if is_page {
        let known = ParameterBuilder::new()
            .name("If-None-Match")
            .parameter_in(ParameterIn::Header)
            .description(Some("tags of pages that the client has"))
            .schema(Some(Object::with_type(Type::String)));
        operation.parameters.get_or_insert_default().push(known.build().into());
    }
    let needs_token =
        operation.security.iter().flatten().any(|needed| *needed != Default::default());
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        let mut draw = |(name, description): (&str, &str)| {
            let header = HeaderBuilder::new()
                .schema(Some(Object::with_type(Type::String)))
                .description(Some(description));
            response.headers.insert(name.to_owned(), header.build().into());
        };
        if is_page && matches!(status.as_str(), "200" | "304") {
            OF_PAGES.into_iter().for_each(&mut draw);
        }
        if matches!(status.as_str(), "429" | "503") {
            draw(("Retry-After", "seconds"));
        }
        if needs_token && (status.starts_with('2') || status == "429") {
            OF_RATES.into_iter().for_each(&mut draw);
        }
    }
}
