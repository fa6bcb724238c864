//! One handler a file.

pub(crate) mod accounting;
pub(crate) mod actions;
pub(crate) mod actors;
pub(crate) mod admin_accounting;
pub(crate) mod admin_quarantine;
pub(crate) mod api_keys;
pub(crate) mod event;
pub(crate) mod events;
pub(crate) mod facets;
pub(crate) mod health;
pub(crate) mod histogram;
mod json_body;
pub(crate) mod method_not_allowed;
pub(crate) mod quarantine;
pub(crate) mod resource;
pub(crate) mod resource_events;
pub(crate) mod resource_names;
pub(crate) mod resources;
pub(crate) mod viewer_tokens;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

/// Suggestions of a type-ahead at most.
const MAX_SUGGESTIONS: usize = 20;

/// The languages a reader asks for, as the header gives them.
fn languages(headers: &HeaderMap) -> Option<&str> {
    headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok())
}
