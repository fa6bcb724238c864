//! Reading a page: hits found, their records read, and what is true of their resources now.

use std::sync::Arc;

use annals_schemas::{EventView, Record};

use super::completion::Completion;
use super::context::ContextTest;
use super::count::{CountMode, Total};
use super::merge::{Groups, Hit, Place, Sources, Stretch, merge};
use super::names::NameSearch;
use super::page_request::{Direction, Page, PageRequest, WalkPart};
use super::pin::{Pin, PinRequest};
use super::plan::Wanted;
use super::plan_report::{GroupPlace, GroupPlan, Plan};
use super::row::{RowCodes, RowView, event_of};
use super::search::Search;
use super::walk::{Next, Walk};
use super::workspace::WorkspaceReader;
use crate::StoreError;
use crate::catalog::{NamesView, OrderKey};
use crate::partition::{TailRow, WorkspaceLive};
use crate::segment::{BlockCache, GatheredRows, Gatherer, RowPlace};

/// What a stored row leaves out of its record, about.
const LEFT_OUT_BYTES: usize = 384;

/// Rows of a stretch that are looked up together.
const STRETCH_ROWS: usize = 256;

/// Rows whose blocks are fetched before the first is read.
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
        self.page_of(request, |row| row.to_row(&self.id))
    }

    /// One page of what `take` makes of each row, in the page's order, while it is lent.
    pub fn page_of<T>(
        &self,
        request: &PageRequest<'_>,
        mut take: impl FnMut(&RowView<'_>) -> T,
    ) -> Result<Page<T>, StoreError> {
        if let Some(test) = ContextTest::of(request.filter) {
            return self.context_page(request, &test, take);
        }
        let Some(found) = self.find_page(request)? else { return Page::none(request) };
        let rows = self.rows_of(&found, usize::MAX, &mut take)?;
        let Found { pin, more, plan, .. } = found;
        let snapshot = pin.snapshot();
        let total = match request.count {
            CountMode::None => None,
            mode => self.count(request.filter, Some(snapshot), mode, request.budget)?,
        };
        Ok(Page { rows, more, snapshot, total, plan })
    }

    /// A part of a walk towards older rows through a snapshot: at most as many rows as a page, and
    /// none after the one at which their records have reached so many bytes. It may have no row and
    /// not be the last. Nothing is counted.
    pub fn walk_part<T>(
        &self,
        request: &PageRequest<'_>,
        max_bytes: usize,
        mut take: impl FnMut(&RowView<'_>) -> T,
    ) -> Result<WalkPart<T>, StoreError> {
        assert_eq!(request.direction, Direction::Older, "a part ends at its oldest row");
        if let Some(test) = ContextTest::of(request.filter) {
            return self.context_part(request, &test, max_bytes, take);
        }
        let Some(found) = self.find_page(request)? else { return WalkPart::none(request) };
        let rows = self.rows_of(&found, max_bytes, &mut take)?;
        let more = found.more || rows.len() < found.hits.len();
        let last = rows.len().checked_sub(1).and_then(|last| found.hits.get(last));
        Ok(WalkPart { rows, after: last.map(|hit| hit.key).filter(|_| more) })
    }

    /// Keys of a page's rows, newest first, without reading them.
    pub fn keys(&self, request: &PageRequest<'_>) -> Result<Vec<OrderKey>, StoreError> {
        if let Some(test) = ContextTest::of(request.filter) {
            return Ok(self.context_page(request, &test, |row| row.key())?.rows);
        }
        let found = self.find_page(request)?;
        Ok(found.map_or_else(Vec::new, |found| found.hits.iter().map(|hit| hit.key).collect()))
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

    /// What `take` makes of the rows behind the hits, in their order; not all if there are more
    /// bytes. Rows come with what is true of them now.
    pub(super) fn rows_of<T>(
        &self,
        found: &Found,
        max_bytes: usize,
        take: &mut impl FnMut(&RowView<'_>) -> T,
    ) -> Result<Vec<T>, StoreError> {
        let catalog = found.pin.sealed.catalog.view();
        let groups = found.pin.sealed.groups.iter();
        let layers: Vec<_> = groups.map(|of| of.segment.layer_of(of.group)).collect();
        let groups: Vec<_> = layers.iter().map(|layer| layer.records(catalog)).collect();
        let workspace = (&self.id, self.store.shared.log_id);
        let gatherer = Gatherer::new(&groups, workspace, catalog);
        // What is true now is told of a page as of one moment. A stretch may end anywhere, and what
        // lies beyond its end is not looked up.
        let at_once = if max_bytes == usize::MAX { usize::MAX } else { STRETCH_ROWS };
        let mut reading = Reading { found, rows: Vec::new(), bytes: 0, max_bytes, take };
        for hits in found.hits.chunks(at_once) {
            let gathered = gatherer.gather(hits.iter().filter_map(sealed_place))?;
            let codes = found.codes(hits, &gathered);
            let completion = self.completion(&codes, found.names())?;
            reading.rows.reserve(hits.len());
            let is_full = reading.read(hits, (&gatherer, &gathered), (&codes, &completion))?;
            if is_full {
                break;
            }
        }
        Ok(reading.rows)
    }

    /// The record behind a hit. Hits that follow each other share the block that is kept.
    pub(super) fn record_of(
        &self,
        found: &Found,
        hit: &Hit,
        cache: &mut BlockCache,
    ) -> Result<(Record, RowCodes), StoreError> {
        if let Some(row) = found.in_memory(hit) {
            return Ok((row.record.clone(), codes_in_memory(row)));
        }
        let Place::Sealed { group, row } = hit.place else { unreachable!("or it is in memory") };
        let group = &found.pin.sealed.groups[group];
        let codes = RowCodes::at(&group.segment.rows(group.group)?, row);
        let catalog = found.pin.sealed.catalog.view();
        let found = group.segment.record(group.group, row, &catalog, cache)?;
        Ok((found.record, codes))
    }
}

/// Rows on their way from hits to whoever takes them.
struct Reading<'f, T, F> {
    found: &'f Found,
    rows: Vec<T>,
    bytes: usize,
    max_bytes: usize,
    take: &'f mut F,
}

impl<T, F: FnMut(&RowView<'_>) -> T> Reading<'_, T, F> {
    /// Reads the rows of some hits, of which all is known but what their records say. Whether there
    /// are as many bytes as there may be.
    fn read<'a>(
        &mut self,
        hits: &[Hit],
        (gatherer, gathered): (&Gatherer<'_, 'a>, &GatheredRows<'a>),
        (codes, completion): (&[RowCodes], &Completion),
    ) -> Result<bool, StoreError> {
        let (mut number, mut cache) = (0, BlockCache::default());
        for (hit, codes) in hits.iter().zip(codes) {
            let now = (codes, completion);
            let size = match self.found.in_memory(hit) {
                None => {
                    if number % ROWS_AHEAD == 0 {
                        gatherer.fetch(gathered, number, ROWS_AHEAD)?;
                    }
                    let read = gatherer.event(gathered, number, &mut cache)?;
                    let place = (read.position, read.timestamp_ms);
                    self.lend(&RowView::of_event(hit.key, place, read.view()?, now));
                    number += 1;
                    read.stored_bytes + LEFT_OUT_BYTES
                }
                Some(TailRow { record, .. }) => {
                    let event = event_of(record, &gatherer.log_id())?;
                    let place = (record.position, record.timestamp_ms);
                    let event = EventView::from(&event);
                    self.lend(&RowView::of_event(hit.key, place, event, now));
                    record.size_bytes()
                }
            };
            self.bytes = self.bytes.saturating_add(size);
            if self.bytes >= self.max_bytes {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn lend(&mut self, row: &RowView<'_>) {
        self.rows.push((self.take)(row));
    }
}

impl Found {
    /// The row of a hit that lies in no segment yet.
    fn in_memory(&self, hit: &Hit) -> Option<&TailRow> {
        match hit.place {
            Place::Live(number) => Some(&self.live[number].row),
            Place::Frozen { group, row } => Some(self.pin.sealed.frozen[group].record(row)),
            Place::Sealed { .. } => None,
        }
    }

    /// Codes of some hits, of which those in segments have been gathered.
    fn codes(&self, hits: &[Hit], gathered: &GatheredRows<'_>) -> Vec<RowCodes> {
        let mut sealed = gathered.each_codes();
        let codes = hits.iter().map(|hit| match self.in_memory(hit) {
            Some(row) => codes_in_memory(row),
            None => RowCodes::gathered(sealed.next().expect("every hit in a segment is gathered")),
        });
        codes.collect()
    }

    /// The names that are searched for, where some are.
    pub(super) fn names(&self) -> Option<&NameSearch> {
        self.pin.names.as_ref().filter(|names| names.has_needle())
    }
}

fn codes_in_memory(row: &TailRow) -> RowCodes {
    let codes = row.visible().map(|visible| RowCodes::of(&visible.codes));
    codes.expect("only visible rows are hits")
}

impl<R> Page<R> {
    /// Of a workspace that has no record, or none again yet.
    pub(super) fn none(request: &PageRequest<'_>) -> Result<Self, StoreError> {
        asks_nothing_beyond(request)?;
        let total = (request.count != CountMode::None).then_some(Total::NONE);
        Ok(Self { rows: Vec::new(), more: false, snapshot: 0, total, plan: None })
    }
}

impl<R> WalkPart<R> {
    /// The same of a walk: one whose snapshot is not folded again yet has not come to its end.
    pub(super) fn none(request: &PageRequest<'_>) -> Result<Self, StoreError> {
        asks_nothing_beyond(request)?;
        Ok(Self { rows: Vec::new(), after: None })
    }
}

/// INV-8: of a workspace without a record no snapshot but that of none can be read.
fn asks_nothing_beyond(request: &PageRequest<'_>) -> Result<(), StoreError> {
    match request.snapshot.filter(|seq| *seq > 0) {
        Some(asked) => Err(StoreError::NotCaughtUp { asked, reached: 0 }),
        None => Ok(()),
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
