//! Which pages of other origins may call (CORS).

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::security::{InvalidOrigin, is_origin};

/// How long a browser remembers what it may do.
const MAX_AGE: Duration = Duration::from_secs(600);

/// Origins whose pages may call; none by default. Tokens are sent as headers and never as cookies,
/// so credentials are not allowed.
#[derive(Debug, Clone, Default)]
pub struct AllowedOrigins(Vec<HeaderValue>);

impl AllowedOrigins {
    /// Origins such as `https://app.example.com`, or `*` alone for every one.
    pub fn parse(origins: &[String]) -> Result<Self, InvalidOrigin> {
        let is_any = origins == ["*"];
        let parse = |origin: &String| {
            let is_fine = is_any || origin != "'self'" && is_origin(origin);
            let value = HeaderValue::try_from(origin.as_str()).ok().filter(|_| is_fine);
            value.ok_or_else(|| InvalidOrigin(origin.clone()))
        };
        origins.iter().map(parse).collect::<Result<_, _>>().map(Self)
    }

    /// The layer that answers for them; without origins it changes nothing that matters.
    pub fn layer(&self) -> CorsLayer {
        let origin = match &self.0[..] {
            [any] if any == "*" => AllowOrigin::any(),
            listed => AllowOrigin::list(listed.to_vec()),
        };
        if self.0.is_empty() {
            return CorsLayer::new();
        }
        let custom = HeaderName::from_static;
        CorsLayer::new()
            .allow_origin(origin)
            .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::DELETE])
            .allow_headers([
                header::AUTHORIZATION,
                header::CONTENT_TYPE,
                header::IF_NONE_MATCH,
                custom("last-event-id"),
                custom("traceparent"),
                custom("tracestate"),
                custom("x-request-id"),
            ])
            .expose_headers([
                header::ETAG,
                header::LINK,
                header::LOCATION,
                header::RETRY_AFTER,
                custom("annals-complete-through"),
                custom("annals-export-id"),
                custom("ratelimit"),
                custom("ratelimit-policy"),
                custom("x-request-id"),
            ])
            .max_age(MAX_AGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_origins_are_allowed() {
        let parse = |text: &str| AllowedOrigins::parse(&[text.to_owned()]);
        for fine in ["https://app.example.com", "http://127.0.0.1:3000", "*"] {
            assert!(parse(fine).is_ok(), "{fine}");
        }
        for wrong in ["'self'", "app.example.com", "https://a/b", "https://a\r\nx: y", "null"] {
            assert_eq!(parse(wrong).unwrap_err(), InvalidOrigin(wrong.to_owned()));
        }
        let both = ["*".to_owned(), "https://a".to_owned()];
        assert!(AllowedOrigins::parse(&both).is_err());
    }
}
