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
