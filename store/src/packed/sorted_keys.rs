//! Ascending integers in buckets by their highest bits.
//!
//! `shift u8 | starts | remainders`, both [`Bits`]: bucket *b* holds the keys whose value shifted
//! right by `shift` is *b*, from index `starts[b]` up to `starts[b + 1]`, and of each only the
//! lowest `shift` bits are stored. With about 16 keys a bucket a key costs little more than the
//! remainder, and a look-up reads two neighbouring starts and then one run of remainders.

use std::ops::Range;

use super::bits::{Bits, BitsWriter, low, mask};

/// The least keys a bucket has on average; the next larger power of two is below twice that.
const LEAST_PER_BUCKET: u32 = 12;
/// The longest bucket in which a key is looked for from where it should be if all were spread
/// evenly. Hashes are, and are found in two or three reads; codes may not be.
const LONGEST_GUESSED: u32 = 64;

/// A view of ascending integers; equal ones may follow each other.
#[derive(Debug, Clone, Copy)]
pub(super) struct SortedKeys<'a> {
    starts: Bits<'a>,
    remainders: Bits<'a>,
    shift: u32,
}

impl<'a> SortedKeys<'a> {
    /// The view of the first bytes, and the bytes after it; `None` unless their lengths agree and
    /// every key fits `key_bits`.
    pub(super) fn open_prefix(bytes: &'a [u8], key_bits: u32) -> Option<(Self, &'a [u8])> {
        let (&shift, rest) = bytes.split_first()?;
        let (starts, rest) = Bits::open_prefix(rest)?;
        let (remainders, rest) = Bits::open_prefix(rest)?;
        let shift = u32::from(shift);
        let buckets = starts.len().checked_sub(1)?;
        let is_sound = shift == remainders.width()
            && shift <= key_bits
            && u64::from(buckets) <= 1 << (key_bits - shift);
        is_sound.then_some((Self { starts, remainders, shift }, rest))
    }

    /// How many keys there are.
    #[inline]
    pub(super) fn len(&self) -> u32 {
        self.remainders.len()
    }

    /// The indexes of the keys equal to this one.
    #[inline]
    pub(super) fn find(&self, key: u64) -> impl Iterator<Item = u32> + use<'a> {
        let remainders = self.remainders;
        let remainder = key & mask(self.shift);
        let bucket = self.bucket(key >> self.shift);
        let first = self.first_not_below(remainder, bucket.clone());
        (first..bucket.end).take_while(move |&index| remainders.get(index) == remainder)
    }

    /// All keys in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = u64> + use<'a> {
        let keys = *self;
        let mut bucket = 0;
        let mut end = keys.start(1);
        (0..keys.len()).map(move |index| {
            while index >= end && bucket + 2 < keys.starts.len() {
                bucket += 1;
                end = keys.start(bucket + 1);
            }
            u64::from(bucket) << keys.shift | keys.remainders.get(index)
        })
    }

    /// The first index of a bucket whose remainder is at least this.
    #[inline]
    fn first_not_below(&self, least: u64, bucket: Range<u32>) -> u32 {
        let is_below = |index| self.remainders.get(index) < least;
        let Range { start: mut from, end: mut to } = bucket;
        let len = to.saturating_sub(from);
        if len <= LONGEST_GUESSED {
            let mut index = from + low((least * u64::from(len)) >> self.shift);
            while index < to && is_below(index) {
                index += 1;
            }
            while index > from && !is_below(index - 1) {
                index -= 1;
            }
            return index;
        }
        while from < to {
            let middle = from + (to - from) / 2;
            if is_below(middle) { from = middle + 1 } else { to = middle }
        }
        from
    }

    /// The indexes of a bucket's keys; none for a bucket beyond the last.
    #[inline]
    fn bucket(&self, bucket: u64) -> Range<u32> {
        match u32::try_from(bucket) {
            Ok(bucket) if bucket < self.starts.len() - 1 => {
                self.start(bucket)..self.start(bucket + 1)
            }
            _ => 0..0,
        }
    }

    #[inline]
    fn start(&self, bucket: u32) -> u32 {
        let start = self.starts.get(bucket);
        u32::try_from(start).map_or(self.len(), |start| start.min(self.len()))
    }
}

/// Writes keys that come in ascending order, knowing how many and how great they get.
#[derive(Debug)]
pub(super) struct SortedKeysWriter {
    starts: Vec<u32>,
    remainders: BitsWriter,
    len: u32,
    shift: u32,
}

impl SortedKeysWriter {
    /// For `count` keys of at most `key_bits` bits (up to 56).
    pub(super) fn new(count: u32, key_bits: u32) -> Self {
        let bucket_bits = (count / LEAST_PER_BUCKET).checked_ilog2().unwrap_or(0).min(key_bits);
        let shift = key_bits - bucket_bits;
        Self { starts: vec![0], remainders: BitsWriter::new(mask(shift)), len: 0, shift }
    }

    /// Appends a key that is not less than the one before.
    #[inline]
    pub(super) fn push(&mut self, key: u64) {
        let bucket = usize::try_from(key >> self.shift).expect("there are fewer buckets than keys");
        // starts[0] is bucket 0's; bucket b's start is known when its first key comes.
        while self.starts.len() <= bucket {
            self.starts.push(self.len);
        }
        self.remainders.push(key & mask(self.shift));
        self.len += 1;
    }

    /// Appends all of it to `out`.
    pub(super) fn finish(mut self, out: &mut Vec<u8>) {
        self.starts.push(self.len);
        out.push(self.shift.to_le_bytes()[0]);
        Bits::write(self.starts.iter().copied().map(u64::from), out);
        self.remainders.finish(out);
    }
}
