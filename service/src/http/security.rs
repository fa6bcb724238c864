//! Headers that keep a browser from doing what the page does not need.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// `lit-html` is the page's only Trusted Types policy: it makes templates from constants.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
     require-trusted-types-for 'script'; trusted-types lit-html";

/// The origins that may show the page in a frame; none by default.
#[derive(Debug, Clone, Default)]
pub struct FrameAncestors(Vec<String>);

/// An origin that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no origin such as https://app.example.com")]
pub struct InvalidOrigin(pub String);

impl FrameAncestors {
    /// Origins such as `https://app.example.com`, or `'self'`.
    pub fn parse(origins: &[String]) -> Result<Self, InvalidOrigin> {
        match origins.iter().find(|origin| !is_origin(origin)) {
            Some(wrong) => Err(InvalidOrigin(wrong.clone())),
            None => Ok(Self(origins.to_vec())),
        }
    }

    fn directive(&self) -> String {
        let list = if self.0.is_empty() { "'none'".to_owned() } else { self.0.join(" ") };
        format!("frame-ancestors {list}")
    }
}

/// Scheme, host and port, without anything that could end the directive.
pub(super) fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    text == "'self'" || rest.is_some_and(|host| !host.is_empty() && host.bytes().all(plain))
}

/// The headers, computed once.
#[derive(Debug, Clone)]
pub struct SecurityHeaders {
    policy: HeaderValue,
}

impl SecurityHeaders {
    /// Headers for pages that these origins may frame.
    pub fn new(frame_ancestors: &FrameAncestors) -> Self {
        let policy = format!("{POLICY}; {}", frame_ancestors.directive());
        let policy = HeaderValue::try_from(policy).expect("origins are plain ASCII");
        Self { policy }
    }

    /// Puts the headers on a response; its own `Content-Security-Policy` stays if it has one.
    pub fn apply(&self, response: &mut Response) {
        let headers = response.headers_mut();
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert_with(|| self.policy.clone());
        let constant: [(HeaderName, &'static str); 3] = [
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        ];
        for (name, value) in constant {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }

    /// Middleware, used as `from_fn_with_state(headers, SecurityHeaders::middleware)`.
    pub async fn middleware(
        axum::extract::State(this): axum::extract::State<Self>,
        request: Request,
        next: Next,
    ) -> Response {
        let mut response = next.run(request).await;
        this.apply(&mut response);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse;

    fn policy_for(origins: &[&str]) -> String {
        let origins: Vec<String> = origins.iter().map(|origin| (*origin).to_owned()).collect();
        let headers = SecurityHeaders::new(&FrameAncestors::parse(&origins).unwrap());
        let mut response = "x".into_response();
        headers.apply(&mut response);
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert_eq!(response.headers()["referrer-policy"], "no-referrer");
        response.headers()["content-security-policy"].to_str().unwrap().to_owned()
    }

    #[test]
    fn nobody_frames_by_default_and_no_inline_script_runs() {
        let policy = policy_for(&[]);
        assert!(policy.ends_with("; frame-ancestors 'none'"), "{policy}");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }

    #[test]
    fn listed_origins_may_frame() {
        let policy = policy_for(&["https://app.example.com", "http://127.0.0.1:3000"]);
        let end = "frame-ancestors https://app.example.com http://127.0.0.1:3000";
        assert!(policy.ends_with(end), "{policy}");
    }

    #[test]
    fn an_origin_cannot_smuggle_a_directive() {
        for wrong in ["*", "https://a; script-src *", "https://", "javascript:x", "https://a b"] {
            let refused = FrameAncestors::parse(&[wrong.to_owned()]).unwrap_err();
            assert_eq!(refused, InvalidOrigin(wrong.to_owned()));
        }
    }
}
