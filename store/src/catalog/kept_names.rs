//! Which names of a workspace bear a text, of texts that were asked for: a name never changes, so
//! that only names that have come since have to be looked at.
//!
//! One of these belongs to a workspace as long as its partition is open, whatever is sealed or
//! merged meanwhile: names keep their codes.

use std::sync::Arc;

use parking_lot::Mutex;
use roaring::RoaringBitmap;

use crate::names::NameMatch;
use crate::recent::Recent;

/// Bytes that are kept for one workspace.
const KEPT_BYTES_MAX: usize = 1 << 20;
/// A text counts for so many at least: texts are looked through one after the other.
const TEXT_BYTES_MIN: usize = 8 << 10;

/// How a text is looked for, and the text.
type Asked = (NameMatch, Box<str>);

/// Names by text.
#[derive(Debug)]
pub(crate) struct KeptNames(Mutex<Recent<Asked, Arc<BearingNames>>>);

/// The names that bear a text.
#[derive(Debug, PartialEq)]
pub(crate) struct BearingNames {
    codes: RoaringBitmap,
    /// Of names below it is known whether they do.
    end: u32,
}

impl Default for KeptNames {
    fn default() -> Self {
        Self(Mutex::new(Recent::new(KEPT_BYTES_MAX)))
    }
}

impl KeptNames {
    /// Those that bear a text, as far as that is known.
    pub(crate) fn get(&self, mode: NameMatch, text: &str) -> Option<Arc<BearingNames>> {
        self.0.lock().get(&(mode, text.into()))
    }

    /// Keeps which names below a limit bear a text.
    ///
    /// # Panics
    /// If the codes do not ascend.
    pub(crate) fn put(&self, mode: NameMatch, text: &str, codes: &[u32], end: u32) {
        let names = BearingNames::new(codes, end);
        let bytes = text.len() + names.codes.serialized_size();
        self.0.lock().put((mode, text.into()), Arc::new(names), bytes.max(TEXT_BYTES_MIN));
    }
}

impl BearingNames {
    fn new(codes: &[u32], end: u32) -> Self {
        let below = &codes[..codes.partition_point(|code| *code < end)];
        let codes = RoaringBitmap::from_sorted_iter(below.iter().copied()).expect("they ascend");
        Self { codes, end }
    }

    /// How many they are.
    pub(crate) fn count(&self) -> u64 {
        self.codes.len()
    }

    /// Of names below it is known whether they bear the text.
    pub(crate) fn end(&self) -> u32 {
        self.end
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
        kept.put(NameMatch::Contains, "vip", &codes, 200);
        let found = kept.get(NameMatch::Contains, "vip").unwrap();
        assert_eq!((found.end(), found.codes(200)), (200, codes.to_vec()));
        assert_eq!(found.count(), codes.len() as u64);
        assert_eq!(found.codes(128), [0, 63, 64, 127]);
        assert!(kept.get(NameMatch::Prefix, "vip").is_none());
        kept.put(NameMatch::Contains, "vip", &[300], 301);
        assert_eq!(kept.get(NameMatch::Contains, "vip").unwrap().codes(u32::MAX), [300]);
    }
}
