//! Reading a page: hits found, their records read, and what is true of their resources now.

use std::sync::Arc;

use annals_schemas::Record;

use super::context::ContextTest;
use super::count::{CountMode, Total};
use super::merge::{Groups, Hit, Place, Sources, Stretch, merge};
use super::page_request::{Direction, Page, PageRequest};
use super::pin::{Pin, PinRequest};
use super::plan::Wanted;
use super::plan_report::{GroupPlace, GroupPlan, Plan};
use super::row::{Row, RowCodes};
use super::search::Search;
use super::walk::{Next, Walk};
use super::workspace::WorkspaceReader;
use crate::StoreError;
use crate::catalog::{NamesView, OrderKey};
use crate::partition::{TailRow, WorkspaceLive};
use crate::segment::{BlockCache, Gatherer, RowPlace};

/// What a stored row leaves out of its record, about.
const LEFT_OUT_BYTES: usize = 384;

/// Rows of which everything is looked up before the first is read.
const ROWS_AHEAD: usize = 64;

/// A matching row of the live tail.
pub(super) struct LiveHit {
    pub(super) key: OrderKey,
    pub(super) row: Arc<TailRow>,
}

/// The hits of a page before their records are read.
pub(super) struct Found {
    pub(super) pin: Pin,
    pub(super) live: Vec<LiveHit>,
    pub(super) hits: Vec<Hit>,
    pub(super) more: bool,
    pub(super) plan: Option<Plan>,
}

impl WorkspaceReader {
    /// One page.
    pub fn page(&self, request: &PageRequest<'_>) -> Result<Page, StoreError> {
        if let Some(test) = ContextTest::of(request.filter) {
            return self.context_page(request, &test, usize::MAX);
        }
        let Some(found) = self.find_page(request)? else { return Page::none(request) };
        let rows = self.rows_of(&found, usize::MAX)?;
        let Found { pin, more, plan, .. } = found;
        let snapshot = pin.snapshot();
        let total = match request.count {
            CountMode::None => None,
            mode => self.count(request.filter, Some(snapshot), mode, request.budget)?,
        };
        Ok(Page { rows, more, snapshot, total, plan })
    }

    /// A part of a walk towards older rows through a whole snapshot: a page that also ends with the
    /// row at which its records have reached so many bytes. Nothing is counted.
    pub fn stretch(&self, request: &PageRequest<'_>, max_bytes: usize) -> Result<Page, StoreError> {
        assert_eq!(request.direction, Direction::Older, "a stretch ends at its oldest row");
        if let Some(test) = ContextTest::of(request.filter) {
            return self.context_page(request, &test, max_bytes);
        }
        let Some(found) = self.find_page(request)? else { return Page::none(request) };
        let rows = self.rows_of(&found, max_bytes)?;
        let more = found.more || rows.len() < found.hits.len();
        Ok(Page { rows, more, snapshot: found.pin.snapshot(), total: None, plan: None })
    }

    /// Keys of a page's rows, newest first, without reading them.
    pub fn keys(&self, request: &PageRequest<'_>) -> Result<Vec<OrderKey>, StoreError> {
        if let Some(test) = ContextTest::of(request.filter) {
            let page = self.context_page(request, &test, usize::MAX)?;
            return Ok(page.rows.iter().map(Row::key).collect());
        }
        let found = self.find_page(request)?;
        Ok(found.map_or_else(Vec::new, |found| found.hits.iter().map(|hit| hit.key).collect()))
    }

    /// The rows behind the hits, with what is true of them now; not all if there are more bytes.
    pub(super) fn rows_of(&self, found: &Found, max_bytes: usize) -> Result<Vec<Row>, StoreError> {
        let (mut rows, codes) = self.read(found, max_bytes)?;
        self.complete(&mut rows, &codes, found)?;
        Ok(rows)
    }

    pub(super) fn find_page(&self, request: &PageRequest<'_>) -> Result<Option<Found>, StoreError> {
        let PageRequest { filter, direction, after, limit, snapshot, budget, explain, .. } =
            *request;
        // One more tells whether there is more.
        let limit = limit.saturating_add(1);
        let (workspace, restriction) = (self.id.as_str(), self.restriction());
        let pin = PinRequest { workspace, filter, restriction, snapshot, budget };
        let mut groups = explain.then(Vec::new);
        let pinned = Pin::new(&self.store, pin, |search, now| {
            let span = search.compiled.span.beyond(direction, after);
            let stretch = Stretch { span, direction, limit };
            live_hits(search, now, stretch, groups.as_mut())
        })?;
        let Some((mut pin, live)) = pinned else { return Ok(None) };
        let stretch =
            Stretch { span: pin.compiled.span.beyond(direction, after), direction, limit };
        let keys: Vec<OrderKey> = live.iter().map(|hit| hit.key).collect();
        let (mut search, sealed) = pin.search();
        let mut hits = if search.is_empty() {
            Vec::new()
        } else {
            let sources = Groups {
                sealed: Sources::new(sealed.groups.iter()),
                frozen: Sources::new(sealed.frozen.iter().map(|chunk| &**chunk)),
            };
            merge(&sources, &keys, stretch, &mut search, groups.as_mut())?
        };
        let more = hits.len() >= limit;
        hits.truncate(limit - 1);
        if direction == Direction::Newer {
            hits.reverse();
        }
        let plan = match groups {
            None => None,
            Some(groups) => {
                let mut texts = NamesView::new(pin.sealed.catalog.view());
                let name = pin.names.as_ref().map(|names| names.report(&mut texts)).transpose()?;
                Some(Plan { name, groups, steps: pin.work.steps })
            }
        };
        Ok(Some(Found { pin, live, hits, more, plan }))
    }

