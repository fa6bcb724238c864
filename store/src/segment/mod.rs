//! The immutable file that holds one offset range of one partition (docs/STORAGE.md,
//! docs/SEGMENT_FORMAT.md).
//!
//! Guarantees: written once, every section and block carries its own checksum, every byte is
//! verified before its first use (INV-7), opening reads the footer and the directory only.

mod block_table;
mod blocks;
mod columns;
mod compact_row;
mod dictionary;
mod footer;
mod further_rows;
mod gathered_rows;
mod group;
mod kept_counts;
mod layer;
mod merge;
mod merged_forms;
mod merged_rows;
mod output;
mod reader;
mod records;
mod row_facts;
mod segment_rows;
mod stored_row;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

pub(crate) use blocks::BlockCache;
pub(crate) use compact_row::write_compact;
pub(crate) use dictionary::SAMPLE_ROWS;
pub(crate) use footer::SegmentIdentity;
pub(crate) use gathered_rows::{GatheredCodes, GatheredRows, Gatherer, RowPlace};
pub(crate) use group::GroupEnd;
pub(crate) use kept_counts::KeptCounts;
pub(crate) use layer::GroupLayer;
pub(crate) use merge::merge_segments;
pub(crate) use reader::SegmentReader;
pub(crate) use records::{GroupRecords, RowRecord, visible_event};
pub(crate) use row_facts::RowFacts;
pub(crate) use segment_rows::SegmentRows;
pub(crate) use stored_row::{Refused, StoredRow, StoredStatus};
pub(crate) use verify::VerifiedRow;
pub(crate) use writer::{SegmentWriter, WrittenSegment};

/// The format this program writes and the only one it reads: 0 was a preview. Its bytes never
/// change; a golden store of it is kept in `tests/golden`.
pub(crate) const FORMAT: u32 = 1;
/// First and last eight bytes of every segment.
const MAGIC: &[u8; 8] = b"ANNALSEG";

/// 48-bit hash of (workspace, event id) for the id table.
pub(crate) fn id_hash(workspace: &str, event_id: &[u8; 16]) -> u64 {
    crate::packed::key_hash(&[workspace.as_bytes(), event_id])
}
