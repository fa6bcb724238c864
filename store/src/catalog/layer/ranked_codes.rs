//! Ascending codes, each with its rank among them.
//!
//! `shift u8 | starts | remainders`, both [`Bits`]; nothing at all if there is no code. Codes lie
//! in buckets by their highest bits: bucket *b* has the ranks from `starts[b]` up to
//! `starts[b + 1]`, and of each code the lowest `shift` bits are stored. A look-up reads two
//! neighbouring starts and one short run of remainders.

use crate::packed::Bits;

/// Codes a bucket has on average, about.
const PER_BUCKET: u64 = 16;

/// A view of ascending codes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RankedCodes<'a>(Option<Buckets<'a>>);

#[derive(Debug, Clone, Copy)]
struct Buckets<'a> {
    starts: Bits<'a>,
    remainders: Bits<'a>,
    shift: u32,
}

impl<'a> RankedCodes<'a> {
    /// Appends these codes, which must ascend strictly.
    pub(super) fn write(codes: &[u32], out: &mut Vec<u8>) {
        let Some(&greatest) = codes.last() else { return };
        let shift = ((u64::from(greatest) + 1) * PER_BUCKET / codes.len() as u64).ilog2().min(31);
        let mut starts = Vec::with_capacity((greatest >> shift) as usize + 2);
        for (rank, code) in codes.iter().enumerate() {
            while starts.len() <= (code >> shift) as usize {
                starts.push(rank as u64);
            }
        }
        starts.push(codes.len() as u64);
        out.push(shift.to_le_bytes()[0]);
        Bits::write(starts.iter().copied(), out);
        let mask = (1 << shift) - 1;
        Bits::write(codes.iter().map(|code| u64::from(code & mask)), out);
    }

    #[inline]
    pub(super) fn open(bytes: &'a [u8]) -> Option<Self> {
        let Some((&shift, rest)) = bytes.split_first() else { return Some(Self(None)) };
        let (starts, rest) = Bits::open_prefix(rest)?;
        let (remainders, shift) = (Bits::open(rest)?, u32::from(shift));
        // Neither is of width 0 with more values than that: who walks them comes to an end.
        let most = bytes.len() as u64 * 8;
        let is_backed = u64::from(starts.len().max(remainders.len())) <= most;
        let is_sound = shift < u32::BITS && starts.len() > 0 && is_backed;
        is_sound.then_some(Self(Some(Buckets { starts, remainders, shift })))
    }

    /// The place of a code among the others; `None` if it is not there.
    #[inline]
    pub(super) fn rank(&self, code: u32) -> Option<u32> {
        let buckets = self.0?;
        let bucket = code >> buckets.shift;
        if bucket >= buckets.starts.len() - 1 {
            return None;
        }
        let remainder = u64::from(code & ((1 << buckets.shift) - 1));
        let (mut first, mut end) = (buckets.start(bucket), buckets.start(bucket + 1));
        while first < end {
            let middle = first + (end - first) / 2;
            match buckets.remainders.get(middle) {
                found if found < remainder => first = middle + 1,
                found if found > remainder => end = middle,
                _ => return Some(middle),
            }
        }
        None
    }

    /// All codes in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> + use<'a> {
        let mut bucket = 0;
        self.0.into_iter().flat_map(move |buckets| {
            (0..buckets.remainders.len()).map(move |rank| {
                let last = buckets.starts.len() - 1;
                while bucket + 1 < last && rank >= buckets.start(bucket + 1) {
                    bucket += 1;
                }
                let remainder = u32::try_from(buckets.remainders.get(rank)).unwrap_or(u32::MAX);
                bucket << buckets.shift | remainder
            })
        })
    }
}

impl Buckets<'_> {
    #[inline]
    fn start(&self, bucket: u32) -> u32 {
        let start = self.starts.get(bucket).min(self.remainders.len().into());
        u32::try_from(start).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_code_has_its_rank_and_no_other_has_one(
            codes in prop::collection::btree_set(0..3000_u32, 0..300),
            stretch in 0..21_u32,
        ) {
            let codes: Vec<u32> = codes.into_iter().map(|code| code << stretch).collect();
            let mut bytes = Vec::new();
            RankedCodes::write(&codes, &mut bytes);
            let ranked = RankedCodes::open(&bytes).unwrap();
            prop_assert_eq!(ranked.iter().collect::<Vec<_>>(), codes.clone());
            for code in (0..3100).map(|code| code << stretch) {
                let rank = codes.binary_search(&code).ok();
                prop_assert_eq!(ranked.rank(code).map(|rank| rank as usize), rank);
            }
        }
    }

    #[test]
    fn the_greatest_code_is_found_alone_and_among_others() {
        for codes in [vec![u32::MAX], vec![0, u32::MAX], vec![0]] {
            let mut bytes = Vec::new();
            RankedCodes::write(&codes, &mut bytes);
            let ranked = RankedCodes::open(&bytes).unwrap();
            assert_eq!(ranked.iter().collect::<Vec<_>>(), codes);
            let rank = ranked.rank(*codes.last().unwrap());
            assert_eq!(rank.map(|rank| rank as usize), Some(codes.len() - 1));
            assert_eq!(ranked.rank(7), None);
        }
    }
}
