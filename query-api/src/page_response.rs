//! The headers of a page: links to its neighbours, how complete it is, and a tag by which a client
//! learns that nothing has changed.
//!
//! The tag is over rows, filters and links, not over the snapshot: an unchanged page of a log that
//! goes on is the same page. Rows are written once, for the tag and for the body.

use annals_schemas::hex;
use axum::Json;
use axum::http::header::{ETAG, IF_NONE_MATCH, LINK};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use sha2::{Digest, Sha256};

use crate::shapes::{PageLinks, SnapshotShape};

pub(crate) const COMPLETE_THROUGH: HeaderName = HeaderName::from_static("annals-complete-through");

/// What the headers of a page are made of.
pub(crate) struct PageHeaders {
    headers: HeaderMap,
    tag: Option<String>,
}

impl PageHeaders {
    /// `canonical` is the query string without a cursor.
    pub(crate) fn new(canonical: &str, page: &PageLinks, snapshot: &SnapshotShape) -> Self {
        let mut headers = HeaderMap::new();
        for (cursor, relation) in [(&page.next, "next"), (&page.prev, "prev")] {
            if let Some(cursor) = cursor {
                headers.append(LINK, link_to(canonical, ("cursor", cursor), relation));
            }
        }
        let complete = snapshot.complete_through().and_then(|at| at.parse().ok());
        headers.extend(complete.map(|at: HeaderValue| (COMPLETE_THROUGH, at)));
        Self { headers, tag: None }
    }

    /// With a tag over the filter, the rows and whether there are pages on either side.
    pub(crate) fn tagged(
        mut self,
        binding: &[u8],
        rows: &RawValue,
        others: impl Serialize,
        page: &PageLinks,
    ) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(binding);
        hasher.update(rows.get());
        let sides = (page.next.is_some(), page.prev.is_some(), page.limit);
        hasher.update(written(&(others, sides)).get());
        let digest: [u8; 32] = hasher.finalize().into();
        self.tag = Some(format!("\"{}\"", hex(&digest[..12])));
        self
    }

    /// The page, or 304 to a client that has it.
    pub(crate) fn respond(mut self, request: &HeaderMap, answer: impl Serialize) -> Response {
        let Some(tag) = self.tag else { return (self.headers, Json(answer)).into_response() };
        let known = request.get_all(IF_NONE_MATCH).iter().any(|value| {
            let mut tags = value.to_str().unwrap_or_default().split(',').map(str::trim);
            tags.any(|other| other == "*" || other.trim_start_matches("W/") == tag)
        });
        self.headers.extend(HeaderValue::try_from(tag).ok().map(|tag| (ETAG, tag)));
        match known {
            true => (StatusCode::NOT_MODIFIED, self.headers).into_response(),
            false => (self.headers, Json(answer)).into_response(),
        }
    }
}

/// A part of an answer as the JSON that it will be.
pub(crate) fn written(part: &impl Serialize) -> Box<RawValue> {
    to_raw_value(part).expect("an answer is plain data")
}

/// RFC 8288, relative to the request.
pub(crate) fn link_to(
    canonical: &str,
    (parameter, place): (&str, &str),
    relation: &str,
) -> HeaderValue {
    let and = if canonical.is_empty() { "" } else { "&" };
    let text = format!("<?{canonical}{and}{parameter}={place}>; rel=\"{relation}\"");
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}
