//! The caller's trace (W3C Trace Context): its id goes into the log lines of the request, and back
//! in `traceresponse`. Nothing is sent to a tracing system.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

const PARENT: HeaderName = HeaderName::from_static("traceparent");
/// W3C Trace Context, level 2.
pub(super) const RESPONSE: HeaderName = HeaderName::from_static("traceresponse");
const TRACE_DIGITS: usize = 32;
const SPAN_DIGITS: usize = 16;

/// A trace that a request belongs to, with a span of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TraceContext {
    pub(super) trace_id: String,
    span_id: String,
    flags: String,
}

impl TraceContext {
    /// The trace in a request's headers, if it is well formed.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(PARENT)?.to_str().ok()?;
        let mut parts = text.split('-');
        let (version, trace_id, parent) = (parts.next()?, parts.next()?, parts.next()?);
        let flags = parts.next()?;
        let is_fine = is_hex(version, 2)
            && version != "ff"
            && (version != "00" || parts.next().is_none())
            && is_hex(trace_id, TRACE_DIGITS)
            && is_hex(parent, SPAN_DIGITS)
            && is_hex(flags, 2)
            && [trace_id, parent].iter().all(|id| id.bytes().any(|digit| digit != b'0'));
        let random = Uuid::new_v4().simple().to_string();
        is_fine.then(|| Self {
            trace_id: trace_id.to_owned(),
            span_id: random[..SPAN_DIGITS].to_owned(),
            flags: flags.to_owned(),
        })
    }

    /// What is answered.
    pub(super) fn response(&self) -> Option<HeaderValue> {
        let Self { trace_id, span_id, flags } = self;
        HeaderValue::try_from(format!("00-{trace_id}-{span_id}-{flags}")).ok()
    }
}

fn is_hex(text: &str, digits: usize) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == digits && text.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<TraceContext> {
        TraceContext::of(&HeaderMap::from_iter([(PARENT, HeaderValue::from_str(text).unwrap())]))
    }

    #[test]
    fn only_well_formed_traces_are_taken_up() {
        let (trace, span) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        let fine = of(&format!("00-{trace}-{span}-01")).unwrap();
        assert_eq!(fine.trace_id, trace);
        let answer = fine.response().unwrap();
        assert!(answer.to_str().unwrap().starts_with(&format!("00-{trace}-")));
        assert!(of(&format!("cc-{trace}-{span}-01-later")).is_some(), "a later version");
        let wrong = [
            format!("00-{trace}-{span}"),
            format!("00-{trace}-{span}-01-more"),
            format!("ff-{trace}-{span}-01"),
            format!("00-{}-{span}-01", "0".repeat(32)),
            format!("00-{trace}-{}-01", "0".repeat(16)),
            format!("00-{}-{span}-01", trace.to_uppercase()),
            format!("00-{}-{span}-01", &trace[1..]),
            String::new(),
        ];
        for text in wrong {
            assert_eq!(of(&text), None, "{text}");
        }
    }
}
