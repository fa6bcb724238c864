//! Bytes that wait to be written as whole blocks, from an address that is one's start.

/// What places, lengths and addresses are multiples of, in bytes: what devices mostly ask for.
pub(super) const BLOCK: usize = 4096;
/// Bytes that wait at most.
const ROOM: usize = 1 << 20;

/// The waiting bytes. They never move, since their room is there from the start.
pub(super) struct Blocks {
    bytes: Vec<u8>,
    /// Bytes in front that only align the others.
    margin: usize,
}

impl Blocks {
    pub(super) fn new() -> Self {
        let mut bytes: Vec<u8> = Vec::with_capacity(BLOCK + ROOM);
        let margin = bytes.as_ptr().align_offset(BLOCK).min(BLOCK);
        bytes.resize(margin, 0);
        Self { bytes, margin }
    }

    /// Adds what there is room for, and answers how much that was.
    pub(super) fn add(&mut self, bytes: &[u8]) -> usize {
        let taken = bytes.len().min(self.margin + ROOM - self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..taken]);
        taken
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() == self.margin + ROOM
    }

    /// The whole blocks, and the beginning of the next one.
    pub(super) fn parts(&self) -> (&[u8], &[u8]) {
        let waiting = &self.bytes[self.margin..];
        waiting.split_at(waiting.len() / BLOCK * BLOCK)
    }

    pub(super) fn clear(&mut self) {
        self.bytes.truncate(self.margin);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_start_where_a_block_may_and_stay_there() {
        let mut blocks = Blocks::new();
        for _ in 0..2 {
            assert_eq!(blocks.add(&[7; BLOCK + 3]), BLOCK + 3);
            let (whole, begun) = blocks.parts();
            assert_eq!(
                (whole.len(), begun.len(), whole.as_ptr().align_offset(BLOCK)),
                (BLOCK, 3, 0)
            );
            assert_eq!(blocks.add(&[7; 2 * ROOM]), ROOM - BLOCK - 3);
            assert!(blocks.is_full());
            blocks.clear();
            assert!(!blocks.is_full() && blocks.parts().0.is_empty());
        }
    }
}
