//! What the fold makes of one record.

use annals_schemas::{Kind, Offset, Outcome, Record, Refusal};

use crate::catalog::OrderKey;

/// A visible event's fields in its workspace's codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventCodes {
    pub(crate) actor: u32,
    /// Actor code + 1; 0 for none.
    pub(crate) on_behalf_of: u32,
    pub(crate) action: u32,
    pub(crate) kind: Kind,
    pub(crate) outcome: Outcome,
    /// Name codes of the resources, primary first.
    pub(crate) names: Vec<u32>,
}

/// A row that people see.
#[derive(Debug, Clone)]
pub(crate) struct VisibleRow {
    pub(crate) key: OrderKey,
    pub(crate) event_id: [u8; 16],
    pub(crate) content_hash: [u8; 32],
    pub(crate) codes: EventCodes,
}

/// What became of a record.
#[derive(Debug, Clone)]
pub(crate) enum Status {
    Visible(Box<VisibleRow>),
    Duplicate,
    Quarantined(Refusal),
}

/// A record with its place in the tree and its verdict.
#[derive(Debug, Clone)]
pub(crate) struct FoldedRow {
    pub(crate) record: Record,
    /// Code of the workspace it belongs to; none if the key is no valid workspace key, or the
    /// event belongs to another workspace.
    pub(crate) workspace: Option<u32>,
    pub(crate) previous: Option<Offset>,
    pub(crate) previous_of_key: Option<Offset>,
    pub(crate) status: Status,
}

impl FoldedRow {
    pub(crate) fn visible(&self) -> Option<&VisibleRow> {
        match &self.status {
            Status::Visible(row) => Some(row),
            _ => None,
        }
    }
}
