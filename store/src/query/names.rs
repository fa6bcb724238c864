//! Resources asked for by id or by name: which rows name one of them.
//!
//! A name condition is *resolved* (the matching names are found first) or *lazy* (the names of rows
//! are tested as the rows come, each once). It begins with what promises to cost less, and a lazy
//! one that has cost as much as resolving would is resolved after all. Both give the same verdicts.

use std::sync::Arc;

use super::compiled::Draft;
use super::filter::{NameFilter, NameScope};
use super::lookups::resource_of;
use super::name_resolution::{Matches, Resolution};
use super::plan_report::{NamePlan, NameTreatment};
use super::verdicts::Verdicts;
use super::work::Work;
use crate::StoreError;
use crate::catalog::{CatalogView, SearchedName};
use crate::names::{NameIndex, Needle};
use crate::packed::CodeSet;

/// What one name costs to test where it is met in a row, in nanoseconds.
const TEST_NANOS: u64 = 150;
/// A resolution this cheap is made at once.
const AT_ONCE_NANOS: u64 = 20_000;

/// What resources are asked for.
pub(crate) struct NameSearch {
    needle: Option<Needle>,
    scope: NameScope,
    /// Types asked for: they have to hold on the same resource.
    types: Option<CodeSet>,
    /// Resources asked for by id.
    given: Option<CodeSet>,
    snapshot: u64,
    answer: Answer,
    /// What has come since the seal: names, and resources that bear them.
    live: Matches,
    live_resources: CodeSet,
    resolution: Option<Resolution>,
    verdicts: Verdicts,
    tested: u64,
}

/// What is known of the names before any row is looked at.
enum Answer {
    /// A row names one of these resources, under whatever name.
    Resources(Arc<CodeSet>),
    /// A row bears one of these names.
    Names { names: CodeSet, resources: Arc<CodeSet> },
    /// Each name is tested when it is met.
    Lazy,
}

/// What a row's name condition is worth to a planner.
pub(super) enum Resolved {
    /// Lists of these resources hold every row. `exactly`: and no other row.
    Resources { resources: Arc<CodeSet>, exactly: bool },
    /// Rows are tested; this is the expected share of names that match.
    Lazy { share: f64 },
}

