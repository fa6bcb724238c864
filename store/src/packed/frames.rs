//! A column of signed integers in frames of 128, each stored as what it exceeds its frame's least.
//!
//! `len u32 | frames | values | 7 bytes of zeros`; a frame is `least i64 | start u32 | width u8`,
//! its values starting at `start` times 16 bytes. A column whose frames all have width 0 ends after
//! the frames. Values over 56 bits wide are stored in 64, so that every `i64` comes back.

use std::ops::Range;

use super::bit_writer::BitWriter;
use super::bits::{MAX_WIDTH, PADDING_BYTES, mask, width_of, word_at};

const FRAME_LEN: usize = FRAME_ROWS as usize;
/// The same in row numbers.
const FRAME_ROWS: u32 = 128;
const ENTRY_BYTES: usize = 13;
/// 128 values of one bit: frames start at multiples of it.
const UNIT_BYTES: usize = FRAME_LEN / 8;
/// For spreads beyond [`MAX_WIDTH`]: whole words, which never straddle two loads.
const WHOLE_WIDTH: u32 = 64;

/// A view of signed integers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frames<'a> {
    entries: &'a [u8],
    packed: &'a [u8],
    len: u32,
}

/// Where a frame is and what its values start from.
#[derive(Debug, Clone, Copy, Default)]
struct Frame {
    least: i64,
    start: u32,
    width: u32,
}

impl<'a> Frames<'a> {
    /// Appends the values; their number must be a `u32`.
    pub(crate) fn write(values: &[i64], out: &mut Vec<u8>) {
        let len = u32::try_from(values.len()).expect("a column has fewer than 2^32 values");
        out.extend_from_slice(&len.to_le_bytes());
        let mut packed = BitWriter::default();
        for frame in values.chunks(FRAME_LEN) {
            let start = packed.len_bytes() / UNIT_BYTES;
            let start = u32::try_from(start).expect("2^32 values are fewer than 2^32 units");
            let (least, width) = shape(frame);
            out.extend_from_slice(&least.to_le_bytes());
            out.extend_from_slice(&start.to_le_bytes());
            out.push(width.to_le_bytes()[0]);
            for value in frame {
                let excess = value.wrapping_sub(least).cast_unsigned();
                match width {
                    WHOLE_WIDTH => packed.append(&excess.to_le_bytes()),
                    _ => packed.push(excess, width),
                }
            }
        }
        let packed = packed.into_bytes();
        out.extend_from_slice(&packed);
        if !packed.is_empty() {
            out.extend_from_slice(&[0; PADDING_BYTES]);
        }
    }

    /// The view of exactly these bytes; `None` if their length is not what they say.
    pub(crate) fn open(bytes: &'a [u8]) -> Option<Self> {
        let (len, rest) = bytes.split_first_chunk::<4>()?;
        let len = u32::from_le_bytes(*len);
        let frames = (len as usize).div_ceil(FRAME_LEN);
        let (entries, packed) = rest.split_at_checked(frames.checked_mul(ENTRY_BYTES)?)?;
        let column = Self { entries, packed, len };
        (column.packed_bytes()? == packed.len()).then_some(column)
    }

    /// How many values there are.
    #[inline]
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// The value at `index`, which must be below `len`; beyond it the answer means nothing.
    #[inline]
    pub(crate) fn get(&self, index: u32) -> i64 {
        let index = index as usize;
        let frame = self.frame(index / FRAME_LEN);
        let bit = frame.start as usize * UNIT_BYTES * 8 + index % FRAME_LEN * frame.width as usize;
        let excess = word_at(self.packed, bit) & mask(frame.width);
        frame.least.wrapping_add(excess.cast_signed())
    }

    /// How many values satisfy the predicate in an ascending column in which they all come first.
    pub(crate) fn partition_point_sorted(&self, predicate: impl Fn(i64) -> bool) -> u32 {
        let frames = self.entries.len() / ENTRY_BYTES;
        // In an ascending column a frame's least value is its first.
        let after = partition_point(0, frames, |frame| predicate(self.frame(frame).least));
        let Some(frame) = after.checked_sub(1) else { return 0 };
        let end = (after * FRAME_LEN).min(self.len as usize);
        let value = |index| u32::try_from(index).map_or(0, |index| self.get(index));
        let found = partition_point(frame * FRAME_LEN, end, |index| predicate(value(index)));
        u32::try_from(found).unwrap_or(self.len)
    }

    /// Ranges of indexes outside of which no value lies between these two: whole frames, by what
    /// their values may be at most, with neighbours joined.
    pub(crate) fn ranges_between(&self, least: i64, greatest: i64) -> Vec<Range<u32>> {
        let mut ranges: Vec<Range<u32>> = Vec::new();
        for (index, start) in (0..).zip((0..self.len).step_by(FRAME_LEN)) {
            let frame = self.frame(index);
            let most = match frame.width {
                WHOLE_WIDTH => i64::MAX,
                width => frame.least.saturating_add_unsigned(mask(width)),
            };
            if frame.least > greatest || most < least {
                continue;
            }
            let end = start.saturating_add(FRAME_ROWS).min(self.len);
            match ranges.last_mut().filter(|last| last.end == start) {
                Some(last) => last.end = end,
                None => ranges.push(start..end),
            }
        }
        ranges
    }

    #[inline]
    fn frame(&self, index: usize) -> Frame {
        let start = index * ENTRY_BYTES;
        let entry = self.entries.get(start..start + ENTRY_BYTES);
        let Some((least, rest)) = entry.and_then(|entry| entry.split_first_chunk::<8>()) else {
            return Frame::default();
        };
        let &[start @ .., width] = rest.first_chunk::<5>().unwrap_or(&[0; 5]);
        Frame {
            least: i64::from_le_bytes(*least),
            start: u32::from_le_bytes(start),
            width: width.into(),
        }
    }

    /// How many bytes the values take, by the last frame.
    fn packed_bytes(&self) -> Option<usize> {
        let Some(last) = (self.len as usize).checked_sub(1) else { return Some(0) };
        let frame = self.frame(last / FRAME_LEN);
        if frame.width > MAX_WIDTH && frame.width != WHOLE_WIDTH {
            return None;
        }
        let bits = (last % FRAME_LEN + 1) * frame.width as usize;
        let bytes =
            (frame.start as usize).checked_mul(UNIT_BYTES)?.checked_add(bits.div_ceil(8))?;
        Some(if bytes > 0 { bytes + PADDING_BYTES } else { 0 })
    }
}

/// The least value of a frame and the width of what the others exceed it by.
fn shape(frame: &[i64]) -> (i64, u32) {
    let least = frame.iter().copied().min().unwrap_or(0);
    let greatest = frame.iter().copied().max().unwrap_or(0);
    let width = width_of(greatest.wrapping_sub(least).cast_unsigned());
    (least, if width > MAX_WIDTH { WHOLE_WIDTH } else { width })
}

/// The first index of `from..to` that does not satisfy the predicate.
fn partition_point(from: usize, to: usize, predicate: impl Fn(usize) -> bool) -> usize {
    let (mut from, mut to) = (from, to);
    while from < to {
        let middle = from + (to - from) / 2;
        if predicate(middle) { from = middle + 1 } else { to = middle }
    }
    from
}
