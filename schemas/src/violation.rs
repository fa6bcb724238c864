//! What is wrong with an event given to us: every fault of it, each with its place.

use serde::Serialize;
use uuid::Uuid;

use crate::Reason;
use crate::pointer::Path;

/// Most faults listed of one event; further ones are counted in a last entry.
pub const MAX_FIELD_ERRORS: usize = 100;

/// One fault: where, as a JSON pointer (RFC 6901; empty for the input as a whole), and what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Where in the input.
    pub pointer: String,
    /// What is wrong, lowercase, for a person.
    pub detail: String,
}

/// An input that is not an acceptable event, with all of its faults.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SchemaViolation {
    /// `malformed` (not JSON, not UTF-8), `schema-violation`, or `over-limit` if every fault is one
    /// of size. An input over the size limit has one error, its pointer empty.
    pub reason: Reason,
    /// All faults, up to [`MAX_FIELD_ERRORS`]. Never empty.
    pub errors: Vec<FieldError>,
    /// The event's id, where it could be read.
    pub event_id: Option<Uuid>,
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.pointer.is_empty() {
            f.write_str(&self.detail)
        } else {
            write!(f, "{}: {}", self.pointer, self.detail)
        }
    }
}

impl std::fmt::Display for SchemaViolation {
    /// The first three faults and how many more there are.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const SHOWN: usize = 3;
        for (i, error) in self.errors.iter().take(SHOWN).enumerate() {
            write!(f, "{}{error}", if i == 0 { "" } else { "; " })?;
        }
        match self.errors.len() {
            0..=SHOWN => Ok(()),
            count => write!(f, "; and {} more", count - SHOWN),
        }
    }
}

impl SchemaViolation {
    /// A violation of the input as a whole.
    pub(crate) fn whole(reason: Reason, detail: impl Into<String>) -> Self {
        let error = FieldError { pointer: String::new(), detail: detail.into() };
        Self { reason, errors: vec![error], event_id: None }
    }
}

/// A fault before it has a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Whether it is one of size only.
    pub over_limit: bool,
    /// What is wrong.
    pub detail: String,
}

impl Fault {
    pub fn wrong(detail: impl Into<String>) -> Self {
        Self { over_limit: false, detail: detail.into() }
    }

    pub fn over(detail: impl Into<String>) -> Self {
        Self { over_limit: true, detail: detail.into() }
    }
}

/// Collects the faults of one event while it is read.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    errors: Vec<FieldError>,
    unlisted: usize,
    any_of_shape: bool,
    /// The event's id, once read.
    pub event_id: Option<Uuid>,
}

impl Faults {
    /// Notes a fault at a place.
    pub fn add(&mut self, path: &Path<'_>, fault: Fault) {
        self.any_of_shape |= !fault.over_limit;
        if self.errors.len() < MAX_FIELD_ERRORS {
            self.errors.push(FieldError { pointer: path.pointer(), detail: fault.detail });
        } else {
            self.unlisted += 1;
        }
    }

    /// Notes a fault of shape at a place.
    pub fn wrong(&mut self, path: &Path<'_>, detail: impl Into<String>) {
        self.add(path, Fault::wrong(detail));
    }

    /// The event, or the violation made of all faults.
    pub fn result<E>(self, event: Option<E>) -> Result<E, SchemaViolation> {
        let Some(event) = event.filter(|_| self.errors.is_empty()) else {
            return Err(self.violation());
        };
        Ok(event)
    }

    fn violation(mut self) -> SchemaViolation {
        if self.unlisted > 0 {
            let detail = format!("{} further errors are not listed", self.unlisted);
            self.errors.push(FieldError { pointer: String::new(), detail });
        }
        let reason = if self.any_of_shape { Reason::SchemaViolation } else { Reason::OverLimit };
        SchemaViolation { reason, errors: self.errors, event_id: self.event_id }
    }
}
