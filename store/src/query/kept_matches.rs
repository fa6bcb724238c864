//! Names that were found before: of a text that is asked for again only what has come since is
//! looked at.

use super::name_resolution::Candidates;
use super::names::NameSearch;
use super::work::Work;
use crate::StoreError;
use crate::catalog::NamesView;

impl NameSearch {
    /// The names up to the seal that bear the text, if it was asked for before.
    pub(super) fn kept(
        &self,
        names: &mut NamesView<'_>,
        work: &mut Work,
    ) -> Result<Option<Candidates>, StoreError> {
        let (Some(known), Some(resolution)) = (&self.kept, &self.resolution) else {
            return Ok(None);
        };
        let sealed = resolution.sealed_names();
        let mut codes = known.codes(sealed);
        for code in resolution.scan(known.end()..sealed, names.catalog(), work)? {
            if self.fits(&names.searched(code)?, self.needle.as_ref()) {
                codes.push(code);
            }
        }
        Ok(Some(Candidates { codes, are_exact: true }))
    }

    /// Keeps all names up to the seal that bear the text. That none does the index says as soon.
    pub(super) fn keep(&self, bearing: &[u32], sealed: u32, names: &NamesView<'_>) {
        let Some(needle) = &self.needle else { return };
        let (kept, (mode, text)) = (names.catalog().kept_names(), needle.asked());
        let is_known = || kept.get(mode, text).is_some_and(|known| known.end() >= sealed);
        if !bearing.is_empty() && !is_known() {
            kept.put(mode, text, bearing, sealed);
        }
    }
}
