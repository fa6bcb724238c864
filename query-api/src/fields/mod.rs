//! What changes say of a resource's fields: their values at a moment, and how a change is undone.
//!
//! Changes concern the first resource of their event. Deliberately not here: what the product's
//! fields really are now; only what was recorded is known.

mod history;
mod state;
mod undo;

pub(crate) use history::{History, Part};
pub(crate) use state::FieldStates;
pub(crate) use undo::{Conflict, Operation, conflicts, patch, uncertain};
