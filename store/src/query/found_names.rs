//! The names that a search has found: those that may match, and those that do.

use std::sync::Arc;

use super::name_codes::NameCodes;
use super::name_resolution::{Candidates, VERIFY_NANOS};
use crate::StoreError;
use crate::catalog::{NameRing, NameSet, NamesView};
use crate::packed::CodeSet;

/// The lists of the resources of more names are not looked up: testing rows is cheaper.
pub(super) const LISTED_MAX: usize = 512;

/// Names that came since the seal and match, and the resources that bear them.
#[derive(Debug, Default)]
pub(super) struct LiveMatches {
    pub(super) names: Vec<u32>,
    pub(super) resources: Vec<u32>,
    /// A sealed name of each of those resources that has one; under scope `ever` only.
    pub(super) roots: Vec<u32>,
}

/// Names up to the seal that may match: all that do are among them.
pub(super) struct Hint {
    /// Every name that a matching row may bear.
    pub(super) names: Arc<NameSet>,
    pub(super) candidates: Candidates,
}

/// Names that match.
pub(super) struct Found {
    /// Every name that a row up to the seal may bear, and matches then.
    pub(super) names: Arc<NameSet>,
    /// Whether every row that names one of the resources matches.
    pub(super) exactly: bool,
    /// Names up to the seal that match by their text.
    pub(super) matching: NameCodes,
    /// The resources that bear a matching name, if their lists are worth looking at.
    pub(super) resources: Option<Arc<CodeSet>>,
}

impl Hint {
    /// From all that may match up to the seal, below `end`, and what came since.
    pub(super) fn new(
        candidates: Candidates,
        (end, live): (u32, &LiveMatches),
        ring: Option<&NameRing>,
    ) -> Self {
        let mut hint = Self { names: candidates.codes.set(end, ring), candidates };
        hint.add_live(live, ring);
        hint
    }

    /// Adds what came since the seal.
    pub(super) fn add_live(&mut self, live: &LiveMatches, ring: Option<&NameRing>) {
        live.add_roots(&mut self.names, ring);
    }

    /// What verifying them all would cost.
    pub(super) fn verify_nanos(&self) -> u64 {
        self.candidates.codes.len() as u64 * VERIFY_NANOS
    }
}

impl LiveMatches {
    fn add_roots(&self, set: &mut Arc<NameSet>, ring: Option<&NameRing>) {
        if !self.roots.is_empty() {
            Arc::make_mut(set).add(self.roots.iter().copied(), ring);
        }
    }
}

impl Found {
    /// From all that match up to the seal, below `end`, and since.
    pub(super) fn new(
        matching: NameCodes,
        live: &LiveMatches,
        ring: Option<&NameRing>,
        names: &mut NamesView<'_>,
        end: u32,
    ) -> Result<Self, StoreError> {
        let set = matching.set(end, ring);
        let resources = match matching.len() <= LISTED_MAX {
            true => Some(matching.resources(names)?),
            false => None,
        };
        let mut found = Self { names: set, exactly: ring.is_some(), matching, resources };
        found.add_live(live, ring);
        Ok(found)
    }

    /// Adds what came since the seal.
    pub(super) fn add_live(&mut self, live: &LiveMatches, ring: Option<&NameRing>) {
        live.add_roots(&mut self.names, ring);
        if !live.resources.is_empty()
            && let Some(resources) = &mut self.resources
        {
            let all = resources.iter().chain(live.resources.iter().copied());
            *resources = Arc::new(all.collect());
        }
    }

    /// The resources that bear a matching name. `names` must know those up to the seal.
    pub(super) fn all_resources(
        &self,
        live: &LiveMatches,
        names: &mut NamesView<'_>,
    ) -> Result<CodeSet, StoreError> {
        let mut all = live.resources.clone();
        for name in self.matching.codes().iter() {
            all.push(names.resource(*name)?);
        }
        Ok(all.into_iter().collect())
    }
}
