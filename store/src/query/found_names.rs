//! The names that a search has found: those that may match, and those that do.

use std::sync::Arc;

use super::name_resolution::{Candidates, VERIFY_NANOS};
use super::name_set::NameSet;
use crate::StoreError;
use crate::catalog::{NameRing, NamesView};
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
    pub(super) names: NameSet,
    pub(super) candidates: Candidates,
}

/// Names that match.
pub(super) struct Found {
    /// Every name that a row up to the seal may bear, and matches then.
    pub(super) names: NameSet,
    /// Whether every row that names one of the resources matches.
    pub(super) exactly: bool,
    /// Names up to the seal that match by their text.
    pub(super) matching: Vec<u32>,
    /// The resources that bear a matching name, if their lists are worth looking at.
    pub(super) resources: Option<Arc<CodeSet>>,
}

impl Hint {
    pub(super) fn new(
        candidates: Candidates,
        (names, roots): (u32, &[u32]),
        ring: Option<&NameRing>,
    ) -> Self {
        let mut set = NameSet::new(names);
        add(&mut set, &candidates.codes, ring);
        add(&mut set, roots, ring);
        Self { names: set, candidates }
    }

    /// What verifying them all would cost.
    pub(super) fn verify_nanos(&self) -> u64 {
        self.candidates.codes.len() as u64 * VERIFY_NANOS
    }
}

impl Found {
    /// From all that match up to the seal and since.
    pub(super) fn new(
        matching: Vec<u32>,
        live: &LiveMatches,
        ring: Option<&NameRing>,
        names: &mut NamesView<'_>,
        sealed: u32,
    ) -> Result<Self, StoreError> {
        let mut set = NameSet::new(sealed);
        add(&mut set, &matching, ring);
        let resources = match matching.len() <= LISTED_MAX {
            true => matching.iter().map(|name| names.resource(*name)).collect::<Result<_, _>>()?,
            false => Vec::new(),
        };
        let is_listed = resources.len() == matching.len();
        let resources = is_listed.then(|| Arc::new(resources.into_iter().collect()));
        let mut found = Self { names: set, exactly: ring.is_some(), matching, resources };
        found.add_live(live, ring);
        Ok(found)
    }

    /// Adds what came since the seal.
    pub(super) fn add_live(&mut self, live: &LiveMatches, ring: Option<&NameRing>) {
        add(&mut self.names, &live.roots, ring);
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
        for name in &self.matching {
            all.push(names.resource(*name)?);
        }
        Ok(all.into_iter().collect())
    }
}

/// Adds names to a set; with a ring, also the other names of their resources.
pub(super) fn add(set: &mut NameSet, names: &[u32], ring: Option<&NameRing>) {
    for name in names {
        set.insert(*name);
        for other in ring.into_iter().flat_map(|ring| ring.others(*name)) {
            set.insert(other);
        }
    }
}
