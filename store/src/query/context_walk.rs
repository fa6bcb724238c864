//! Walks under a condition on the context: the other conditions find candidates, each record is
//! tested, and a record costs as much of the budget as a hundred rows of columns do.

use std::collections::HashSet;

use super::context::ContextTest;
use super::count::CountMode;
use super::merge::Hit;
use super::page::Found;
use super::page_request::{Direction, Page, PageRequest, WalkPart};
use super::pin::{Pin, PinRequest};
use super::plan_report::Plan;
use super::row::{Row, RowView};
use super::search::Search;
use super::visit::{Visitor, visit};
use super::work::Work;
use super::workspace::WorkspaceReader;
use crate::StoreError;
use crate::catalog::OrderKey;
use crate::rows::Rows;
use crate::segment::BlockCache;

/// Steps that a tested record stands for: it is unpacked and searched.
const RECORD_STEPS: u64 = 100;
/// Candidates found at a time.
const CANDIDATES: usize = if cfg!(test) { 20 } else { 2_000 };
/// A part of a walk ends once so many were tested: some 40 ms.
const CANDIDATES_OF_PART: usize = 10 * CANDIDATES;

/// Where a walk ends.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    rows: usize,
    /// Of their records; the row that reaches it is the last.
    bytes: usize,
    candidates: usize,
}

/// Rows that a walk has come to.
struct Walked {
    rows: Vec<Row>,
    /// Where it goes on; none at its end.
    after: Option<OrderKey>,
    snapshot: u64,
    plan: Option<Plan>,
}

