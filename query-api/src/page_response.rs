//! The headers of a page: links to its neighbours, how complete it is, and a tag by which a client
//! learns that nothing has changed.
//!
//! The tag is over rows, filters and links, not over the snapshot: an unchanged page of a log that
//! goes on is the same page. What an event says never changes, so of a row its identity and what
//! is true of it now are looked at.

use annals_schemas::hex;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
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

    /// With a tag over the filter, the rows and whether there are pages on either side. `rows` is
    /// what a page of another state would have other.
    pub(crate) fn tagged(
        mut self,
        binding: &[u8],
        rows: &[u8],
        others: impl Serialize,
        page: &PageLinks,
    ) -> Self {
        let mut hasher = Sha256::new();
        // Another version may write the same rows in another way.
        hasher.update(env!("CARGO_PKG_VERSION"));
        hasher.update(binding);
        let sides = (page.next.is_some(), page.prev.is_some(), page.limit);
        hasher.update(rows);
        hasher.update(serde_json::to_vec(&(others, sides)).expect("plain data"));
        let digest: [u8; 32] = hasher.finalize().into();
        // Weak: the same page may say another snapshot, and be compressed or not (RFC 9110 8.8.3).
        self.tag = Some(format!("W/\"{}\"", hex(&digest[..12])));
        self
    }

    /// The page, or 304 to a client that has it.
    pub(crate) fn respond(mut self, request: &HeaderMap, body: Vec<u8>) -> Response {
        let Some(tag) = self.tag else { return page(self.headers, body) };
        let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
        let known = request.get_all(IF_NONE_MATCH).iter().any(|value| {
            let mut tags = value.to_str().unwrap_or_default().split(',').map(str::trim);
            tags.any(|other| other == "*" || opaque(other) == opaque(&tag))
        });
        self.headers.extend(HeaderValue::try_from(tag).ok().map(|tag| (ETAG, tag)));
        match known {
            true => (StatusCode::NOT_MODIFIED, self.headers).into_response(),
            false => page(self.headers, body),
        }
    }
}

fn page(mut headers: HeaderMap, body: Vec<u8>) -> Response {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    (headers, body).into_response()
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
