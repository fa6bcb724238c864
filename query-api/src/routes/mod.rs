//! One handler a file.

pub(crate) mod accounting;
pub(crate) mod actions;
pub(crate) mod actors;
pub(crate) mod admin_accounting;
pub(crate) mod admin_quarantine;
pub(crate) mod api_keys;
pub(crate) mod event;
pub(crate) mod event_proof;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod export_download;
pub(crate) mod export_manifest;
pub(crate) mod exports;
pub(crate) mod facets;
pub(crate) mod feed;
pub(crate) mod health;
pub(crate) mod histogram;
mod json_body;
pub(crate) mod log_checkpoint;
pub(crate) mod log_key;
pub(crate) mod log_tile;
pub(crate) mod method_not_allowed;
pub(crate) mod openapi;
pub(crate) mod quarantine;
pub(crate) mod resource;
pub(crate) mod resource_events;
pub(crate) mod resource_names;
pub(crate) mod resource_state;
pub(crate) mod resources;
pub(crate) mod undo;
pub(crate) mod viewer_tokens;

use std::borrow::Cow;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

/// What a segment of a path is written with; everything else is percent-encoded.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Suggestions of a type-ahead at most.
const MAX_SUGGESTIONS: usize = 20;

/// The languages a reader asks for, as the header gives them.
fn languages(headers: &HeaderMap) -> Option<&str> {
    headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok())
}

/// An id as a segment of a path.
pub(crate) fn encoded(id: &str) -> Cow<'_, str> {
    utf8_percent_encode(id, SEGMENT).into()
}

/// A thing has one address: other spellings of its id (bare, braced, URN) are none.
fn hyphenated(text: &str) -> Option<Uuid> {
    text.parse().ok().filter(|_| text.len() == Hyphenated::LENGTH)
}
