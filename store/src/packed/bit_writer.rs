//! Bits appended one value after the other, lowest bit first.
//!
//! The counterpart of [`super::bits::read`]. Values and widths may change from one to the next.

use super::bits::{MAX_WIDTH, mask};

/// A byte buffer that is filled by bits.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    pending: u64,
    pending_bits: u32,
}

impl BitWriter {
    /// Appends the lowest `width` bits (at most 56); the others must be zero.
    #[inline]
    pub(super) fn push(&mut self, value: u64, width: u32) {
        debug_assert!(width <= MAX_WIDTH && value <= mask(width), "{value} in {width} bits");
        self.pending |= value << self.pending_bits;
        self.pending_bits += width;
        let whole = self.pending_bits / 8;
        self.bytes.extend_from_slice(&self.pending.to_le_bytes()[..whole as usize]);
        self.pending >>= whole * 8;
        self.pending_bits %= 8;
    }

    /// Fills the last byte with zeros, so that the next value starts on a byte.
    pub(super) fn align(&mut self) {
        if self.pending_bits > 0 {
            self.bytes.push(self.pending.to_le_bytes()[0]);
            self.pending = 0;
            self.pending_bits = 0;
        }
    }

    /// Appends whole bytes after [`align`](Self::align).
    pub(super) fn append(&mut self, bytes: &[u8]) {
        self.align();
        self.bytes.extend_from_slice(bytes);
    }

    /// Whole bytes so far.
    pub(super) fn len_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes, the last one filled with zeros.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.align();
        self.bytes
    }
}
