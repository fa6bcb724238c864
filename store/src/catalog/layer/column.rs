//! A column of a layer: frames, or nothing at all if every value is 0.

use crate::packed::Frames;

/// A view of a column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column<'a>(Option<Frames<'a>>);

impl<'a> Column<'a> {
    #[inline]
    pub(super) fn open(bytes: &'a [u8]) -> Option<Self> {
        match bytes {
            [] => Some(Self(None)),
            _ => Some(Self(Some(Frames::open(bytes)?))),
        }
    }

    pub(super) fn write(values: &[i64], out: &mut Vec<u8>) {
        if values.iter().any(|value| *value != 0) {
            Frames::write(values, out);
        }
    }

    #[inline]
    pub(super) fn get(&self, index: u32) -> i64 {
        match &self.0 {
            Some(frames) if index < frames.len() => frames.get(index),
            _ => 0,
        }
    }

    /// A value that was written from a code; `None` if it is no such.
    #[inline]
    pub(super) fn code(&self, index: u32) -> Option<u32> {
        u32::try_from(self.get(index)).ok()
    }

    /// In a column of ends: where a text starts.
    #[inline]
    pub(crate) fn start(&self, index: u32) -> usize {
        index.checked_sub(1).map_or(0, |before| self.end(before))
    }

    /// In a column of ends: where a text ends.
    #[inline]
    pub(super) fn end(&self, index: u32) -> usize {
        usize::try_from(self.get(index)).unwrap_or(usize::MAX)
    }
}
