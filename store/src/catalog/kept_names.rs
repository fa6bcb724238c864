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

/// Bytes that are kept for one workspace, and for each of its names: a hundred texts or so.
const KEPT_BYTES: (usize, usize) = (256 << 10, 32);
/// A text counts for so many beside its names: it may keep a few hundred resources.
const TEXT_BYTES: usize = 8 << 10;

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
        Self(Mutex::new(Recent::new(KEPT_BYTES.0)))
    }
}

impl KeptNames {
    /// Those that bear a text, or may, as far as that is known.
    pub(crate) fn get(&self, mode: NameMatch, text: &str) -> Option<Arc<BearingNames>> {
        self.0.lock().get(&(mode, text.into()))
    }

    /// Keeps which names below a limit bear a text.
    pub(crate) fn put(&self, mode: NameMatch, text: &str, names: BearingNames) {
        let sets = 2 * NameSet::bytes(names.end);
        let bytes = TEXT_BYTES + text.len() + names.codes.serialized_size() + sets;
        let mut kept = self.0.lock();
        kept.bound(KEPT_BYTES.0 + KEPT_BYTES.1 * names.end as usize);
        kept.put((mode, text.into()), Arc::new(names), bytes);
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

    /// Of names below it is known whether they bear the text.
    pub(crate) fn end(&self) -> u32 {
        self.end
    }

    /// All of them as a set; with a ring, which must be of the same names, also the other names of
    /// their resources.
    pub(crate) fn set(&self, ring: Option<&NameRing>) -> Arc<NameSet> {
        let set = self.sets[usize::from(ring.is_some())].get_or_init(|| {
            let mut set = NameSet::new(self.end);
            set.add(self.codes.iter(), ring);
            Arc::new(set)
        });
        set.clone()
    }

    /// Whether the set is there already: that with the other names of their resources, or without.
    pub(crate) fn has_set(&self, with_others: bool) -> bool {
        self.sets[usize::from(with_others)].get().is_some()
    }

    /// The resources that bear them.
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
