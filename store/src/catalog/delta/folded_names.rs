//! Folded names one after the other, so that a search is one pass over contiguous bytes.

/// Between names: no byte of UTF-8, so a match never spans two.
pub(crate) const SEPARATOR: u8 = 0xff;

/// An arena of texts, each followed by [`SEPARATOR`].
#[derive(Debug, Default)]
pub(super) struct FoldedNames {
    bytes: Vec<u8>,
    /// Behind each separator.
    ends: Vec<usize>,
}

impl FoldedNames {
    pub(super) fn push(&mut self, folded: &str) {
        self.bytes.extend_from_slice(folded.as_bytes());
        self.bytes.push(SEPARATOR);
        self.ends.push(self.bytes.len());
    }

    pub(super) fn get(&self, index: u32) -> &str {
        let (start, end) = (self.start(index), self.start(index + 1) - 1);
        std::str::from_utf8(&self.bytes[start..end]).expect("only texts are appended")
    }

    /// Where a name starts; for the number of names, where the next would.
    pub(super) fn start(&self, index: u32) -> usize {
        index.checked_sub(1).map_or(0, |before| self.ends[before as usize])
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Behind each separator.
    pub(super) fn ends(&self) -> &[usize] {
        &self.ends
    }
}
