//! Pinning: a filter translated for one snapshot, and everything of a workspace it may have to look
//! into, seen at one moment.
//!
//! What is sealed is taken without holding the lock, and most of the translation is made with it.
//! Under the lock comes what is new since: the catalog's live delta, and the live tail's rows.
//! Should rows have moved in between, it is begun again, and the third time nothing happens without
//! the lock.

use super::budget::Budget;
use super::compiled::{Compiled, Draft};
use super::filter::Filter;
use super::names::{NameSearch, SealedWithin};
use super::restriction::Restriction;
use super::search::Search;
use super::work::Work;
use crate::StoreError;
use crate::catalog::NamesView;
use crate::names::NameIndex;
use crate::partition::{PartitionStore, WorkspaceLive, WorkspaceSealed};

/// How often it is tried without holding the lock all the time.
const TRIES: usize = 2;

/// A filter translated for a snapshot, with everything of the workspace that does not change.
pub(crate) struct Pin {
    pub(crate) compiled: Compiled,
    pub(super) names: Option<NameSearch>,
    pub(crate) sealed: WorkspaceSealed,
    pub(crate) work: Work,
}

/// What is to be pinned.
#[derive(Clone, Copy)]
pub(crate) struct PinRequest<'a> {
    pub(crate) workspace: &'a str,
    pub(crate) filter: &'a Filter,
    /// What may be seen at all.
    pub(crate) restriction: Option<&'a Restriction>,
    /// Last seq of the snapshot; the newest if absent.
    pub(crate) snapshot: Option<u64>,
    pub(crate) budget: Budget,
}

impl Pin {
    /// Pins, and calls `live` once under the lock for what it wants of the live tail.
    ///
    /// `None` before the workspace's first record.
    pub(crate) fn new<T>(
        store: &PartitionStore,
        request: PinRequest<'_>,
        live: impl FnOnce(&mut Search<'_>, &WorkspaceLive<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<(Self, T)>, StoreError> {
        let confined = request.restriction.map(|restriction| restriction.confine(request.filter));
        let filter = confined.as_ref().unwrap_or(request.filter);
        let request = PinRequest { filter, ..request };
        let mut live = Some(live);
        let mut work = Work::new(request.budget);
        for _ in 0..TRIES {
            let Some(sealed) = store.sealed(request.workspace) else { return Ok(None) };
            let mut prepared = Prepared::new(store, request, sealed, &mut work)?;
            let outcome = store.with_live(request.workspace, |now| {
                if now.version != prepared.sealed.version {
                    return Ok(None);
                }
                let Some(live) = live.take() else { return Ok(None) };
                prepared.finish(request, now, &mut work, live).map(Some)
            });
            match outcome {
                None => return Ok(None),
                Some(Ok(None)) => {}
                Some(Ok(Some((compiled, found)))) => {
                    let Prepared { names, sealed, .. } = prepared;
                    return Ok(Some((Self { compiled, names, sealed, work }, found)));
                }
                Some(Err(error)) => return Err(error),
            }
        }
        Self::under_lock(store, request, work, live)
    }

    fn under_lock<T>(
        store: &PartitionStore,
        request: PinRequest<'_>,
        mut work: Work,
        live: Option<impl FnOnce(&mut Search<'_>, &WorkspaceLive<'_>) -> Result<T, StoreError>>,
    ) -> Result<Option<(Self, T)>, StoreError> {
        let Some(live) = live else { return Ok(None) };
        let pinned = store.with_live(request.workspace, |now| {
            let mut prepared = Prepared::new(store, request, now.sealed.clone(), &mut work)?;
            let (compiled, found) = prepared.finish(request, now, &mut work, live)?;
            let Prepared { names, sealed, .. } = prepared;
            Ok((Self { compiled, names, sealed, work }, found))
        });
        pinned.transpose()
    }

    /// Last seq of the snapshot.
    pub(crate) fn snapshot(&self) -> u64 {
        self.compiled.snapshot
    }

    /// The filter at work on what is sealed, and the groups to walk.
    pub(super) fn search(&mut self) -> (Search<'_>, &WorkspaceSealed) {
        let search = Search {
            compiled: &self.compiled,
            names: self.names.as_mut(),
            view: self.sealed.catalog.view(),
            texts: NamesView::new(self.sealed.catalog.view()),
            work: &mut self.work,
            groups_left: 1,
            may_resolve: true,
        };
        (search, &self.sealed)
    }
}

/// What can be done without the lock.
struct Prepared<'f> {
    draft: Draft<'f>,
    names: Option<NameSearch>,
    sealed: WorkspaceSealed,
}

impl<'f> Prepared<'f> {
    fn new(
        store: &PartitionStore,
        request: PinRequest<'f>,
        sealed: WorkspaceSealed,
        work: &mut Work,
    ) -> Result<Self, StoreError> {
        let PinRequest { workspace, filter, snapshot, .. } = request;
        let view = sealed.catalog.view();
        let mut draft = Draft::new(filter);
        draft.read(&view, work)?;
        let asks = filter.name.is_some() || !filter.resource_ids.is_empty();
        let names = if asks {
            let index = store.names_index();
            let index = index.as_ref().map(|index| (&**index as &dyn NameIndex, workspace));
            // All that is sealed lies within the newest snapshot, which is not known yet.
            let snapshot = snapshot.unwrap_or(u64::MAX);
            let within = SealedWithin { snapshot, all: sealed.last_seq() <= snapshot };
            let name = filter.name.as_ref();
            Some(NameSearch::new(&draft, name, (&view, index), within, work)?)
        } else {
            None
        };
        Ok(Self { draft, names, sealed })
    }

    /// The rest of the translation, and what is wanted of the live tail: under the lock.
    fn finish<T>(
        &mut self,
        request: PinRequest<'_>,
        now: &WorkspaceLive<'_>,
        work: &mut Work,
        live: impl FnOnce(&mut Search<'_>, &WorkspaceLive<'_>) -> Result<T, StoreError>,
    ) -> Result<(Compiled, T), StoreError> {
        let snapshot = request.snapshot.unwrap_or(now.last_seq);
        if snapshot > now.last_seq {
            // INV-8: after a restart the tail is folded again; until then the walk has to wait.
            return Err(StoreError::NotCaughtUp { asked: snapshot, reached: now.last_seq });
        }
        self.draft.read(&now.catalog, work)?;
        if let Some(names) = &mut self.names {
            names.extend(&self.draft, &now.catalog, snapshot, work)?;
        }
        let compiled = self.draft.finish(snapshot);
        let mut search = Search {
            compiled: &compiled,
            names: self.names.as_mut(),
            view: now.catalog,
            texts: NamesView::new(now.catalog),
            work,
            groups_left: 1,
            may_resolve: false,
        };
        let found = live(&mut search, now)?;
        Ok((compiled, found))
    }
}
