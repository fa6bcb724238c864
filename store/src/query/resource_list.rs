//! Resources, one row each: scanned by their states, of which only the page's are described.
//!
//! Under the lock come the resources that the live delta touched; all others stand still, and are
//! looked through without it. Where resources are named, they are looked up, all under the lock.

use super::page_request::Direction;
use super::pin::{Pin, PinRequest};
use super::resource_best::{Best, Candidate};
use super::resource_conditions::{Conditions, texts};
use super::resource_events::SealedEvents;
use super::resource_request::{ResourcePage, ResourceRequest};
use super::resource_row::{FoundResource, ResourceRow};
use super::search::Search;
use super::work::Work;
use super::workspace::WorkspaceReader;
use crate::StoreError;
use crate::catalog::VisitedResource;
use crate::packed::CodeSet;
use crate::partition::{WorkspaceLive, WorkspaceSealed};

/// What comes from under the lock.
struct Live {
    conditions: Conditions,
    best: Best,
    /// Resources whose sealed state is out of date.
    touched: CodeSet,
}

impl WorkspaceReader {
    /// One page of resources, one row each.
    pub fn resources(&self, request: &ResourceRequest<'_>) -> Result<ResourcePage, StoreError> {
        let filter = request.filter.of_rows();
        let (workspace, budget) = (self.id.as_str(), request.budget);
        let restriction = self.restriction();
        if restriction.is_some_and(|restriction| restriction.actor.is_some()) {
            // A resource's creator and last editor are other people too.
            return Err(StoreError::Restricted);
        }
        let only = restriction.and_then(|restriction| restriction.resource.as_ref());
        let pin = PinRequest { workspace, filter: &filter, restriction, snapshot: None, budget };
        let live =
            |search: &mut Search<'_>, now: &WorkspaceLive<'_>| look((request, only), search, now);
        let Some((mut pin, live)) = Pin::new(&self.store, pin, live)? else {
            return Ok(ResourcePage::default());
        };
        let (mut search, sealed) = pin.search();
        let best = scan(live, &mut search)?;
        let mut found = sort(best.into_kept(), sealed)?;
        if request.direction == Direction::Newer {
            found.reverse();
        }
        let more = found.len() > request.limit;
        found.truncate(request.limit);
        if request.direction == Direction::Newer {
            found.reverse();
        }
        let snapshot = pin.snapshot();
        let rows = self.describe(found, &pin.sealed, &mut pin.work)?;
        Ok(ResourcePage { rows, more, snapshot })
    }

    /// Adds to resources what their events and the catalog say.
    pub(super) fn describe(
        &self,
        mut found: Vec<FoundResource>,
        sealed: &WorkspaceSealed,
        work: &mut Work,
    ) -> Result<Vec<ResourceRow>, StoreError> {
        let groups = sealed.groups.iter();
        let layers: Vec<_> = groups.map(|of| of.segment.layer_of(of.group)).collect();
        let catalog = sealed.catalog.view();
        let groups: Vec<_> = layers.iter().map(|layer| layer.records(catalog)).collect();
        SealedEvents::new(sealed, &groups, self.store.shared.log_id).complete(&mut found)?;
        let described = self.store.with_live(self.id.as_str(), |now| {
            found.into_iter().map(|resource| resource.describe(&now.catalog, work)).collect()
        });
        described.unwrap_or_else(|| Ok(Vec::new()))
    }
}

/// The resources that the live delta touched.
fn look(
    (request, only): (&ResourceRequest<'_>, Option<&(String, String)>),
    search: &mut Search<'_>,
    now: &WorkspaceLive<'_>,
) -> Result<Live, StoreError> {
    let mut conditions = Conditions::new(request, &now.catalog, search.work)?;
    if let Some(only) = only {
        conditions = conditions.confined_to(only, &now.catalog, search.work)?;
    }
    // One more tells whether there is more.
    let mut best = Best::new(request.direction, request.limit.saturating_add(1));
    let mut touched = Vec::new();
    let mut offer = |resource: VisitedResource<'_>| {
        let VisitedResource { code, last, .. } = resource;
        if !best.admits(last.effective_at) {
            return search.work.step(1);
        }
        if let Some(state) = conditions.test(&resource, search)? {
            let (resource_type, id) = texts(&now.catalog, code)?;
            let (resource_type, id) = (resource_type.to_owned(), id.to_owned());
            let (creation, last_edit) = (None, None);
            let found = FoundResource { code, resource_type, id, state, creation, last_edit };
            let live = Some(Box::new(found));
            best.offer(Candidate { last_at: last.effective_at, code, live });
        }
        Ok(())
    };
    match conditions.only() {
        Some(named) => named.iter().try_for_each(|code| offer(now.catalog.visited_resource(code)?)),
        None => now.catalog.for_each_live_resource(|resource| {
            touched.push(resource.code);
            offer(resource)
        }),
    }?;
    for candidate in best.prune().iter_mut().filter_map(|candidate| candidate.live.as_mut()) {
        candidate.find_live_events(&now.chunks);
    }
    Ok(Live { conditions, best, touched: touched.into_iter().collect() })
}

/// All the others: those that a name search has found, or each.
fn scan(live: Live, search: &mut Search<'_>) -> Result<Best, StoreError> {
    let Live { conditions, mut best, touched } = live;
    // What is named was looked up before.
    if conditions.only().is_some() || search.is_empty() {
        return Ok(best);
    }
    let view = search.view;
    let resources = view.lengths().resources;
    let mut offer = |resource: &VisitedResource<'_>, search: &mut Search<'_>| {
        let VisitedResource { code, last, .. } = *resource;
        let last_at = last.effective_at;
        if !best.admits(last_at) || touched.contains(code) {
            return search.work.step(1);
        }
        if conditions.test(resource, search)?.is_some() {
            best.offer(Candidate { last_at, code, live: None });
        }
        Ok(())
    };
    if search.is_worth_finding(f64::from(resources)) {
        search.find_names()?;
    }
    match search.found_resources()? {
        Some(named) => {
            for code in named.iter().filter(|code| *code < resources) {
                offer(&view.visited_resource(code)?, search)?;
            }
        }
        None => view.for_each_sealed_resource(|resource| offer(&resource, search))?,
    }
    Ok(best)
}

/// Candidates in the order of a page.
fn sort(
    candidates: Vec<Candidate>,
    sealed: &WorkspaceSealed,
) -> Result<Vec<FoundResource>, StoreError> {
    let view = sealed.catalog.view();
    let find = |Candidate { code, live, .. }: Candidate| match live {
        Some(live) => Ok(*live),
        None => {
            let (resource_type, id) = texts(&view, code)?;
            let (resource_type, id) = (resource_type.to_owned(), id.to_owned());
            let state = view.resource_state(code)?;
            let (creation, last_edit) = (None, None);
            Ok(FoundResource { code, resource_type, id, state, creation, last_edit })
        }
    };
    let found = candidates.into_iter().map(find).collect::<Result<Vec<_>, StoreError>>();
    let mut found = found?;
    found.sort_by(|a, b| {
        let by_time = b.state.last.effective_at.cmp(&a.state.last.effective_at);
        by_time.then_with(|| (&a.resource_type, &a.id).cmp(&(&b.resource_type, &b.id)))
    });
    Ok(found)
}
