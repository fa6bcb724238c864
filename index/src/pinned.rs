//! One workspace's names as of a commit: bounds from document frequencies, candidates from
//! postings. Tantivy's queries and collectors are passed by: they cost more than the answer.

use std::cell::RefCell;
use std::sync::Arc;

use annals_store::{NameIndexError, PinnedNames};

use tantivy::postings::TermInfo;

use crate::IndexError;
use crate::grams::needed_grams;
use crate::snapshot::{Coverage, Snapshot};

/// One candidate in so many codes, and marking them costs less than sorting.
const CODES_PER_MARK: usize = 128;

/// The names of one workspace, as of the pin. Cheap: it shares what the index has open.
#[derive(Clone)]
pub struct PinnedPartitionNames {
    snapshot: Arc<Snapshot>,
    coverage: Option<Coverage>,
    /// Of the question before: candidates are asked for right after their bound.
    looked_up: RefCell<Option<LookedUp>>,
}

/// The postings of the grams of some parts, by segment.
#[derive(Clone)]
struct LookedUp {
    parts: Vec<String>,
    terms: Vec<Option<Vec<TermInfo>>>,
}

/// A name that may fit, with what ranks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SizedCandidate {
    pub(crate) length: u32,
    pub(crate) code: u32,
}

impl PinnedPartitionNames {
    pub(crate) fn new(snapshot: Arc<Snapshot>, workspace: &str) -> Self {
        let coverage = snapshot.coverage(workspace);
        Self { snapshot, coverage, looked_up: RefCell::default() }
    }

    /// Codes below this are covered.
    pub fn covered(&self) -> u32 {
        self.coverage.map_or(0, |coverage| coverage.covered)
    }

    /// As [`PinnedNames::bound`]: in every segment the rarest gram of all parts counts.
    pub fn bound(&self, parts: &[&str]) -> Result<u32, IndexError> {
        let grams = needed_grams(parts);
        let Some(coverage) = self.coverage.filter(|_| !grams.is_empty()) else {
            return Ok(self.covered());
        };
        let mut terms = Vec::with_capacity(self.snapshot.segments.len());
        for segment in &self.snapshot.segments {
            terms.push(segment.terms_of(coverage.ordinal, &grams)?);
        }
        let rarest = |terms: &Vec<TermInfo>| terms.iter().map(|term| term.doc_freq).min();
        let bound = terms.iter().flatten().filter_map(rarest).sum();
        let parts = parts.iter().map(|part| (*part).to_owned()).collect();
        self.looked_up.replace(Some(LookedUp { parts, terms }));
        Ok(bound)
    }

    /// As [`PinnedNames::candidates`].
    pub fn candidates(&self, parts: &[&str]) -> Result<Vec<u32>, IndexError> {
        let grams = needed_grams(parts);
        let Some(coverage) = self.coverage.filter(|_| !grams.is_empty()) else {
            return Ok((0..self.covered()).collect());
        };
        let looked_up = self.looked_up.take().filter(|looked_up| looked_up.parts == parts);
        let mut known = looked_up.map(|looked_up| looked_up.terms.into_iter());
        let mut codes = Vec::new();
        for segment in &self.snapshot.segments {
            let terms = match known.as_mut().and_then(Iterator::next) {
                Some(terms) => terms,
                None => segment.terms_of(coverage.ordinal, &grams)?,
            };
            if let Some(terms) = terms {
                codes.append(&mut segment.codes(&segment.documents(terms, usize::MAX)?));
            }
        }
        Ok(ascending(codes, coverage.covered))
    }

    /// Adds names that may contain all `needles` to `found` until it holds `most`.
    pub(crate) fn gather(
        &self,
        needles: &[&str],
        most: usize,
        found: &mut Vec<SizedCandidate>,
    ) -> Result<(), IndexError> {
        let grams = needed_grams(needles);
        let Some(coverage) = self.coverage else {
            return Ok(());
        };
        for segment in &self.snapshot.segments {
            if let Some(terms) = segment.terms_of(coverage.ordinal, &grams)? {
                let documents = segment.documents(terms, most.saturating_sub(found.len()))?;
                let lengths = segment.lengths(&documents);
                let codes = segment.codes(&documents);
                let sized = lengths.into_iter().zip(codes);
                found.extend(sized.map(|(length, code)| SizedCandidate { length, code }));
            }
        }
        Ok(())
    }
}

/// Codes of several segments in order, each once. Many of them are marked in a bit set rather than
/// compared.
fn ascending(mut codes: Vec<u32>, covered: u32) -> Vec<u32> {
    if codes.is_sorted() {
        return codes;
    }
    if codes.len() < covered as usize / CODES_PER_MARK {
        codes.sort_unstable();
        return codes;
    }
    let mut marks = vec![0_u64; covered.div_ceil(64) as usize];
    for code in codes.drain(..) {
        if let Some(mark) = marks.get_mut(code as usize / 64) {
            *mark |= 1 << (code % 64);
        }
    }
    for (first, mut mark) in (0..).step_by(64).zip(marks) {
        while mark != 0 {
            codes.push(first + mark.trailing_zeros());
            mark &= mark - 1;
        }
    }
    codes
}

impl PinnedNames for PinnedPartitionNames {
    fn covered(&self) -> u32 {
        self.covered()
    }

    fn bound(&self, parts: &[&str]) -> Result<u32, NameIndexError> {
        Ok(self.bound(parts)?)
    }

    fn candidates(&self, parts: &[&str]) -> Result<Vec<u32>, NameIndexError> {
        Ok(self.candidates(parts)?)
    }

    fn suggest(
        &self,
        text: &str,
        limit: usize,
        name_of: &dyn Fn(u32) -> Option<String>,
    ) -> Result<Vec<u32>, NameIndexError> {
        Ok(self.suggest_with(text, limit, name_of)?)
    }
}
