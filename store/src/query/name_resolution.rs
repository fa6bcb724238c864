//! Finding all names that may match: through an index where it covers them, by scanning the rest.

use std::ops::Range;

use super::filter::NameFilter;
use super::name_codes::NameCodes;
use super::work::Work;
use crate::StoreError;
use crate::catalog::{BearingNames, CatalogView};
use crate::names::{NameIndex, NameMatch, PinnedNames, fold_name};

/// What verifying a candidate costs, in nanoseconds.
pub(super) const VERIFY_NANOS: u64 = 100;
/// What a candidate costs that the index says, in nanoseconds.
const CANDIDATE_NANOS: u64 = if cfg!(test) { 0 } else { 15 };
/// What a name costs in a scan, in nanoseconds.
const SCAN_NANOS: u64 = 2;
/// What a match costs that a scan finds, in nanoseconds.
const MATCH_NANOS: u64 = 20;
/// What asking the index for candidates costs, however few there are, in nanoseconds.
const ASK_NANOS: u64 = if cfg!(test) { 0 } else { 8_000 };
/// Names since an earlier search that cost less than this are looked at without asking the index.
const NEAR_NANOS: u64 = ASK_NANOS + SCAN_NANOS;
/// What a name costs that is known from an earlier search, in nanoseconds.
const KNOWN_NANOS: u64 = 6;
/// Characters of the longest pieces that an index looks up as a whole.
const GRAM_CHARS: usize = 3;
/// Names scanned that count as one step.
const NAMES_PER_STEP: u32 = 16;

/// Names that may match.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    pub(super) codes: NameCodes,
    /// Whether their texts have been looked at.
    pub(super) are_exact: bool,
}

/// The way from a search text to names that may match. Names up to the seal are meant unless a
/// range is given.
pub(super) struct Resolution {
    /// Every match contains all of them. Folded, none empty.
    parts: Vec<String>,
    pinned: Option<Box<dyn PinnedNames>>,
    /// Names below are the index's.
    covered: u32,
    /// Upper bound for how many of those match.
    bound: u32,
    sealed_names: u32,
    /// Whether a name that contains the only part is a match.
    is_one_part: bool,
    /// Whether the index said which names may match.
    asked_index: bool,
    verified: u64,
    #[cfg(test)]
    pretended_cost: Option<u64>,
}

impl Resolution {
    pub(super) fn new(
        name: &NameFilter,
        view: &CatalogView<'_>,
        index: Option<(&dyn NameIndex, &str)>,
        known: Option<&BearingNames>,
    ) -> Self {
        let folded = fold_name(&name.text);
        let parts: Vec<String> = match name.mode {
            NameMatch::Contains => folded.split(' ').map(str::to_owned).collect(),
            NameMatch::Exact | NameMatch::Prefix => vec![folded],
        };
        let mut resolution = Self {
            parts: parts.into_iter().filter(|part| !part.is_empty()).collect(),
            pinned: None,
            covered: 0,
            bound: 0,
            sealed_names: view.lengths().names,
            is_one_part: false,
            asked_index: false,
            verified: 0,
            #[cfg(test)]
            pretended_cost: None,
        };
        let parts = resolution.parts.len();
        resolution.is_one_part = name.mode == NameMatch::Contains && parts == 1;
        let is_near = known.is_some_and(|known| resolution.since_nanos(known) < NEAR_NANOS);
        let is_asked = !is_near && !resolution.parts.is_empty();
        if let Some((index, workspace)) = index.filter(|_| is_asked) {
            resolution.pin(index, workspace);
        }
        resolution
    }

    /// Asks the index how many names can match. Without an answer everything is scanned.
    fn pin(&mut self, index: &dyn NameIndex, workspace: &str) {
        let parts: Vec<&str> = self.parts.iter().map(String::as_str).collect();
        let asked = index.pin(workspace).and_then(|pinned| {
            let bound = pinned.bound(&parts)?;
            Ok((pinned, bound))
        });
        match asked {
            Ok((pinned, bound)) => {
                self.covered = pinned.covered().min(self.sealed_names);
                self.bound = bound.min(self.covered);
                self.pinned = Some(pinned);
            }
            Err(error) => {
                tracing::warn!(%error, "the name index does not answer: names are scanned");
            }
        }
    }

    /// Codes of the names up to the seal that may match. `thoroughly` says that all of them will be
    /// verified: a scan has looked at their texts.
    pub(super) fn candidates(
        &mut self,
        thoroughly: bool,
        view: &CatalogView<'_>,
        work: &mut Work,
    ) -> Result<Candidates, StoreError> {
        let (mut codes, mut covered) = (Vec::new(), 0);
        let verifying = if thoroughly && self.is_one_part { self.verify_nanos() } else { 0 };
        if self.asking_nanos() + verifying < self.scanning_nanos() || self.parts.is_empty() {
            codes = self.of_index(work)?;
            covered = self.covered;
        }
        let are_exact = codes.is_empty() && self.is_one_part;
        codes.extend(self.scan(covered..self.sealed_names, view, work)?);
        Ok(Candidates { codes: NameCodes::Listed(codes), are_exact })
    }

