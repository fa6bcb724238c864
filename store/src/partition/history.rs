//! Whether an event was visible before: the whole history, tails first, then every segment whose
//! filter does not rule it out.

use std::sync::Arc;

use annals_schemas::{LogId, Partition, WorkspaceId, content_hash, decode};

use super::tail::{Frozen, Tail};
use crate::StoreError;
use crate::fold::KnownEvent;
use crate::segment::{BlockCache, SegmentReader};

/// Everything folded so far.
pub(super) struct History<'a> {
    pub(super) workspace: Option<&'a WorkspaceId>,
    pub(super) segments: &'a [Arc<SegmentReader>],
    pub(super) frozen: Option<&'a Frozen>,
    pub(super) tail: &'a Tail,
    pub(super) partition: Partition,
    pub(super) log_id: LogId,
}

impl KnownEvent for History<'_> {
    fn known(&self, workspace: u32, event_id: &[u8; 16]) -> Result<Option<[u8; 32]>, StoreError> {
        let tails = [Some(self.tail), self.frozen.map(|frozen| &frozen.tail)];
        for tail in tails.into_iter().flatten() {
            let row = tail.event(workspace, event_id).and_then(|row| row.visible());
            if let Some(visible) = row {
                return Ok(Some(visible.content_hash));
            }
        }
        let Some(id) = self.workspace else { return Ok(None) };
        // Newest first: what is sent twice is mostly sent twice soon.
        for segment in self.segments.iter().rev() {
            if let Some((index, row)) = segment.find(id.as_str(), event_id)? {
                return self.hash_of(segment, index, row).map(Some);
            }
        }
        Ok(None)
    }
}

impl History<'_> {
    /// Content is not stored beside the row: it is decoded again from the record kept verbatim.
    fn hash_of(
        &self,
        segment: &SegmentReader,
        index: u32,
        row: u32,
    ) -> Result<[u8; 32], StoreError> {
        let columns = segment.columns(index)?;
        let record =
            segment.row(&columns, row, &mut BlockCache::default())?.into_record(self.partition);
        let offset = record.position.offset;
        let event = decode(&record, &self.log_id).map_err(|refusal| {
            let detail = format!("visible row at offset {offset} no longer decodes: {refusal}");
            StoreError::corrupt("segment", offset, detail)
        })?;
        Ok(content_hash(&event))
    }
}
