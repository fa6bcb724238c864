//! Where things lie, by the hash of their key: in which delta, and there in which slot.
//!
//! One index goes on from delta to delta and always says the newest, so that a thing is found by
//! one probe however many deltas are kept. Whoever looks compares the thing's own key. Places in
//! deltas that are no longer kept stay until room is needed: nothing is found there.

use hashbrown::HashTable;

/// Which delta of a catalog: grows with every freeze.
pub(crate) type Generation = u32;

/// A place, with its key's hash, so that a growing table need not look at the things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) hash: u32,
    pub(super) generation: Generation,
    pub(super) slot: u32,
}

/// Places by hash.
#[derive(Debug, Default)]
pub(super) struct Places(HashTable<Place>);

impl Places {
    /// The place that `is` accepts among those of this hash.
    #[inline]
    pub(super) fn find(&self, hash: u32, is: impl Fn(&Place) -> bool) -> Option<&Place> {
        self.0.find(spread(hash), |place| place.hash == hash && is(place))
    }

    #[inline]
    pub(super) fn find_mut(
        &mut self,
        hash: u32,
        is: impl Fn(&Place) -> bool,
    ) -> Option<&mut Place> {
        self.0.find_mut(spread(hash), |place| place.hash == hash && is(place))
    }

    /// Adds a place. Before the table would grow, those in deltas older than `oldest` go.
    pub(super) fn insert(&mut self, place: Place, oldest: Generation) {
        if self.0.len() == self.0.capacity() {
            self.0.retain(|place| place.generation >= oldest);
            // Else the next few would have it looked through again.
            if self.0.len() > self.0.capacity() / 2 {
                self.0.reserve(self.0.len() + 1, |other| spread(other.hash));
            }
        }
        self.0.insert_unique(spread(place.hash), place, |other| spread(other.hash));
    }
}

/// The table takes a place from the lowest and a tag from the highest bits.
#[inline]
pub(super) fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_deltas_that_are_gone_make_room_and_the_others_stay() {
        let (things, deltas) = (1_000, 50);
        let place = |generation, slot: u32| Place { hash: slot * 7, generation, slot };
        let mut places = Places::default();
        for generation in 0..deltas {
            for slot in 0..things {
                places.insert(place(generation, slot), generation.saturating_sub(1));
            }
        }
        for generation in deltas - 2..deltas {
            for slot in 0..things {
                let wanted = place(generation, slot);
                assert_eq!(places.find(wanted.hash, |found| *found == wanted), Some(&wanted));
            }
        }
        assert!(places.0.capacity() < 10 * things as usize, "{}", places.0.capacity());
    }
}
