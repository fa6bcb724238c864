//! Bytes copied one after the other into large pieces of memory.
//!
//! Thousands of small allocations cost a cache miss each when they are freed; slices of a piece
//! cost a count. A piece lives as long as any of its slices: what shares one should be let go of
//! together.

use bytes::{Bytes, BytesMut};

/// Copies into pieces of so many bytes, and larger ones for what is larger.
#[derive(Debug)]
pub struct Pieces {
    piece: BytesMut,
    piece_bytes: usize,
}

impl Pieces {
    /// Without a piece: the first copy makes one.
    pub fn of(piece_bytes: usize) -> Self {
        Self { piece: BytesMut::new(), piece_bytes }
    }

    /// A copy that lies in a piece.
    pub fn copy(&mut self, bytes: &[u8]) -> Bytes {
        if bytes.len() > self.piece.capacity() {
            self.piece = BytesMut::with_capacity(self.piece_bytes.max(bytes.len()));
        }
        self.piece.extend_from_slice(bytes);
        self.piece.split().freeze()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_what_came_and_share_pieces() {
        let mut pieces = Pieces::of(100);
        let texts: Vec<Vec<u8>> =
            (0..9).map(|length| vec![length; usize::from(length) * 20]).collect();
        let copies: Vec<Bytes> = texts.iter().map(|text| pieces.copy(text)).collect();
        for (text, copy) in texts.iter().zip(&copies) {
            assert_eq!(text, copy);
        }
        // 20 and 40 bytes lie in the first piece.
        assert!(!copies[1].is_unique());
        assert_eq!(copies[1].as_ptr().addr() + 20, copies[2].as_ptr().addr());
    }
}
