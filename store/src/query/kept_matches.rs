//! Names that were found before: of a text that is asked for again only what has come since is
//! looked at.

use super::name_codes::NameCodes;
use super::name_resolution::Candidates;
use super::names::NameSearch;
use super::work::Work;
use crate::StoreError;
use crate::catalog::{BearingNames, NamesView};

impl NameSearch {
    /// The names up to the seal that bear the text or may, if it was asked for before.
    pub(super) fn kept(
        &self,
        names: &mut NamesView<'_>,
        work: &mut Work,
    ) -> Result<Option<Candidates>, StoreError> {
        let (Some(known), Some(resolution)) = (&self.kept, &self.resolution) else {
            return Ok(None);
        };
        let (sealed, are_exact) = (resolution.sealed_names(), known.are_exact());
        if known.end() == sealed {
            let codes = NameCodes::Kept(known.clone());
            return Ok(Some(Candidates { codes, are_exact }));
        }
        let mut codes = known.codes(sealed);
        for code in resolution.scan(known.end()..sealed, names.catalog(), work)? {
            if !are_exact || self.fits(&names.searched(code)?, self.needle.as_ref()) {
                codes.push(code);
            }
        }
        Ok(Some(Candidates { codes: NameCodes::Listed(codes), are_exact }))
    }

    /// Keeps which names up to the seal bear the text, or may, if they are all of them: an older
    /// snapshot leaves names out. That none does the index says as soon.
    pub(super) fn keep(&self, candidates: &Candidates, sealed: u32, names: &NamesView<'_>) {
        let (Some(needle), NameCodes::Listed(codes)) = (&self.needle, &candidates.codes) else {
            return;
        };
        let (kept, (mode, text)) = (names.catalog().kept_names(), needle.asked());
        let is_known = || {
            kept.get(mode, text).is_some_and(|known| {
                known.end() >= sealed && (known.are_exact() || !candidates.are_exact)
            })
        };
        if self.knows_sealed && !codes.is_empty() && !is_known() {
            kept.put(mode, text, BearingNames::new(codes, sealed, candidates.are_exact));
        }
    }
}