impl NameSearch {
    /// The part that needs no lock: names up to the seal.
    pub(super) fn new(
        draft: &Draft<'_>,
        name: Option<&NameFilter>,
        (view, index): (&CatalogView<'_>, Option<(&dyn NameIndex, &str)>),
        snapshot: u64,
        work: &mut Work,
    ) -> Result<Self, StoreError> {
        let needle = name.map(|name| Needle::new(&name.text, name.mode));
        let scope = name.map(|name| name.scope).unwrap_or_default();
        let mut search = Self {
            needle,
            scope,
            types: draft.asks_types().then(|| draft.types.iter().copied().collect()),
            given: draft.asks_ids().then(|| draft.resources.iter().copied().collect()),
            snapshot,
            answer: Answer::Lazy,
            live: Matches::default(),
            live_resources: std::iter::empty().collect(),
            resolution: None,
            verdicts: Verdicts::default(),
            tested: 0,
        };
        let Some(name) = name.filter(|_| search.given.is_none()) else {
            return Ok(search);
        };
        let resolution = Resolution::new(name, view, index);
        let cheap = resolution.cost_nanos() <= AT_ONCE_NANOS;
        search.resolution = Some(resolution);
        if cheap {
            search.resolve(view, work)?;
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
        if draft.asks_ids() {
            let given: CodeSet = draft.resources.iter().copied().collect();
            self.answer = self.of_given(&given, view, work)?;
            self.given = Some(given);
            return Ok(());
        }
        let Some(resolution) = &self.resolution else { return Ok(()) };
        let range = resolution.sealed_names()..view.lengths().names;
        if range.is_empty() {
            return Ok(());
        }
        let mut live = Matches::default();
        if let Some(needle) = &self.needle {
            let found = resolution.scan(range, view, work)?;
            for code in found {
                self.keep_match(code, needle, view, &mut live)?;
            }
        }
        self.live_resources = live.resources().collect();
        self.live = live;
        self.answer = match std::mem::replace(&mut self.answer, Answer::Lazy) {
            Answer::Lazy => Answer::Lazy,
            Answer::Resources(found) => {
                let all: CodeSet = found.iter().chain(self.live.resources()).collect();
                Answer::Resources(Arc::new(all))
            }
            Answer::Names { names, resources } => Answer::Names {
                names: names.iter().chain(self.live.names()).collect(),
                resources: Arc::new(resources.iter().chain(self.live.resources()).collect()),
            },
        };
        Ok(())
    }

    /// Finds the matching names up to the seal. `view` must know them; names that came since are
    /// known already.
    pub(super) fn resolve(
        &mut self,
        view: &CatalogView<'_>,
        work: &mut Work,
    ) -> Result<(), StoreError> {
        let Some(resolution) = &mut self.resolution else { return Ok(()) };
        let candidates = resolution.candidates(view, work)?;
        let Some(needle) = &self.needle else { return Ok(()) };
        let mut found = Matches::default();
        for code in candidates {
            self.keep_match(code, needle, view, &mut found)?;
        }
        if let Some(resolution) = &mut self.resolution {
            resolution.note_matched(found.len() + self.live.len());
        }
        let resources = Arc::new(found.resources().chain(self.live.resources()).collect());
        self.answer = match self.scope {
            NameScope::Ever => Answer::Resources(resources),
            NameScope::Event => {
                let names = found.names().chain(self.live.names()).collect();
                Answer::Names { names, resources }
            }
        };
        Ok(())
    }

    /// Notes a name if it matches and existed in the snapshot.
    fn keep_match(
        &self,
        code: u32,
        needle: &Needle,
        view: &CatalogView<'_>,
        matches: &mut Matches,
    ) -> Result<(), StoreError> {
        let name = view.searched_name(code)?;
        let fits = name.first_seq <= self.snapshot
            && name.is_named
            && needle.is_in(name.folded)
            && self.admits_type_of(name.resource, view)?;
        if fits {
            matches.push(code, name.resource);
        }
        Ok(())
    }

    fn admits_type_of(&self, resource: u32, view: &CatalogView<'_>) -> Result<bool, StoreError> {
        match &self.types {
            Some(types) => Ok(types.contains(view.resource_type(resource)?)),
            None => Ok(true),
        }
    }

    /// Which of the resources given by id fit, and under which names: they are few.
    fn of_given(
        &self,
        given: &CodeSet,
        view: &CatalogView<'_>,
        work: &mut Work,
    ) -> Result<Answer, StoreError> {
        let Some(needle) = &self.needle else {
            return Ok(Answer::Resources(Arc::new(given.iter().collect())));
        };
        let mut matches = Matches::default();
        for resource in given.iter() {
            let mut next = view.newest_name(resource)?;
            while let Some(code) = next {
                work.step(1)?;
                self.keep_match(code, needle, view, &mut matches)?;
                next = view.previous_name(code)?;
            }
        }
        let resources = Arc::new(matches.resources().collect());
        Ok(match self.scope {
            NameScope::Ever => Answer::Resources(resources),
            NameScope::Event => Answer::Names { names: matches.names().collect(), resources },
        })
    }

    /// Whether a resource of a row is one that is asked for. Codes are plain.
    #[inline]
    pub(super) fn admits(
        &mut self,
        (resource_type, name): (u32, u32),
        view: &CatalogView<'_>,
        work: &mut Work,
    ) -> Result<bool, StoreError> {
        if let Answer::Names { names, .. } = &self.answer {
            return Ok(names.contains(name));
        }
        if self.types.as_ref().is_some_and(|types| !types.contains(resource_type)) {
            return Ok(false);
        }
        match self.verdicts.get(name) {
            Some(verdict) => Ok(verdict),
            None => self.judge(name, view, work),
        }
    }

    #[cold]
    fn judge(
        &mut self,
        code: u32,
        view: &CatalogView<'_>,
        work: &mut Work,
    ) -> Result<bool, StoreError> {
        self.verdicts.reserve(view.lengths().names);
        let verdict = match (&self.answer, &self.needle) {
            (Answer::Resources(resources), _) => resources.contains(resource_of(view, code)?),
            (Answer::Names { names, .. }, _) => names.contains(code),
            (Answer::Lazy, None) => false,
            (Answer::Lazy, Some(needle)) => {
                self.tested += 1;
                work.step(1)?;
                self.test(code, needle, view)?
            }
        };
        self.verdicts.set(code, verdict);
        Ok(verdict)
    }

    /// Whether a name matches, or under scope `ever` any name of its resource.
    fn test(&self, code: u32, needle: &Needle, view: &CatalogView<'_>) -> Result<bool, StoreError> {
        let name = view.searched_name(code)?;
        let matches = |name: &SearchedName<'_>| {
            name.is_named && name.first_seq <= self.snapshot && needle.is_in(name.folded)
        };
        if matches(&name) {
            return Ok(true);
        }
        if self.scope == NameScope::Event {
            return Ok(false);
        }
        if self.live_resources.contains(name.resource) {
            return Ok(true);
        }
        let mut next = view.newest_name(name.resource)?;
        while let Some(other) = next {
            if other != code && matches(&view.searched_name(other)?) {
                return Ok(true);
            }
            next = view.previous_name(other)?;
        }
        Ok(false)
    }

    /// Whether testing names one by one has cost as much as finding them all would.
    #[inline]
    pub(super) fn is_due(&self) -> bool {
        matches!(self.answer, Answer::Lazy)
            && self.resolution.as_ref().is_some_and(|resolution| {
                self.tested.saturating_mul(TEST_NANOS) > resolution.cost_nanos()
            })
    }

    /// Whether resolving is cheaper than meeting so many rows.
    pub(super) fn is_worth_resolving(&self, rows: f64) -> bool {
        let Some(resolution) = &self.resolution else { return false };
        // Names repeat: of the rows met about half bear one not met before.
        let lazy = rows * TEST_NANOS as f64 / 2.0;
        matches!(self.answer, Answer::Lazy) && lazy > resolution.cost_nanos() as f64
    }

    /// What the planner may rely on.
    pub(super) fn resolved(&self) -> Resolved {
        match &self.answer {
            Answer::Resources(resources) => {
                Resolved::Resources { resources: resources.clone(), exactly: true }
            }
            Answer::Names { resources, .. } => {
                Resolved::Resources { resources: resources.clone(), exactly: false }
            }
            Answer::Lazy => {
                let share = self.resolution.as_ref().and_then(Resolution::share);
                Resolved::Lazy { share: share.unwrap_or(0.2) }
            }
        }
    }

    /// Whether no row can match.
    pub(super) fn is_empty(&self) -> bool {
        match &self.answer {
            Answer::Resources(resources) | Answer::Names { resources, .. } => resources.is_empty(),
            Answer::Lazy => false,
        }
    }

    /// The name that made a resource match, given the one it bears in the event: its own if that
    /// matches; otherwise its newest one that does, where names of other events count.
    pub(super) fn matched_name(
        &self,
        resource: u32,
        own: Option<u32>,
        view: &CatalogView<'_>,
    ) -> Result<Option<u32>, StoreError> {
        let Some(needle) = &self.needle else { return Ok(None) };
        let is_asked = self.given.as_ref().is_none_or(|given| given.contains(resource));
        if !is_asked || !self.admits_type_of(resource, view)? {
            return Ok(None);
        }
        let fits = |code: u32| {
            let name = view.searched_name(code)?;
            let existed = name.is_named && name.first_seq <= self.snapshot;
            Ok::<_, StoreError>(existed && needle.is_in(name.folded))
        };
        if let Some(own) = own
            && fits(own)?
        {
            return Ok(Some(own));
        }
        if self.scope == NameScope::Event {
            return Ok(None);
        }
        let mut next = view.newest_name(resource)?;
        while let Some(code) = next {
            if fits(code)? {
                return Ok(Some(code));
            }
            next = view.previous_name(code)?;
        }
        Ok(None)
    }

    /// Whether names are asked for, and not only ids.
    pub(super) fn has_needle(&self) -> bool {
        self.needle.is_some()
    }

    /// Forgets what was resolved, so that rows are tested as they come until that has cost so much.
    #[cfg(test)]
    pub(super) fn forget(&mut self, cost_nanos: u64) {
        if let Some(resolution) = self.resolution.as_mut() {
            resolution.pretend_cost(cost_nanos);
            self.answer = Answer::Lazy;
        }
    }

    /// How the condition was treated.
    pub(super) fn report(&self) -> NamePlan {
        let resolution = self.resolution.as_ref();
        let count = |codes: &CodeSet| codes.len() as u64;
        let treatment = match &self.answer {
            Answer::Lazy => NameTreatment::Lazy,
            Answer::Resources(resources) | Answer::Names { resources, .. }
                if self.given.is_some() =>
            {
                NameTreatment::Given { resources: count(resources) }
            }
            Answer::Resources(resources) => NameTreatment::Resolved {
                names: resolution.map_or(0, Resolution::matched),
                resources: count(resources),
            },
            Answer::Names { names, resources } => {
                NameTreatment::Resolved { names: count(names), resources: count(resources) }
            }
        };
        NamePlan {
            bound: resolution.map_or(0, Resolution::bound),
            treatment,
            index_used: resolution.is_some_and(Resolution::has_index),
            covered: resolution.map_or(0, Resolution::covered),
            verified: self.tested + resolution.map_or(0, Resolution::verified),
        }
    }
}
