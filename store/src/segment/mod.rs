//! The immutable file that holds one offset range of one partition.
//!
//! Guarantees: written once, every section and block carries its own checksum, every byte read is
//! verified (INV-7), opening reads only footer, directory, catalog and filter. The bytes are drawn
//! in `docs/SEGMENT_FORMAT.md`; the format is 0, without promise, until it is frozen as 1.

mod blocks;
mod columns;
mod footer;
mod ids;
mod reader;
mod stored_row;
mod writer;

pub(crate) use columns::{Columns, RowCodes};
pub(crate) use reader::{BlockCache, ColumnCache, SegmentReader};
pub(crate) use stored_row::StoredRow;
pub(crate) use writer::{SegmentBuild, SegmentGroup, build_segment};

/// The format this program writes and the newest it reads.
pub(crate) const FORMAT: u32 = 0;
