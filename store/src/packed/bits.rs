//! A column of unsigned integers, each in as many bits as the greatest one needs.
//!
//! `len u32 | width u8 | values | 7 bytes of zeros`; a column of zeros has width 0 and ends after
//! the width. The zeros let every value be read by one load of eight bytes.

use super::bit_writer::BitWriter;
use super::unpack;

/// The widest value of a column: with the up to 7 bits before it, it still fits eight bytes.
pub(super) const MAX_WIDTH: u32 = 56;
/// Zeros after packed values, so that a load of eight bytes at the last one stays inside.
pub(super) const PADDING_BYTES: usize = 7;
const HEADER_BYTES: usize = 5;

/// A view of packed integers, each at most 56 bits wide.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bits<'a> {
    packed: &'a [u8],
    mask: u64,
    len: u32,
    width: u32,
}

impl<'a> Bits<'a> {
    /// Appends the values, which are walked twice. Each must be below 2^56, their number a `u32`.
    pub(crate) fn write<I>(values: I, out: &mut Vec<u8>)
    where
        I: IntoIterator<Item = u64>,
        I::IntoIter: Clone,
    {
        let values = values.into_iter();
        let mut writer = BitsWriter::new(values.clone().max().unwrap_or(0));
        values.for_each(|value| writer.push(value));
        writer.finish(out);
    }

    /// The view of exactly these bytes; `None` if their length is not what they say.
    pub(crate) fn open(bytes: &'a [u8]) -> Option<Self> {
        let (bits, rest) = Self::open_prefix(bytes)?;
        rest.is_empty().then_some(bits)
    }

    /// The view of the first bytes, and the bytes after it.
    pub(crate) fn open_prefix(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (header, rest) = bytes.split_first_chunk::<HEADER_BYTES>()?;
        let [len @ .., width] = *header;
        let (len, width) = (u32::from_le_bytes(len), u32::from(width));
        if width > MAX_WIDTH {
            return None;
        }
        let (packed, rest) = rest.split_at_checked(packed_bytes(len, width)?)?;
        Some((Self { packed, mask: mask(width), len, width }, rest))
    }

    /// How many values there are.
    #[inline]
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// How many bits a value takes.
    pub(super) fn width(&self) -> u32 {
        self.width
    }

    /// The value at `index`, which must be below `len`; beyond it the answer means nothing.
    #[inline]
    pub(crate) fn get(&self, index: u32) -> u64 {
        word_at(self.packed, index as usize * self.width as usize) & self.mask
    }

    /// Copies the values from `start` on, the lowest 32 bits of each, and says how many there were.
    pub(crate) fn unpack(&self, start: u32, out: &mut [u32]) -> usize {
        let ahead = self.len.saturating_sub(start) as usize;
        let count = out.len().min(ahead);
        let (head, rest) = out[..count].split_at_mut(count.min(start.wrapping_neg() as usize % 8));
        let (body, tail) = rest.split_at_mut(rest.len() & !7);
        let body_start = start as usize + head.len();
        self.copy_each(start as usize, head);
        if self.width <= 32 {
            let first = body_start / 8 * self.width as usize;
            unpack::eights(self.packed.get(first..).unwrap_or_default(), self.width, body);
        } else {
            self.copy_each(body_start, body);
        }
        self.copy_each(body_start + body.len(), tail);
        count
    }

    fn copy_each(&self, start: usize, out: &mut [u32]) {
        let width = self.width as usize;
        for (slot, bit) in out.iter_mut().zip((start * width..).step_by(width.max(1))) {
            *slot = low(word_at(self.packed, bit) & self.mask);
        }
    }
}

/// Writes a column whose greatest value is known beforehand.
#[derive(Debug)]
pub(super) struct BitsWriter {
    bits: BitWriter,
    len: u32,
    width: u32,
}

impl BitsWriter {
    /// A column of values up to `maximum`.
    pub(super) fn new(maximum: u64) -> Self {
        let width = width_of(maximum);
        assert!(width <= MAX_WIDTH, "{maximum} is wider than {MAX_WIDTH} bits");
        Self { bits: BitWriter::default(), len: 0, width }
    }

    #[inline]
    pub(super) fn push(&mut self, value: u64) {
        self.bits.push(value, self.width);
        self.len = self.len.checked_add(1).expect("a column has fewer than 2^32 values");
    }

    pub(super) fn finish(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.len.to_le_bytes());
        out.push(self.width.to_le_bytes()[0]);
        out.extend_from_slice(&self.bits.into_bytes());
        if self.width > 0 && self.len > 0 {
            out.extend_from_slice(&[0; PADDING_BYTES]);
        }
    }
}

/// How many bytes a column takes after its header.
fn packed_bytes(len: u32, width: u32) -> Option<usize> {
    let bits = u64::from(len) * u64::from(width);
    let padding = if bits > 0 { PADDING_BYTES } else { 0 };
    usize::try_from(bits.div_ceil(8)).ok()?.checked_add(padding)
}

/// The value of `width` bits (at most 56) at this bit; 0 if eight bytes there are not inside.
#[inline]
pub(super) fn read(bytes: &[u8], bit: usize, width: u32) -> u64 {
    word_at(bytes, bit) & mask(width)
}

/// At least the 57 bits from this bit on; 0 if eight bytes there are not inside.
#[inline]
pub(super) fn word_at(bytes: &[u8], bit: usize) -> u64 {
    let byte = bit / 8;
    match bytes.get(byte..byte + 8).and_then(|word| word.first_chunk::<8>()) {
        Some(word) => u64::from_le_bytes(*word) >> (bit % 8),
        None => 0,
    }
}

/// The lowest `width` bits.
#[inline]
pub(super) fn mask(width: u32) -> u64 {
    1_u64.checked_shl(width).unwrap_or(0).wrapping_sub(1)
}

/// How many bits the value needs.
#[inline]
pub(super) fn width_of(value: u64) -> u32 {
    u64::BITS - value.leading_zeros()
}

/// The lowest 32 bits.
#[inline]
pub(super) fn low(value: u64) -> u32 {
    let [a, b, c, d, ..] = value.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}
