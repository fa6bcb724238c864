//! One handler a file.

pub(crate) mod accounting;
pub(crate) mod actions;
pub(crate) mod admin_accounting;
pub(crate) mod admin_quarantine;
pub(crate) mod event;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod method_not_allowed;
pub(crate) mod quarantine;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

/// The languages a reader asks for, as the header gives them.
fn languages(headers: &HeaderMap) -> Option<&str> {
    headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok())
}
