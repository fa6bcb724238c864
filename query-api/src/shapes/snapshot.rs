//! What an answer was read from, and how complete it is.

use std::collections::BTreeMap;

use annals_store::WorkspaceReader;
use serde::Serialize;
use utoipa::ToSchema;

/// What an answer was read from.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = Snapshot)]
pub(crate) struct SnapshotShape {
    complete_through: CompleteThroughShape,
    seq: u64,
    /// Start of retention; null while nothing has expired.
    retained_from: Option<String>,
}

/// How complete an answer is.
#[derive(Clone, Serialize, ToSchema)]
struct CompleteThroughShape {
    /// Null until this node has first reached the log's end.
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    positions: Option<BTreeMap<String, u64>>,
}

impl SnapshotShape {
    /// Must be asked for before the rows are read: it may claim less than is there, never more.
    pub(crate) fn before_reading(workspace: &WorkspaceReader, with_positions: bool) -> Self {
        let reached = workspace.complete_through();
        let position = reached.map(|reached| (workspace.partition().to_string(), reached.next));
        Self {
            complete_through: CompleteThroughShape {
                time: reached.map(|reached| reached.at.to_string()),
                positions: with_positions.then(|| position.into_iter().collect()),
            },
            seq: 0,
            retained_from: None,
        }
    }

    pub(crate) fn at(mut self, seq: u64) -> Self {
        self.seq = seq;
        self
    }

    /// For the header of an answer without body.
    pub(crate) fn complete_through(&self) -> Option<&str> {
        self.complete_through.time.as_deref()
    }
}
