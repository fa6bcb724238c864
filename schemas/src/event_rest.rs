//! The part of an event that says how and where it was done, borrowed from wherever it stands.
//!
//! Texts are bytes, as in [`EventHead`](crate::EventHead).

use smallvec::SmallVec;

/// Names of the context's members, in the order of the event JSON.
pub const CONTEXT_MEMBERS: [&str; 6] =
    ["ip", "user_agent", "request_id", "trace_id", "service", "origin"];

/// The fields of an event after its resources, without the producer's stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRest<'a> {
    /// Every member of the context, as [`CONTEXT_MEMBERS`] names them.
    pub context: [Option<&'a [u8]>; CONTEXT_MEMBERS.len()],
    /// What changed.
    pub changes: SmallVec<[RestChange<'a>; 1]>,
    /// The description.
    pub description: Option<&'a [u8]>,
    /// The metadata as it was given, JSON. An empty object counts as none.
    pub metadata: Option<&'a [u8]>,
}

/// One changed field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestChange<'a> {
    /// Which one.
    pub path: &'a [u8],
    /// Its value before, JSON.
    pub before: Option<&'a [u8]>,
    /// Its value after, JSON.
    pub after: Option<&'a [u8]>,
}
