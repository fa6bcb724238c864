//! Rows in small zstd blocks with a trained dictionary.
//!
//! A block is its rows, each after its length (u32), as one zstd frame without dictionary id. The
//! frame says how long the rows are. Deliberately not here: where blocks lie.

use std::cell::RefCell;
use std::io::Write;
use std::ops::Range;

use zstd::zstd_safe::{CCtx, CParameter, DCtx, DDict, compress_bound, get_frame_content_size};

use super::block_table::BlockTableWriter;
use super::output::Output;
use crate::StoreError;

/// A block is closed at this many rows: the rows of a page lie apart, so that nearly each of them
/// is unpacked with all others of its block.
const ROWS_PER_BLOCK: u32 = 4;
/// A block is closed before it has all its rows once it holds this many bytes.
const BLOCK_BYTES: usize = 16 * 1024;
const LENGTH_BYTES: usize = 4;
/// No row is larger than a record's limits by more than its fixed fields; a block ends with the
/// row that makes it large.
const MAX_RAW_BYTES: u64 = 64 * 1024 * 1024;

/// Compresses rows into blocks.
pub(super) struct BlockWriter {
    context: CCtx<'static>,
    raw: Vec<u8>,
    packed: Vec<u8>,
    rows: u32,
    table: BlockTableWriter,
}

impl BlockWriter {
    pub(super) fn new(dictionary: &[u8], level: i32) -> Self {
        let mut context = CCtx::create();
        let prepared = context
            .set_parameter(CParameter::CompressionLevel(level))
            .and_then(|_| context.set_parameter(CParameter::DictIdFlag(false)))
            .and_then(|_| context.load_dictionary(dictionary));
        prepared.expect("zstd takes any level and any dictionary while nothing is compressed");
        let (raw, packed) = (Vec::new(), Vec::new());
        Self { context, raw, packed, rows: 0, table: BlockTableWriter::default() }
    }

    pub(super) fn push<W: Write>(
        &mut self,
        row: &[u8],
        out: &mut Output<W>,
    ) -> Result<(), StoreError> {
        let length = u32::try_from(row.len()).expect("a record is bounded by the fold's limits");
        self.raw.extend_from_slice(&length.to_le_bytes());
        self.raw.extend_from_slice(row);
        self.rows += 1;
        if self.rows == ROWS_PER_BLOCK || self.raw.len() >= BLOCK_BYTES {
            self.close(out)?;
        }
        Ok(())
    }

    /// Ends a group: the length of its blocks, and their table. The next push is row 0 again.
    pub(super) fn end<W: Write>(
        &mut self,
        out: &mut Output<W>,
    ) -> Result<(u64, Vec<u8>), StoreError> {
        self.close(out)?;
        let length = self.table.blocks_length();
        Ok((length, self.table.take()))
    }

    fn close<W: Write>(&mut self, out: &mut Output<W>) -> Result<(), StoreError> {
        if self.rows == 0 {
            return Ok(());
        }
        self.packed.clear();
        self.packed.reserve(compress_bound(self.raw.len()));
        self.context
            .compress2(&mut self.packed, &self.raw)
            .expect("the output buffer holds zstd's own bound");
        self.table.push(self.rows, &self.packed);
        self.rows = 0;
        self.raw.clear();
        out.append(&self.packed)
    }
}

thread_local! {
    static CONTEXT: RefCell<DCtx<'static>> = RefCell::new(DCtx::create());
}

/// The block read last: rows that follow each other share it.
#[derive(Debug, Default)]
pub(crate) struct BlockCache {
    /// Serial of the segment, group, and the rows of the block.
    held: Option<(u64, u32, Range<u32>)>,
    raw: Vec<u8>,
}

impl BlockCache {
    /// Whether the block held is the one with this row.
    pub(super) fn holds(&self, serial: u64, group: u32, row: u32) -> bool {
        self.held.as_ref().is_some_and(|(of, in_group, rows)| {
            (*of, *in_group) == (serial, group) && rows.contains(&row)
        })
    }

    /// Replaces what is held by the rows of this block; says what is wrong with it.
    pub(super) fn load(
        &mut self,
        packed: &[u8],
        dictionary: &DDict<'static>,
        (serial, group, rows): (u64, u32, Range<u32>),
    ) -> Result<(), &'static str> {
        self.held = None;
        let length = get_frame_content_size(packed).ok().flatten();
        let length = length.filter(|length| *length <= MAX_RAW_BYTES);
        let length = length.and_then(|length| usize::try_from(length).ok());
        let length = length.ok_or("the block does not say how long its rows are")?;
        self.raw.clear();
        self.raw.reserve(length);
        let raw = &mut self.raw;
        let read = CONTEXT
            .with_borrow_mut(|context| context.decompress_using_ddict(raw, packed, dictionary));
        if read != Ok(length) {
            return Err("the block does not decompress");
        }
        self.held = Some((serial, group, rows));
        Ok(())
    }

    /// The bytes of a row of the block held.
    pub(super) fn row(&self, row: u32) -> Option<&[u8]> {
        let (_, _, rows) = self.held.as_ref()?;
        let mut rest = self.raw.as_slice();
        for _ in rows.start..row {
            rest = split_row(rest)?.1;
        }
        Some(split_row(rest)?.0)
    }

    /// The bytes of all rows of the block held; none unless it has exactly those that its table
    /// says.
    pub(super) fn rows(&self) -> Option<impl Iterator<Item = &[u8]>> {
        let rows = self.held.as_ref().map_or(0, |(_, _, rows)| rows.len());
        let mut rest = self.raw.as_slice();
        for _ in 0..rows {
            rest = split_row(rest)?.1;
        }
        let mut left = self.raw.as_slice();
        rest.is_empty().then(|| {
            std::iter::from_fn(move || {
                let (row, after) = split_row(left)?;
                left = after;
                Some(row)
            })
        })
    }
}

fn split_row(raw: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = raw.split_first_chunk::<LENGTH_BYTES>()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}
