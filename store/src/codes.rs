//! A visible event in its workspace's codes: what columns and lists are made of.

use annals_schemas::{Kind, Outcome};
use smallvec::SmallVec;

/// One resource of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResourceCodes {
    pub(crate) resource_type: u32,
    pub(crate) resource: u32,
    pub(crate) name: u32,
}

/// A visible event's fields in its workspace's codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventCodes {
    pub(crate) actor: u32,
    pub(crate) on_behalf_of: Option<u32>,
    pub(crate) action: u32,
    pub(crate) kind: Kind,
    pub(crate) outcome: Outcome,
    /// In the event's order, the primary one first.
    pub(crate) resources: SmallVec<[ResourceCodes; 1]>,
}
