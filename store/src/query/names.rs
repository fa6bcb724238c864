//! Resources asked for by id or by name: which rows name one of them.
//!
//! A name condition is *lazy* (the names of rows are judged as the rows come, each once), *hinted*
//! (names that may match are known, and only rows that bear one are judged) or *found* (the names
//! that match are known, and a row is tested by one bit). It begins with what promises to cost
//! least, and goes on to the next as soon as judging has cost as much as that would. All give the
//! same verdicts.

use std::sync::Arc;

use super::compiled::Draft;
use super::filter::{NameFilter, NameScope};
use super::found_names::{Found, Hint, LiveMatches};
use super::name_codes::NameCodes;
use super::name_resolution::Resolution;
use super::verdicts::Verdicts;
use super::work::Work;
use crate::StoreError;
use crate::catalog::{BearingNames, CatalogView, NameRing, NameSet, NamesView, SearchedName};
use crate::names::{NameIndex, Needle};
use crate::packed::CodeSet;

/// Asking for candidates is made at once if it is this cheap.
const AT_ONCE_NANOS: u64 = 15_000;

/// What resources are asked for.
pub(crate) struct NameSearch {
    pub(super) needle: Option<Needle>,
    pub(super) scope: NameScope,
    /// Types asked for: they have to hold on the same resource.
    pub(super) types: Option<CodeSet>,
    /// Resources asked for by id.
    pub(super) given: Option<CodeSet>,
    pub(super) snapshot: u64,
    /// Whether every name up to the seal existed in the snapshot.
    pub(super) knows_sealed: bool,
    pub(super) answer: Answer,
    /// What has come since the seal.
    pub(super) live: LiveMatches,
    pub(super) live_resources: CodeSet,
    /// The other names of a resource, up to the seal. Under scope `ever` only.
    pub(super) ring: Option<Arc<NameRing>>,
    pub(super) resolution: Option<Resolution>,
    /// The names that bear the text or may, of those that were there when it was asked for before.
    pub(super) kept: Option<Arc<BearingNames>>,
    pub(super) verdicts: Verdicts,
    /// Names judged.
    pub(super) judged: u64,
    /// How many of them while it was lazy.
    pub(super) judged_lazily: u64,
}

/// What of the sealed names existed in a snapshot.
#[derive(Debug, Clone, Copy)]
pub(super) struct SealedWithin {
    /// Last seq of the snapshot.
    pub(super) snapshot: u64,
    /// Whether all of them did.
    pub(super) all: bool,
}

/// What is known of the names before any row is looked at.
pub(super) enum Answer {
    /// A row bears one of these names.
    Found(Found),
    /// A row bears one of these names, and it is judged when it is met.
    Hinted(Hint),
    /// Each name is judged when it is met.
    Lazy,
}

/// What a row's name condition is worth to a planner.
pub(super) enum Resolved {
    /// The names are known. `resources` are those that bear them, unless they are too many to look
    /// their lists up; `exactly`: their lists hold no other row.
    Found { resources: Option<Arc<CodeSet>>, exactly: bool, share: f64 },
    /// Of rows that bear a candidate the names are judged; this is the share of those.
    Hinted { share: f64 },
    /// The names of all rows are judged; this is the expected share of those that match.
    Lazy { share: f64 },
}

