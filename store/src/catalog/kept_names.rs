//! Which names of a workspace bear a text, or may, of texts that were asked for: a name never
//! changes, so that only names that have come since have to be looked at.
//!
//! One of these belongs to a workspace as long as its partition is open, whatever is sealed or
//! merged meanwhile: names keep their codes.

use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use roaring::RoaringBitmap;

use super::{NameRing, NameSet, NamesView};
use crate::StoreError;
use crate::names::NameMatch;
use crate::packed::CodeSet;
use crate::recent::Recent;

/// Bytes that are kept for a workspace without names.
const KEPT_BYTES_MIN: usize = 256 << 10;
/// Bytes more for each of its names: room for a few dozen texts, whatever their number.
const KEPT_BYTES_A_NAME: usize = 32;
/// A text counts for so many at least: texts are looked through one after the other.
const TEXT_BYTES_MIN: usize = 8 << 10;
/// What a few hundred resources take at most, but for a bit each of those between them.
const RESOURCES_BYTES: (usize, usize) = (2 << 10, 16 << 10);

/// How a text is looked for, and the text.
type Asked = (NameMatch, Box<str>);

/// Names by text.
#[derive(Debug)]
pub(crate) struct KeptNames(Mutex<Recent<Asked, Arc<BearingNames>>>);

/// The names that bear a text, or all that may.
#[derive(Debug)]
pub(crate) struct BearingNames {
    codes: RoaringBitmap,
    /// Of names below it is known whether they do.
    end: u32,
    are_exact: bool,
    /// What rows are tested against, once a search has needed it: without the other names of their
    /// resources, and with them.
    sets: [OnceLock<Arc<NameSet>>; 2],
    resources: OnceLock<Arc<CodeSet>>,
}

impl Default for KeptNames {
    fn default() -> Self {
        Self(Mutex::new(Recent::new(KEPT_BYTES_MIN)))
    }
}

impl KeptNames {
    /// Those that bear a text, or may, as far as that is known.
    pub(crate) fn get(&self, mode: NameMatch, text: &str) -> Option<Arc<BearingNames>> {
        self.0.lock().get(&(mode, text.into()))
    }

    /// Keeps which names below a limit bear a text, or may.
    pub(crate) fn put(&self, mode: NameMatch, text: &str, names: BearingNames) {
        let bytes = text.len() + names.bytes();
        let mut kept = self.0.lock();
        kept.bound(KEPT_BYTES_MIN + KEPT_BYTES_A_NAME * names.end as usize);
        kept.put((mode, text.into()), Arc::new(names), bytes.max(TEXT_BYTES_MIN));
    }
}

impl BearingNames {
    /// Of names below the limit those that bear a text, or all that may if they are not exact.
    ///
    /// # Panics
    /// If the codes do not ascend.
    pub(crate) fn new(codes: &[u32], end: u32, are_exact: bool) -> Self {
        let below = &codes[..codes.partition_point(|code| *code < end)];
        let codes = RoaringBitmap::from_sorted_iter(below.iter().copied()).expect("they ascend");
        Self { codes, end, are_exact, sets: Default::default(), resources: OnceLock::new() }
    }

    /// What they take with everything that searches may add.
    fn bytes(&self) -> usize {
        let set = NameSet::bytes(self.end);
        let resources = RESOURCES_BYTES.0 + set.min(RESOURCES_BYTES.1);
        self.codes.serialized_size() + self.sets.len() * set + resources
    }

    /// How many they are.
    pub(crate) fn count(&self) -> u64 {
        self.codes.len()
    }

    /// Which share of the names of which that is known they are.
    pub(crate) fn share(&self) -> f64 {
        self.count().max(1) as f64 / f64::from(self.end.max(1))
    }

    /// How many of the names below a limit bear the text at most.
    pub(crate) fn bound(&self, end: u32) -> u64 {
        self.count() + u64::from(end.saturating_sub(self.end))
    }

    /// Whether all of them bear the text.
    pub(crate) fn are_exact(&self) -> bool {
        self.are_exact
    }

    /// Of names below it is known whether they bear the text, or may.
    pub(crate) fn end(&self) -> u32 {
        self.end
    }

    /// All of them as a set; with a ring, which must be of the same names, also the other names of
    /// their resources.
    pub(crate) fn set(&self, ring: Option<&NameRing>) -> Arc<NameSet> {
        let set = self.sets[usize::from(ring.is_some())]
            .get_or_init(|| Arc::new(NameSet::of(self.codes.iter(), self.end, ring)));
        set.clone()
    }

    /// Whether the set is there already: that with the other names of their resources, or without.
    pub(crate) fn has_set(&self, with_others: bool) -> bool {
        self.sets[usize::from(with_others)].get().is_some()
    }

    /// The resources that bear them, if they are few.
    pub(crate) fn resources(&self, names: &mut NamesView<'_>) -> Result<Arc<CodeSet>, StoreError> {
        if let Some(resources) = self.resources.get() {
            return Ok(resources.clone());
        }
        let resources = names.resources_of(&self.codes(self.end))?;
        Ok(self.resources.get_or_init(|| Arc::new(resources)).clone())
    }

    /// Those below a limit, ascending.
    pub(crate) fn codes(&self, end: u32) -> Vec<u32> {
        let mut codes: Vec<u32> = self.codes.iter().collect();
        codes.truncate(codes.partition_point(|code| *code < end));
        codes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_below_what_is_asked() {
        let kept = KeptNames::default();
        let codes = [0, 63, 64, 127, 128, 199];
        kept.put(NameMatch::Contains, "vip", BearingNames::new(&codes, 200, true));
        let found = kept.get(NameMatch::Contains, "vip").unwrap();
        assert_eq!((found.end(), found.codes(200)), (200, codes.to_vec()));
        assert_eq!(found.count(), codes.len() as u64);
        assert_eq!(found.codes(128), [0, 63, 64, 127]);
        assert!(kept.get(NameMatch::Prefix, "vip").is_none());
        kept.put(NameMatch::Contains, "vip", BearingNames::new(&[300], 301, false));
        assert_eq!(kept.get(NameMatch::Contains, "vip").unwrap().codes(u32::MAX), [300]);
    }
}