    /// Reads the records behind the hits, with the codes that the catalog is asked by.
    fn read(
        &self,
        found: &Found,
        max_bytes: usize,
    ) -> Result<(Vec<Row>, Vec<RowCodes>), StoreError> {
        let room = found.hits.len().min(1 << 12);
        let (mut rows, mut all_codes) = (Vec::with_capacity(room), Vec::with_capacity(room));
        let mut bytes = 0_usize;
        let mut cache = BlockCache::default();
        let catalog = found.pin.sealed.catalog.view();
        let groups = found.pin.sealed.groups.iter();
        let layers: Vec<_> = groups.map(|of| of.segment.layer_of(of.group)).collect();
        let groups: Vec<_> = layers.iter().map(|layer| layer.records(catalog)).collect();
        let log_id = self.store.shared.log_id;
        let mut gatherer = Gatherer::new(&groups, (&self.id, log_id), catalog);
        for hits in found.hits.chunks(ROWS_AHEAD) {
            let gathered = gatherer.gather(hits.iter().filter_map(sealed_place))?;
            let mut number = 0;
            for hit in hits {
                let (row, codes, size) = match hit.place {
                    Place::Sealed { .. } => {
                        let read = gatherer.event(&gathered, number, &mut cache)?;
                        let codes = RowCodes::gathered(gathered.codes(number));
                        number += 1;
                        let place = (read.position, read.timestamp_ms);
                        let size = read.stored_bytes + LEFT_OUT_BYTES;
                        (Row::with_event(hit.key, place, read.event), codes, size)
                    }
                    Place::Live(_) | Place::Frozen { .. } => {
                        let (record, codes) = self.record_of(found, hit, &mut cache)?;
                        (Row::of(hit.key, &record, &log_id)?, codes, record.size_bytes())
                    }
                };
                rows.push(row);
                all_codes.push(codes);
                bytes = bytes.saturating_add(size);
                if bytes >= max_bytes {
                    return Ok((rows, all_codes));
                }
            }
        }
        Ok((rows, all_codes))
    }

    /// The record behind a hit. Hits that follow each other share the block that is kept.
    pub(super) fn record_of(
        &self,
        found: &Found,
        hit: &Hit,
        cache: &mut BlockCache,
    ) -> Result<(Record, RowCodes), StoreError> {
        let in_memory = |row: &TailRow| {
            let codes = row.visible().map(|visible| RowCodes::of(&visible.codes));
            (row.record.clone(), codes.expect("only visible rows are hits"))
        };
        match hit.place {
            Place::Live(number) => Ok(in_memory(&found.live[number].row)),
            Place::Frozen { group, row } => {
                Ok(in_memory(found.pin.sealed.frozen[group].record(row)))
            }
            Place::Sealed { group, row } => {
                let group = &found.pin.sealed.groups[group];
                let codes = RowCodes::at(&group.segment.rows(group.group)?, row);
                let catalog = found.pin.sealed.catalog.view();
                let found = group.segment.record(group.group, row, &catalog, cache)?;
                Ok((found.record, codes))
            }
        }
    }

    /// Adds what is true of the rows' actors and resources now.
    pub(super) fn complete(
        &self,
        rows: &mut [Row],
        codes: &[RowCodes],
        found: &Found,
    ) -> Result<(), StoreError> {
        let names = found.pin.names.as_ref().filter(|names| names.has_needle());
        self.complete_rows(rows, codes, names)
    }
}

impl Page {
    /// Of a workspace that has no record, or none again yet.
    pub(super) fn none(request: &PageRequest<'_>) -> Result<Self, StoreError> {
        if let Some(asked) = request.snapshot.filter(|seq| *seq > 0) {
            return Err(StoreError::NotCaughtUp { asked, reached: 0 });
        }
        let total = (request.count != CountMode::None).then_some(Total::NONE);
        Ok(Self { rows: Vec::new(), more: false, snapshot: 0, total, plan: None })
    }
}

fn sealed_place(hit: &Hit) -> Option<RowPlace> {
    match hit.place {
        Place::Sealed { group, row } => Some(RowPlace { key: hit.key, group, row }),
        Place::Live(_) | Place::Frozen { .. } => None,
    }
}

/// The first matching rows of the live tail in a stretch, in order.
fn live_hits(
    search: &mut Search<'_>,
    now: &WorkspaceLive<'_>,
    stretch: Stretch,
    mut report: Option<&mut Vec<GroupPlan>>,
) -> Result<Vec<LiveHit>, StoreError> {
    let Stretch { span, direction, limit } = stretch;
    let mut hits: Vec<LiveHit> = Vec::new();
    if search.is_empty() {
        return Ok(hits);
    }
    let compiled = search.compiled;
    for chunk in &now.chunks {
        let wanted = Wanted { range: span.rows(chunk), direction, hits: Some(limit) };
        if wanted.range.is_empty() {
            continue;
        }
        let mut walk = Walk::new(chunk, wanted, compiled, search)?;
        for _ in 0..limit {
            let Next::Row(row) = walk.next(search)? else { break };
            let record = chunk.record(row).clone();
            hits.push(LiveHit { key: crate::rows::Rows::key(*chunk, row), row: record });
        }
        if let Some(report) = &mut report {
            report.push(walk.report(GroupPlace::Live));
        }
    }
    match direction {
        Direction::Older => hits.sort_unstable_by_key(|hit| std::cmp::Reverse(hit.key)),
        Direction::Newer => hits.sort_unstable_by_key(|hit| hit.key),
    }
    hits.truncate(limit);
    Ok(hits)
}
