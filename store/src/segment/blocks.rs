//! Rows in small zstd blocks with a trained dictionary.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};
use zstd::zstd_safe::{CDict, DCtx, DDict};

use super::StoredRow;
use crate::StoreError;
use crate::storage::ObjectFile;

/// Where a block lies and which rows it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlockRef {
    pub(crate) at: u64,
    pub(crate) length: u32,
    pub(crate) raw_length: u32,
    pub(crate) crc: u32,
    pub(crate) first_row: u32,
}

/// A block is closed at this many rows …
const ROWS_PER_BLOCK: u32 = 8;
/// … or once it holds this many bytes.
const BLOCK_BYTES: usize = 16 * 1024;
const LEVEL: i32 = 3;
const DICTIONARY_BYTES: usize = 16 * 1024;
/// Rows that the dictionary is trained on.
pub(super) const SAMPLE_ROWS: usize = 2_000;
const SAMPLE_BYTES: usize = 1024 * 1024;
/// No row is larger than a record's limits by more than its fixed fields; a block has eight.
const MAX_RAW_BYTES: u32 = 64 * 1024 * 1024;

/// Trains a dictionary on sample rows; empty if there are too few.
pub(super) fn train(rows: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut samples = Vec::new();
    let mut total = 0;
    for mut sample in rows {
        if total >= SAMPLE_BYTES {
            break;
        }
        // A long record teaches by its beginning: the shared member names stand there.
        sample.truncate(4096);
        total += sample.len();
        samples.push(sample);
    }
    if samples.len() < 64 {
        return Vec::new();
    }
    zstd::dict::from_samples(&samples, DICTIONARY_BYTES).unwrap_or_default()
}

/// Compresses rows into blocks appended to `out`.
pub(super) struct BlockWriter<'a> {
    context: zstd::zstd_safe::CCtx<'static>,
    dictionary: CDict<'static>,
    out: &'a mut Vec<u8>,
    raw: Vec<u8>,
    rows: u32,
    next_row: u32,
    blocks: Vec<BlockRef>,
}

impl<'a> BlockWriter<'a> {
    pub(super) fn new(dictionary: &[u8], out: &'a mut Vec<u8>) -> Self {
        Self {
            context: zstd::zstd_safe::CCtx::create(),
            dictionary: CDict::create(dictionary, LEVEL),
            out,
            raw: Vec::new(),
            rows: 0,
            next_row: 0,
            blocks: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, row: &[u8]) {
        let length = u32::try_from(row.len()).expect("a record is bounded by the fold's limits");
        self.raw.extend_from_slice(&length.to_le_bytes());
        self.raw.extend_from_slice(row);
        self.rows += 1;
        if self.rows == ROWS_PER_BLOCK || self.raw.len() >= BLOCK_BYTES {
            self.close();
        }
    }

    /// Ends a workspace's rows: the next push starts at row 0.
    pub(super) fn finish_group(&mut self) -> Vec<BlockRef> {
        self.close();
        self.next_row = 0;
        std::mem::take(&mut self.blocks)
    }

    fn close(&mut self) {
        if self.rows == 0 {
            return;
        }
        let mut packed = Vec::with_capacity(zstd::zstd_safe::compress_bound(self.raw.len()));
        self.context
            .compress_using_cdict(&mut packed, &self.raw, &self.dictionary)
            .expect("the output buffer holds zstd's own bound");
        let length = |bytes: usize| u32::try_from(bytes).expect("a block is far below 4 GiB");
        self.blocks.push(BlockRef {
            at: self.out.len() as u64,
            length: length(packed.len()),
            raw_length: length(self.raw.len()),
            crc: crc32c::crc32c(&packed),
            first_row: self.next_row,
        });
        self.out.extend_from_slice(&packed);
        self.next_row += self.rows;
        self.rows = 0;
        self.raw.clear();
    }
}

thread_local! {
    static CONTEXT: RefCell<DCtx<'static>> = RefCell::new(DCtx::create());
}

/// Reads the rows of one block.
pub(super) fn read_block(
    file: &ObjectFile,
    block: &BlockRef,
    dictionary: &DDict<'static>,
) -> Result<Vec<StoredRow>, StoreError> {
    let damaged = |detail: &str| StoreError::corrupt(file.path(), block.at, detail);
    if block.raw_length > MAX_RAW_BYTES {
        return Err(damaged("a block larger than any block"));
    }
    let packed = file.read_checked(block.at, block.length, block.crc)?;
    let mut raw = Vec::with_capacity(block.raw_length as usize);
    CONTEXT
        .with_borrow_mut(|context| context.decompress_using_ddict(&mut raw, &packed, dictionary))
        .map_err(|_| damaged("the block does not decompress"))?;
    let mut rows = Vec::new();
    let mut rest = raw.as_slice();
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        let (row, tail) = tail.split_at_checked(length).ok_or_else(|| damaged("a row is cut"))?;
        rows.push(postcard::from_bytes(row).map_err(|_| damaged("a row does not decode"))?);
        rest = tail;
    }
    Ok(rows)
}