impl NameSearch {
    /// The part that needs no lock: names up to the seal.
    pub(super) fn new(
        draft: &Draft<'_>,
        name: Option<&NameFilter>,
        (view, index): (&CatalogView<'_>, Option<(&dyn NameIndex, &str)>),
        within: SealedWithin,
        work: &mut Work,
    ) -> Result<Self, StoreError> {
        let needle = name.map(|name| Needle::new(&name.text, name.mode));
        let scope = name.map(|name| name.scope).unwrap_or_default();
        let mut search = Self {
            needle,
            scope,
            types: draft.asks_types().then(|| draft.types.iter().copied().collect()),
            given: draft.asks_ids().then(|| draft.resources.iter().copied().collect()),
            snapshot: within.snapshot,
            knows_sealed: within.all,
            answer: Answer::Lazy,
            live: LiveMatches::default(),
            live_resources: std::iter::empty().collect(),
            ring: None,
            resolution: None,
            kept: None,
            verdicts: Verdicts::default(),
            judged: 0,
            judged_lazily: 0,
        };
        let Some(name) = name.filter(|_| search.given.is_none()) else {
            return Ok(search);
        };
        if scope == NameScope::Ever {
            search.ring = Some(view.name_ring()?);
        }
        if let Some(needle) = &search.needle {
            let (mode, text) = needle.asked();
            search.kept = view.kept_names().get(mode, text);
        }
        let others = search.ring.is_some();
        let resolution = Resolution::new(name, view, index, search.kept.as_deref());
        search.kept.take_if(|known| !resolution.is_worth_keeping_to(known, others));
        search.resolution = Some(resolution);
        if search.asking_nanos().is_some_and(|nanos| nanos <= AT_ONCE_NANOS) {
            search.ask(&mut NamesView::new(*view), work)?;
        }
        Ok(search)
    }

    /// Takes in what has come since the seal: under the lock.
    pub(super) fn extend(
        &mut self,
        draft: &Draft<'_>,
        view: &CatalogView<'_>,
        snapshot: u64,
        work: &mut Work,
    ) -> Result<(), StoreError> {
        self.snapshot = snapshot;
        self.types = draft.asks_types().then(|| draft.types.iter().copied().collect());
        let names = &mut NamesView::new(*view);
        if draft.asks_ids() {
            let given: CodeSet = draft.resources.iter().copied().collect();
            self.answer = Answer::Found(self.of_given(&given, names, work)?);
            self.given = Some(given);
            return Ok(());
        }
        let (Some(resolution), Some(needle)) = (&self.resolution, &self.needle) else {
            return Ok(());
        };
        let sealed = resolution.sealed_names();
        let range = sealed..view.lengths().names;
        if range.is_empty() {
            return Ok(());
        }
        let mut live = LiveMatches::default();
        for code in resolution.scan(range, view, work)? {
            if self.is_match(code, needle, names)? {
                live.names.push(code);
                live.resources.push(names.resource(code)?);
            }
        }
        if self.scope == NameScope::Ever {
            for name in &live.names {
                live.roots.extend(sealed_name_before(*name, sealed, view)?);
            }
        }
        self.live_resources = live.resources.iter().copied().collect();
        self.live = live;
        let ring = self.ring.as_deref();
        match &mut self.answer {
            Answer::Found(found) => found.add_live(&self.live, ring),
            Answer::Hinted(hint) => hint.add_live(&self.live, ring),
            Answer::Lazy => {}
        }
        Ok(())
    }

    /// Whether every name up to the seal that bears the text matches.
    pub(super) fn asks_text_alone(&self) -> bool {
        self.knows_sealed && self.types.is_none()
    }

    /// Whether a name bears the text, existed in the snapshot, and its resource is of a type asked
    /// for.
    pub(super) fn is_match(
        &self,
        code: u32,
        needle: &Needle,
        names: &mut NamesView<'_>,
    ) -> Result<bool, StoreError> {
        let name = names.searched(code)?;
        Ok(self.fits(&name, Some(needle)) && self.admits_type_of(name.resource, names)?)
    }

    /// Whether a name existed in the snapshot and bears the text, if that is asked.
    #[inline]
    pub(super) fn fits(&self, name: &SearchedName<'_>, needle: Option<&Needle>) -> bool {
        name.is_named
            && name.first_seq <= self.snapshot
            && needle.is_none_or(|needle| needle.is_in(name.folded))
    }

    pub(super) fn admits_type_of(
        &self,
        resource: u32,
        names: &mut NamesView<'_>,
    ) -> Result<bool, StoreError> {
        match &self.types {
            Some(types) => Ok(types.contains(names.resource_type(resource)?)),
            None => Ok(true),
        }
    }

    /// The names of the resources given by id, as far as they fit: they are few.
    fn of_given(
        &self,
        given: &CodeSet,
        names: &mut NamesView<'_>,
        work: &mut Work,
    ) -> Result<Found, StoreError> {
        let (exactly, view) = (self.scope == NameScope::Ever, *names.catalog());
        let mut set = NameSet::new(view.lengths().names);
        let (mut matching, mut resources) = (Vec::new(), Vec::new());
        for resource in given.iter() {
            let (mut chain, before) = (Vec::new(), matching.len());
            let mut next = view.newest_name(resource)?;
            while let Some(code) = next {
                work.step(1)?;
                chain.push(code);
                let fits = match &self.needle {
                    Some(needle) => self.is_match(code, needle, names)?,
                    None => true,
                };
                matching.extend(fits.then_some(code));
                next = view.previous_name(code)?;
            }
            if matching.len() > before {
                resources.push(resource);
                let all = if exactly { &chain[..] } else { &matching[before..] };
                all.iter().for_each(|code| set.insert(*code));
            }
        }
        let resources = Some(Arc::new(resources.into_iter().collect()));
        let (names, matching) = (Arc::new(set), NameCodes::Listed(matching));
        Ok(Found { names, exactly, matching, resources })
    }
}

/// The newest name up to the seal of the resource that bears this one: itself if it is so old.
pub(super) fn sealed_name_before(
    name: u32,
    sealed: u32,
    view: &CatalogView<'_>,
) -> Result<Option<u32>, StoreError> {
    let mut name = Some(name);
    while let Some(code) = name.filter(|code| *code >= sealed) {
        name = view.previous_name(code)?;
    }
    Ok(name)
}