impl WorkspaceReader {
    /// One page.
    pub(super) fn context_page<T>(
        &self,
        request: &PageRequest<'_>,
        test: &ContextTest<'_>,
        mut take: impl FnMut(&RowView<'_>) -> T,
    ) -> Result<Page<T>, StoreError> {
        let wanted = request.limit.saturating_add(1);
        let bounds = Bounds { rows: wanted, bytes: usize::MAX, candidates: usize::MAX };
        let Some(walked) = self.context_rows_until(request, test, bounds)? else {
            return Page::none(request);
        };
        let Walked { mut rows, snapshot, plan, .. } = walked;
        let more = rows.len() >= wanted;
        rows.truncate(request.limit);
        if request.direction == Direction::Newer {
            rows.reverse();
        }
        let total = match request.count {
            CountMode::None => None,
            mode => self.count(request.filter, Some(snapshot), mode, request.budget)?,
        };
        let rows = rows.iter().map(|row: &Row| take(&row.view())).collect();
        Ok(Page { rows, more, snapshot, total, plan })
    }

    /// A part of a walk. It ends after some candidates even if none of them is a row: whoever walks
    /// may stop in between, and lets others have their turn.
    pub(super) fn context_part<T>(
        &self,
        request: &PageRequest<'_>,
        test: &ContextTest<'_>,
        max_bytes: usize,
        mut take: impl FnMut(&RowView<'_>) -> T,
    ) -> Result<WalkPart<T>, StoreError> {
        let bounds =
            Bounds { rows: request.limit, bytes: max_bytes, candidates: CANDIDATES_OF_PART };
        let Some(walked) = self.context_rows_until(request, test, bounds)? else {
            return WalkPart::none(request);
        };
        let rows = walked.rows.iter().map(|row| take(&row.view())).collect();
        Ok(WalkPart { rows, after: walked.after })
    }

    /// Rows of a walk in its direction, until one of the bounds is reached.
    fn context_rows_until(
        &self,
        request: &PageRequest<'_>,
        test: &ContextTest<'_>,
        bounds: Bounds,
    ) -> Result<Option<Walked>, StoreError> {
        let mut part = PageRequest { limit: CANDIDATES, ..request.clone() };
        let (mut rows, mut work, mut bytes) = (Vec::<Row>::new(), Work::new(request.budget), 0);
        let mut seen = 0_usize;
        loop {
            let Some(mut found) = self.find_page(&part)? else { return Ok(None) };
            let snapshot = found.pin.snapshot();
            part.snapshot = Some(snapshot);
            let mut candidates: Vec<&Hit> = found.hits.iter().collect();
            if request.direction == Direction::Newer {
                candidates.reverse();
            }
            seen = seen.saturating_add(candidates.len());
            work.step(candidates.len() as u64 * RECORD_STEPS)?;
            let tested = candidates.last().map(|hit| hit.key).filter(|_| found.more);
            let left = bounds.rows - rows.len();
            rows.extend(self.tested(
                &found,
                &candidates,
                test,
                (left, bounds.bytes, &mut bytes),
            )?);
            let is_full = rows.len() >= bounds.rows || bytes >= bounds.bytes;
            // A full part may have left candidates untested.
            let after = if is_full { rows.last().map(Row::key) } else { tested };
            if is_full || after.is_none() || seen >= bounds.candidates {
                return Ok(Some(Walked { rows, after, snapshot, plan: found.plan.take() }));
            }
            part.after = after;
        }
    }

    /// The first rows behind the hits that pass, in the order of the hits.
    pub(super) fn context_rows(
        &self,
        found: &Found,
        test: &ContextTest<'_>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let hits: Vec<&Hit> = found.hits.iter().collect();
        self.tested(found, &hits, test, (limit, usize::MAX, &mut 0))
    }

    fn tested(
        &self,
        found: &Found,
        hits: &[&Hit],
        test: &ContextTest<'_>,
        (limit, max_bytes, bytes): (usize, usize, &mut usize),
    ) -> Result<Vec<Row>, StoreError> {
        let log_id = self.store.shared.log_id;
        let (mut passed, mut all_codes) = (Vec::new(), Vec::new());
        let mut cache = BlockCache::default();
        for hit in hits {
            if passed.len() >= limit || *bytes >= max_bytes {
                break;
            }
            let (record, codes) = self.record_of(found, hit, &mut cache)?;
            if let Some(event) = test.admit(&record, &log_id)? {
                let place = (record.position, record.timestamp_ms);
                passed.push((hit.key, place, Box::new(event)));
                all_codes.push(codes);
                *bytes = bytes.saturating_add(record.size_bytes());
            }
        }
        let completion = self.completion(&all_codes, found.names())?;
        let rows = passed.into_iter().zip(&all_codes).map(|((key, place, event), codes)| {
            Row::keeping(key, place, event, (codes, &completion))
        });
        Ok(rows.collect())
    }

    /// Shows a visitor every row of a snapshot that matches, whatever the filter asks.
    pub(super) fn visit<V: Visitor>(
        &self,
        request: PinRequest<'_>,
        visitor: &mut V,
    ) -> Result<Option<Pin>, StoreError> {
        let Some(test) = ContextTest::of(request.filter) else {
            return visit(&self.store, request, visitor);
        };
        let snapshot = request.snapshot.unwrap_or_else(|| self.last_seq());
        let request = PinRequest { snapshot: Some(snapshot), ..request };
        let seqs = self.context_seqs(request, &test)?;
        visit(&self.store, request, &mut Only { seqs, visitor })
    }

    fn context_seqs(
        &self,
        request: PinRequest<'_>,
        test: &ContextTest<'_>,
    ) -> Result<HashSet<u64>, StoreError> {
        let PinRequest { filter, snapshot, budget, .. } = request;
        let (mut seqs, mut work) = (HashSet::new(), Work::new(budget));
        let mut cache = BlockCache::default();
        let mut part = PageRequest {
            filter,
            direction: Direction::Older,
            after: None,
            limit: CANDIDATES,
            snapshot,
            count: CountMode::None,
            budget,
            explain: false,
        };
        while let Some(found) = self.find_page(&part)? {
            work.step(found.hits.len() as u64 * RECORD_STEPS)?;
            for hit in &found.hits {
                let (record, _) = self.record_of(&found, hit, &mut cache)?;
                if test.admit(&record, &self.store.shared.log_id)?.is_some() {
                    seqs.insert(hit.key.seq);
                }
            }
            match found.hits.last().filter(|_| found.more) {
                Some(last) => part.after = Some(last.key),
                None => break,
            }
        }
        Ok(seqs)
    }
}

/// Shows a visitor some of the rows only.
struct Only<'v, V> {
    seqs: HashSet<u64>,
    visitor: &'v mut V,
}

impl<V: Visitor> Visitor for Only<'_, V> {
    fn rows<R: Rows>(
        &mut self,
        rows: &R,
        matching: &[u32],
        search: &mut Search<'_>,
    ) -> Result<(), StoreError> {
        let wanted = |row: &&u32| self.seqs.contains(&rows.key(**row).seq);
        let some: Vec<u32> = matching.iter().filter(wanted).copied().collect();
        if some.is_empty() { Ok(()) } else { self.visitor.rows(rows, &some, search) }
    }

    fn is_done(&self) -> bool {
        self.visitor.is_done()
    }
}
