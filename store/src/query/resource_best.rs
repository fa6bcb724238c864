//! The resources that come first, out of any number that are offered one after the other.

use std::cmp::Ordering;

use super::page_request::Direction;
use super::resource_row::FoundResource;

/// Kept beyond what is wanted before the worst are dropped.
const SPARE: usize = 64;

/// A resource that may be on the page.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) last_at: i64,
    pub(super) code: u32,
    /// What was found under the lock; of a sealed one all can be read later.
    pub(super) live: Option<Box<FoundResource>>,
}

/// Keeps the candidates that come first by time, and all whose time is that of the last of them:
/// their texts decide, which only these are asked for.
#[derive(Debug)]
pub(super) struct Best {
    direction: Direction,
    wanted: usize,
    kept: Vec<Candidate>,
    room: usize,
    /// Time of the worst that counts, once there are as many as are wanted.
    bound: Option<i64>,
}

impl Best {
    pub(super) fn new(direction: Direction, wanted: usize) -> Self {
        let room = wanted.saturating_mul(2).saturating_add(SPARE);
        Self { direction, wanted, kept: Vec::new(), room, bound: None }
    }

    /// Whether a resource last named then may be among the first.
    #[inline]
    pub(super) fn admits(&self, last_at: i64) -> bool {
        self.bound.is_none_or(|bound| self.order(last_at, bound) != Ordering::Greater)
    }

    pub(super) fn offer(&mut self, candidate: Candidate) {
        if self.admits(candidate.last_at) {
            self.kept.push(candidate);
        }
        if self.kept.len() >= self.room {
            self.prune();
            // Where many are of one time, each is looked at a few times at most.
            self.room = self.room.max(self.kept.len() * 2);
        }
    }

    /// Drops what cannot be among the first, and gives access to the others.
    pub(super) fn prune(&mut self) -> &mut [Candidate] {
        if let Some(last) = self.wanted.checked_sub(1).filter(|last| *last < self.kept.len()) {
            let direction = self.direction;
            let by_time = |a: &Candidate, b: &Candidate| order(direction, a.last_at, b.last_at);
            let (_, worst, _) = self.kept.select_nth_unstable_by(last, by_time);
            let bound = worst.last_at;
            self.bound = Some(bound);
            self.kept.retain(|other| order(direction, other.last_at, bound) != Ordering::Greater);
        }
        &mut self.kept
    }

    /// What is kept, in no order.
    pub(super) fn into_kept(mut self) -> Vec<Candidate> {
        self.prune();
        self.kept
    }

    fn order(&self, a: i64, b: i64) -> Ordering {
        order(self.direction, a, b)
    }
}

/// `Less` if the first comes before the second in a walk.
fn order(direction: Direction, a: i64, b: i64) -> Ordering {
    match direction {
        Direction::Older => b.cmp(&a),
        Direction::Newer => a.cmp(&b),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_are_kept_with_all_that_equal_the_last(
            times in prop::collection::vec(0..40_i64, 0..400),
            wanted in 1..20_usize,
            is_older in any::<bool>(),
        ) {
            let direction = if is_older { Direction::Older } else { Direction::Newer };
            let mut best = Best::new(direction, wanted);
            best.room = wanted + 1;
            for (&last_at, code) in times.iter().zip(0..) {
                best.offer(Candidate { last_at, code, live: None });
            }
            let mut sorted = times.clone();
            sorted.sort_by(|a, b| order(direction, *a, *b));
            let end = sorted.get(wanted - 1).map_or(sorted.len(), |last| {
                sorted.partition_point(|time| order(direction, *time, *last) != Ordering::Greater)
            });
            let mut kept: Vec<i64> = best.into_kept().iter().map(|kept| kept.last_at).collect();
            kept.sort_by(|a, b| order(direction, *a, *b));
            prop_assert_eq!(kept, &sorted[..end]);
        }
    }
}
