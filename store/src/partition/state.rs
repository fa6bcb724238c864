//! What readers and the writer share under one lock.

use std::sync::Arc;

use annals_schemas::Offset;

use super::history::History;
use super::tail::{Frozen, Tail};
use crate::StoreError;
use crate::fold::{Decoded, FoldedRow, Projection};
use crate::segment::SegmentReader;

/// Projection, tails and segments of one partition.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) projection: Projection,
    /// Oldest range first.
    pub(crate) segments: Vec<Arc<SegmentReader>>,
    /// Being sealed.
    pub(crate) frozen: Option<Arc<Frozen>>,
    pub(crate) tail: Tail,
    /// Grows whenever the state is read anew from the manifest.
    pub(crate) epoch: u64,
    /// Whether a first offset is known: set by recovery or by the first record.
    pub(crate) started: bool,
}

impl State {
    pub(crate) fn next_offset(&self) -> Option<Offset> {
        self.started.then(|| self.tail.range().end)
    }

    pub(crate) fn fold(&mut self, decoded: Decoded) -> Result<Arc<FoldedRow>, StoreError> {
        if !self.started {
            self.tail = Tail::starting_at(decoded.record.position.offset);
            self.started = true;
        }
        if let Some(owner) = &decoded.owner {
            let code = self.projection.intern(owner);
            self.tail.touch(code, self.projection.workspace(code).catalog.lengths());
        }
        let Self { projection, segments, frozen, tail, .. } = self;
        let owner = decoded.owner.clone();
        let history = History {
            workspace: owner.as_ref(),
            segments,
            frozen: frozen.as_deref(),
            tail,
            partition: decoded.record.position.partition,
            log_id: projection.log_id(),
        };
        let row = Arc::new(projection.fold(decoded, &history)?);
        self.tail.push(row.clone());
        Ok(row)
    }
}