    fn of_index(&mut self, work: &mut Work) -> Result<Vec<u32>, StoreError> {
        let Some(pinned) = self.pinned.as_ref().filter(|_| self.bound > 0) else {
            return Ok(Vec::new());
        };
        let parts: Vec<&str> = self.parts.iter().map(String::as_str).collect();
        match pinned.candidates(&parts) {
            Ok(mut codes) => {
                self.asked_index = true;
                work.step(codes.len() as u64)?;
                codes.retain(|code| *code < self.covered);
                Ok(codes)
            }
            Err(error) => {
                tracing::warn!(%error, "the name index does not answer: names are scanned");
                (self.covered, self.bound, self.pinned) = (0, 0, None);
                Ok(Vec::new())
            }
        }
    }

    /// Codes of the names of a range that may match.
    pub(super) fn scan(
        &self,
        range: Range<u32>,
        view: &CatalogView<'_>,
        work: &mut Work,
    ) -> Result<Vec<u32>, StoreError> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        work.step(u64::from((range.end - range.start).div_ceil(NAMES_PER_STEP)))?;
        match self.parts.iter().max_by_key(|part| part.len()) {
            Some(longest) => {
                let codes = view.names_containing(range, longest)?;
                work.step(codes.len() as u64)?;
                Ok(codes)
            }
            None => Ok(range.collect()),
        }
    }

    /// What asking for the candidates would cost.
    pub(super) fn cost_nanos(&self) -> u64 {
        #[cfg(test)]
        if let Some(cost) = self.pretended_cost {
            return cost;
        }
        let rest = u64::from(self.sealed_names - self.covered);
        self.asking_nanos().min(self.scanning_nanos()) + rest * SCAN_NANOS
    }

    /// The same, where it is known of names below a limit which bear the text or may: nothing, if
    /// rows have been tested against all of them before, with the other names of their resources or
    /// without.
    pub(super) fn kept_nanos(&self, known: &BearingNames, with_others: bool) -> u64 {
        match known.end() == self.sealed_names && known.has_set(with_others) {
            true => 0,
            false => known.count() * KNOWN_NANOS + self.since_nanos(known),
        }
    }

    /// Whether going on from what is known costs no more than asking anew.
    pub(super) fn is_worth_keeping_to(&self, known: &BearingNames, with_others: bool) -> bool {
        self.pinned.is_none() || self.kept_nanos(known, with_others) <= self.cost_nanos()
    }

    /// What looking at the names costs that have come since.
    fn since_nanos(&self, known: &BearingNames) -> u64 {
        u64::from(self.sealed_names.saturating_sub(known.end())) * SCAN_NANOS
    }

    /// What verifying all of them would cost.
    pub(super) fn verify_nanos(&self) -> u64 {
        u64::from(self.bound) * VERIFY_NANOS
    }

    /// What the names that the index covers cost, if it is asked.
    fn asking_nanos(&self) -> u64 {
        let asked = if self.bound > 0 { ASK_NANOS } else { 0 };
        asked + u64::from(self.bound) * CANDIDATE_NANOS
    }

    /// The same, if they are scanned: then their texts need not be looked at again.
    fn scanning_nanos(&self) -> u64 {
        u64::from(self.covered) * SCAN_NANOS + u64::from(self.bound) * MATCH_NANOS
    }

    /// Which share of the names matches at most, if that is known.
    pub(super) fn share(&self) -> Option<f64> {
        match self.parts.is_empty() {
            true => Some(1.0),
            false => {
                (self.covered > 0).then(|| f64::from(self.bound.max(1)) / f64::from(self.covered))
            }
        }
    }

    #[cfg(test)]
    pub(super) fn pretend_cost(&mut self, nanos: u64) {
        self.pretended_cost = Some(nanos);
    }

    /// Whether most candidates match: a longer part is looked up by its pieces.
    pub(super) fn is_tight(&self) -> bool {
        self.parts.iter().all(|part| part.chars().count() <= GRAM_CHARS)
    }

    pub(super) fn note_verified(&mut self, names: usize) {
        self.verified += names as u64;
    }

    pub(super) fn sealed_names(&self) -> u32 {
        self.sealed_names
    }

    pub(super) fn bound(&self) -> u64 {
        u64::from(self.bound) + u64::from(self.sealed_names - self.covered)
    }

    pub(super) fn covered(&self) -> u32 {
        self.covered
    }

    pub(super) fn asked_index(&self) -> bool {
        self.asked_index
    }

    pub(super) fn verified(&self) -> u64 {
        self.verified
    }
}
