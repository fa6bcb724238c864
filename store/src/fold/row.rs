//! What the fold makes of one record.

use annals_schemas::{Offset, Record, Refusal};

use crate::catalog::OrderKey;
use crate::codes::EventCodes;

/// A row that people see.
#[derive(Debug, Clone)]
pub(crate) struct VisibleRow {
    pub(crate) key: OrderKey,
    pub(crate) event_id: [u8; 16],
    /// `segment::id_hash` of workspace and event id.
    pub(crate) id_hash: u64,
    pub(crate) codes: EventCodes,
}

/// What became of a record.
#[derive(Debug, Clone)]
pub(crate) enum Status {
    Visible(VisibleRow),
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
