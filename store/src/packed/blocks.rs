//! Lists of at least one full block: blocks of 128 ascending rows and a tail.
//!
//! `len u32 | last u32 | first width u8 | start width u8 | tail width u8 | directory | blocks |
//! tail`. The directory has an entry a block and one for the tail: its first row and where it
//! starts in units of 16 bytes, which a block has one of per bit. A block holds the deltas less one
//! as `bitpacking::BitPacker4x` packs them, the tail likewise one after the other.

use bitpacking::{BitPacker, BitPacker4x};

use super::bit_writer::BitWriter;
use super::bits::{low, read, width_of};
use super::list::{Deltas, List};

/// Rows in a full block.
pub(super) const BLOCK_LEN: usize = BitPacker4x::BLOCK_LEN;
/// The same, to be counted with rows.
pub(super) const BLOCK_ROWS: u32 = 128;
const _: () = assert!(BLOCK_ROWS as usize == BLOCK_LEN);
const HEADER_BYTES: usize = 11;
/// What a block takes for each bit of its width.
const UNIT_BYTES: usize = BLOCK_LEN / 8;

/// The full blocks of a list.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Blocks {
    /// How many there are.
    pub(super) count: u32,
    directory_bit: usize,
    first_width: u32,
    start_width: u32,
    packed_byte: usize,
}

impl Blocks {
    /// The first row of a block, or of the tail after the last one.
    #[inline]
    pub(super) fn first(&self, data: &[u8], block: u32) -> u32 {
        low(read(data, self.entry_bit(block), self.first_width))
    }

    /// Decodes a block; `None` if the bytes cannot be one.
    #[inline]
    pub(super) fn decode(
        &self,
        data: &[u8],
        block: u32,
        rows: &mut [u32; BLOCK_LEN],
    ) -> Option<()> {
        let start = self.start(data, block);
        let width = self.start(data, block + 1).checked_sub(start).filter(|width| *width <= 32)?;
        let from = self.packed_byte + start * UNIT_BYTES;
        let packed = data.get(from..from + width * UNIT_BYTES)?;
        let before = self.first(data, block).checked_sub(1);
        let width = u8::try_from(width).ok()?;
        BitPacker4x::new().decompress_strictly_sorted(before, packed, rows, width);
        Some(())
    }

    #[inline]
    fn start(&self, data: &[u8], block: u32) -> usize {
        let bit = self.entry_bit(block) + self.first_width as usize;
        low(read(data, bit, self.start_width)) as usize
    }

    #[inline]
    fn entry_bit(&self, block: u32) -> usize {
        self.directory_bit + block as usize * (self.first_width + self.start_width) as usize
    }
}

/// The list at this byte; `None` if there cannot be one.
pub(super) fn open(data: &[u8], byte: usize) -> Option<List<'_>> {
    let header = data.get(byte..)?.first_chunk::<HEADER_BYTES>()?;
    let &[len @ .., _, _, _, _, _, _, _] = header;
    let &[_, _, _, _, last @ .., first_width, start_width, tail_width] = header;
    let (len, last) = (u32::from_le_bytes(len), u32::from_le_bytes(last));
    let mut blocks = Blocks {
        count: len / BLOCK_ROWS,
        directory_bit: (byte + HEADER_BYTES) * 8,
        first_width: first_width.into(),
        start_width: start_width.into(),
        packed_byte: 0,
    };
    if blocks.first_width.max(blocks.start_width).max(tail_width.into()) > 32 {
        return None;
    }
    blocks.packed_byte = blocks.entry_bit(blocks.count + 1).div_ceil(8);
    let tail = Deltas {
        first: blocks.first(data, blocks.count),
        bit: (blocks.packed_byte + blocks.start(data, blocks.count) * UNIT_BYTES) * 8,
        width: tail_width.into(),
    };
    Some(List { data, len, last: Some(last), blocks, tail })
}

/// Appends a list of ascending rows, at least [`BLOCK_LEN`].
pub(super) fn write(rows: &[u32], out: &mut BitWriter) {
    let (blocks, tail) = rows.as_chunks::<BLOCK_LEN>();
    let last = rows.last().copied().unwrap_or_default();
    let packer = BitPacker4x::new();
    let before = |block: &[u32; BLOCK_LEN]| block[0].checked_sub(1);
    let width = |block| packer.num_bits_strictly_sorted(before(block), block);
    let units: u32 = blocks.iter().map(|block| u32::from(width(block))).sum();
    let [first_width, start_width] = [width_of(last.into()), width_of(units.into())];
    let tail_width = Deltas::width(tail);
    out.append(&u32::try_from(rows.len()).expect("rows are u32 and differ").to_le_bytes());
    out.append(&last.to_le_bytes());
    out.append(&[first_width, start_width, tail_width].map(|width| width.to_le_bytes()[0]));
    let mut start = 0;
    for block in blocks {
        out.push(block[0].into(), first_width);
        out.push(start, start_width);
        start += u64::from(width(block));
    }
    out.push(tail.first().copied().unwrap_or_default().into(), first_width);
    out.push(start, start_width);
    let mut packed = [0; BLOCK_LEN * 4];
    for block in blocks {
        let width = width(block);
        let len = packer.compress_strictly_sorted(before(block), block, &mut packed, width);
        out.append(&packed[..len]);
    }
    out.align();
    Deltas::write(tail, tail_width, out);
    out.align();
}
