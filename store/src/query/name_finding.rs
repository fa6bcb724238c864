//! From a search text to the names that bear it, one step after the other: each is made only once
//! going on without it has cost as much.

use super::found_names::{Found, Hint};
use super::name_codes::NameCodes;
use super::name_resolution::{Candidates, Resolution};
use super::names::{Answer, NameSearch};
use super::work::Work;
use crate::StoreError;
use crate::catalog::NamesView;

/// So few candidates are verified at once.
const VERIFIED_AT_ONCE: usize = if cfg!(test) { 8 } else { 100 };

impl NameSearch {
    /// Goes on to what costs less from here: asks for candidates, and then verifies them. `names`
    /// must know those up to the seal; what came since is known already.
    pub(super) fn resolve(
        &mut self,
        names: &mut NamesView<'_>,
        work: &mut Work,
    ) -> Result<(), StoreError> {
        match self.answer {
            Answer::Found(_) => Ok(()),
            Answer::Hinted(_) => self.find(names, work),
            Answer::Lazy => self.ask(names, work),
        }
    }

    /// Asks for candidates. Few of them are verified at once, and all where nothing is left to
    /// verify.
    pub(super) fn ask(
        &mut self,
        names: &mut NamesView<'_>,
        work: &mut Work,
    ) -> Result<(), StoreError> {
        let Some(candidates) = self.candidates_of(false, names, work)? else { return Ok(()) };
        let is_verified = candidates.are_exact && self.asks_text_alone();
        if is_verified || candidates.codes.len() <= VERIFIED_AT_ONCE {
            return self.verify(candidates, names, work);
        }
        let sealed = self.resolution.as_ref().map_or(0, Resolution::sealed_names);
        self.keep(&candidates, sealed, names);
        let hint = Hint::new(candidates, (sealed, &self.live), self.ring.as_deref());
        self.judged_lazily = self.judged;
        self.answer = Answer::Hinted(hint);
        Ok(())
    }

    /// Finds all names that match.
    pub(super) fn find(
        &mut self,
        names: &mut NamesView<'_>,
        work: &mut Work,
    ) -> Result<(), StoreError> {
        let candidates = match &mut self.answer {
            Answer::Found(_) => return Ok(()),
            Answer::Hinted(hint) => std::mem::take(&mut hint.candidates),
            Answer::Lazy => match self.candidates_of(true, names, work)? {
                Some(candidates) => candidates,
                None => return Ok(()),
            },
        };
        self.verify(candidates, names, work)
    }

    /// Names up to the seal that may match: of those kept, or found anew.
    fn candidates_of(
        &mut self,
        thoroughly: bool,
        names: &mut NamesView<'_>,
        work: &mut Work,
    ) -> Result<Option<Candidates>, StoreError> {
        if let Some(kept) = self.kept(names, work)? {
            return Ok(Some(kept));
        }
        let found = self
            .resolution
            .as_mut()
            .map(|resolution| resolution.candidates(thoroughly, names.catalog(), work));
        found.transpose()
    }

    fn verify(
        &mut self,
        candidates: Candidates,
        names: &mut NamesView<'_>,
        work: &mut Work,
    ) -> Result<(), StoreError> {
        let Some(resolution) = &mut self.resolution else { return Ok(()) };
        if !candidates.codes.are_kept() || !candidates.are_exact {
            resolution.note_verified(candidates.codes.len());
            work.step(candidates.codes.len() as u64)?;
        }
        let sealed = resolution.sealed_names();
        let matching = self.matching(candidates, sealed, names)?;
        let found = Found::new(matching, &self.live, self.ring.as_deref(), names, sealed)?;
        self.answer = Answer::Found(found);
        Ok(())
    }

    /// Those of some candidates up to the seal that match.
    fn matching(
        &self,
        candidates: Candidates,
        sealed: u32,
        names: &mut NamesView<'_>,
    ) -> Result<NameCodes, StoreError> {
        let (needle, are_exact) = (&self.needle, candidates.are_exact);
        let needle = needle.as_ref().filter(|_| !are_exact);
        let mut bearing = candidates;
        if needle.is_some() || !self.knows_sealed {
            let mut codes = bearing.codes.into_vec();
            retain(&mut codes, |code| Ok(self.fits(&names.searched(code)?, needle)))?;
            bearing = Candidates { codes: NameCodes::Listed(codes), are_exact: true };
        }
        self.keep(&bearing, sealed, names);
        if self.types.is_none() {
            return Ok(bearing.codes);
        }
        let mut codes = bearing.codes.into_vec();
        retain(&mut codes, |code| {
            let resource = names.resource(code)?;
            self.admits_type_of(resource, names)
        })?;
        Ok(NameCodes::Listed(codes))
    }
}

/// Leaves out what is not to be kept.
fn retain(
    codes: &mut Vec<u32>,
    mut keeps: impl FnMut(u32) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let mut kept = 0;
    for at in 0..codes.len() {
        let code = codes[at];
        codes[kept] = code;
        kept += usize::from(keeps(code)?);
    }
    codes.truncate(kept);
    Ok(())
}
