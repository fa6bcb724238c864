//! Rows in seq order, with bounded work for each page (docs/FEED.md).
//!
//! Groups hold consecutive ranges of seqs, oldest first, but within a group rows lie in page order.
//! So seqs are gone through window by window: a column says which stretches of rows may hold seqs
//! of a window, and only these are walked, with the driver that suits the filter. Windows without
//! hits grow. After enough steps a page ends where it is, which is no error: its reader goes on.

use std::ops::Range;

use super::context::ContextTest;
use super::feed_request::{FeedPage, FeedRequest};
use super::merge::{Hit, Place};
use super::page::{Found, LiveHit};
use super::page_request::Direction;
use super::pin::{Pin, PinRequest};
use super::plan::Wanted;
use super::row::Row;
use super::search::Search;
use super::walk::{Matching, Walk};
use super::workspace::WorkspaceReader;
use crate::StoreError;
use crate::partition::{SealedGroup, WorkspaceLive, WorkspaceSealed};
use crate::rows::Rows;

/// Steps after which a page ends where it is.
const ENOUGH_STEPS: u64 = 2_000_000;
/// A window that took more steps is not followed by a larger one.
const WINDOW_STEPS: u64 = 100_000;
/// The largest window: all that matches in one is held until the page is made.
const WINDOW_SEQS: u64 = 1 << 18;
/// Seqs of the first window for each row asked for.
const SEQS_PER_ROW: u64 = 2;
/// Stretches of rows walked for a window of one group; with more, those close by are joined.
const MAX_STRETCHES: usize = 64;
/// Candidates of a page that are tested for their context.
const CONTEXT_CANDIDATES: usize = 5_000;
/// Parts that one page is put together from: what is sealed, what has been sealed meanwhile, the
/// live tail.
const MAX_PARTS: usize = 3;

impl WorkspaceReader {
    /// The next rows of a feed.
    pub fn feed(&self, request: &FeedRequest<'_>) -> Result<FeedPage, StoreError> {
        let mut page = self.feed_part(request)?;
        for _ in 1..MAX_PARTS {
            let left = request.limit.saturating_sub(page.rows.len());
            if left == 0 || page.through >= page.last_seq || !page.has_reached_tail {
                break;
            }
            let rest = FeedRequest { after: page.through, limit: left, ..request.clone() };
            let part = self.feed_part(&rest)?;
            page = Part { rows: page.rows.into_iter().chain(part.rows).collect(), ..part };
        }
        let Part { rows, through, last_seq, .. } = page;
        Ok(FeedPage { rows, through, last_seq })
    }

    /// Rows of what is sealed, or of the live tail alone.
    fn feed_part(&self, request: &FeedRequest<'_>) -> Result<Part, StoreError> {
        let FeedRequest { filter, after, budget, .. } = *request;
        let test = ContextTest::of(filter);
        // Of candidates that are tested one by one most are none.
        let limit = if test.is_some() { CONTEXT_CANDIDATES } else { request.limit };
        let workspace = self.id.as_str();
        let restriction = self.restriction();
        let pin = PinRequest { workspace, filter, restriction, snapshot: None, budget };
        let pinned = Pin::new(&self.store, pin, |search, now| {
            if after > now.last_seq {
                // After a restart the tail is folded again; until then the feed has to wait.
                return Err(StoreError::NotCaughtUp { asked: after, reached: now.last_seq });
            }
            match after >= sealed_through(&now.sealed) {
                true => live_hits(search, now, after, limit).map(Some),
                false => Ok(None),
            }
        })?;
        let Some((mut pin, live)) = pinned else {
            return match after {
                0 => Ok(Part { rows: Vec::new(), through: 0, last_seq: 0, has_reached_tail: true }),
                asked => Err(StoreError::NotCaughtUp { asked, reached: 0 }),
            };
        };
        let last_seq = pin.snapshot();
        let (live, mut through, hits) = match live {
            Some((live, through)) => {
                let hit = |(number, hit): (usize, &LiveHit)| Hit {
                    key: hit.key,
                    place: Place::Live(number),
                };
                let hits = live.iter().enumerate().map(hit).collect();
                (live, through, hits)
            }
            None => {
                let (hits, through) = sealed_hits(&mut pin, after, limit)?;
                (Vec::new(), through, hits)
            }
        };
        let found = Found { pin, live, hits, more: false, plan: None };
        let rows = match &test {
            None => self.rows_of(&found, usize::MAX, &mut |row| row.to_row(&self.id))?,
            Some(test) => {
                let rows = self.context_rows(&found, test, request.limit)?;
                if let Some(last) = rows.last().filter(|_| rows.len() >= request.limit) {
                    through = last.seq;
                }
                rows
            }
        };
        let has_reached_tail = through >= sealed_through(&found.pin.sealed);
        Ok(Part { rows, through, last_seq, has_reached_tail })
    }
}

/// A part of a page, and whether what comes next is in the live tail.
struct Part {
    rows: Vec<Row>,
    through: u64,
    last_seq: u64,
    has_reached_tail: bool,
}

/// Last seq of what is sealed or frozen.
fn sealed_through(sealed: &WorkspaceSealed) -> u64 {
    let frozen = sealed.frozen.iter().map(|chunk| chunk.last_seq());
    frozen.chain(sealed.groups.last().map(SealedGroup::last_seq)).max().unwrap_or(0)
}

/// Seqs to look into next.
struct Windows {
    /// Everything up to it has been looked into.
    through: u64,
    end: u64,
    len: u64,
    limit: usize,
    steps: u64,
}

impl Windows {
    fn new(after: u64, end: u64, limit: usize) -> Self {
        let len = (limit as u64).saturating_mul(SEQS_PER_ROW).max(1);
        Self { through: after, end: end.max(after), len, limit, steps: 0 }
    }

    /// First and last seq of the next window, unless there is enough or nothing left.
    fn next(&self, found: usize) -> Option<(u64, u64)> {
        let is_over = found >= self.limit || self.through >= self.end || self.steps > ENOUGH_STEPS;
        (!is_over).then(|| (self.through + 1, self.end.min(self.through.saturating_add(self.len))))
    }

    fn passed(&mut self, last: u64, steps: u64) {
        self.through = last;
        self.steps += steps;
        if steps <= WINDOW_STEPS {
            self.len = self.len.saturating_mul(2).min(WINDOW_SEQS);
        }
    }

    /// Puts hits in order, leaves out those beyond the limit, and says how far they reach.
    fn finish<T>(self, hits: &mut Vec<T>, seq: impl Fn(&T) -> u64) -> u64 {
        hits.sort_unstable_by_key(&seq);
        if hits.len() <= self.limit {
            return self.through;
        }
        hits.truncate(self.limit);
        hits.last().map_or(self.through, seq)
    }
}

/// The next hits of the live tail: under the lock.
fn live_hits(
    search: &mut Search<'_>,
    now: &WorkspaceLive<'_>,
    after: u64,
    limit: usize,
) -> Result<(Vec<LiveHit>, u64), StoreError> {
    let mut windows = Windows::new(after, now.last_seq, limit);
    let mut hits = Vec::new();
    while let Some(window) = windows.next(hits.len()) {
        let before = search.work.steps;
        for chunk in now.chunks.iter().copied() {
            each_hit(chunk, window, search, |row| {
                hits.push(LiveHit { key: chunk.key(row), row: chunk.record(row).clone() });
            })?;
        }
        windows.passed(window.1, search.work.steps - before);
    }
    let through = windows.finish(&mut hits, |hit| hit.key.seq);
    Ok((hits, through))
}

/// The next hits of what is sealed or frozen.
fn sealed_hits(pin: &mut Pin, after: u64, limit: usize) -> Result<(Vec<Hit>, u64), StoreError> {
    let (mut search, sealed) = pin.search();
    let mut windows = Windows::new(after, sealed_through(sealed), limit);
    let mut hits = Vec::new();
    while let Some(window) = windows.next(hits.len()) {
        let before = search.work.steps;
        // Should names have to be resolved, it is for all groups that are left.
        search.groups_left = sealed.groups.len().max(1);
        for (index, group) in sealed.groups.iter().enumerate() {
            let known = group.segment.groups().get(group.group as usize);
            if known.is_none_or(|known| known.visible == 0 || known.end.last_seq < window.0) {
                continue;
            }
            let rows = group.segment.rows(group.group)?;
            each_hit(&rows, window, &mut search, |row| {
                hits.push(Hit { key: rows.key(row), place: Place::Sealed { group: index, row } });
            })?;
            if known.is_some_and(|known| known.end.last_seq >= window.1) {
                break;
            }
        }
        for (index, chunk) in sealed.frozen.iter().enumerate() {
            each_hit(&**chunk, window, &mut search, |row| {
                hits.push(Hit { key: chunk.key(row), place: Place::Frozen { group: index, row } });
            })?;
        }
        windows.passed(window.1, search.work.steps - before);
    }
    let through = windows.finish(&mut hits, |hit| hit.key.seq);
    Ok((hits, through))
}

/// Calls `hit` for the matching rows of a group whose seq lies in a window (both inclusive).
pub(super) fn each_hit<R: Rows>(
    rows: &R,
    (first, last): (u64, u64),
    search: &mut Search<'_>,
    mut hit: impl FnMut(u32),
) -> Result<(), StoreError> {
    let compiled = search.compiled;
    if rows.last_seq() < first || search.is_empty() {
        return Ok(());
    }
    let span = compiled.span.rows(rows);
    let stretches = joined(rows.seq_ranges(first, last), MAX_STRETCHES);
    // Looking for the stretches is work too: a frame costs about what a row does.
    search.work.step(u64::from(rows.len() / 128))?;
    for stretch in stretches {
        let range = stretch.start.max(span.start)..stretch.end.min(span.end);
        if range.start >= range.end {
            continue;
        }
        let wanted = Wanted { range, direction: Direction::Newer, hits: None };
        let mut walk = Walk::new(rows, wanted, compiled, search)?;
        let fits = |row: &u32| (first..=last).contains(&rows.key(*row).seq);
        loop {
            match walk.next_matching(search)? {
                Matching::End => break,
                Matching::Rows(matching) => {
                    matching.iter().copied().filter(fits).for_each(&mut hit);
                }
                Matching::Mask(mask) => mask.each(|row| {
                    if fits(&row) {
                        hit(row);
                    }
                }),
            }
        }
    }
    Ok(())
}

/// At most so many ranges that hold all of these; those closest to each other are joined first.
fn joined(mut ranges: Vec<Range<u32>>, most: usize) -> Vec<Range<u32>> {
    let mut gap = 256;
    while ranges.len() > most {
        ranges = ranges.into_iter().fold(Vec::new(), |mut joined: Vec<Range<u32>>, range| {
            match joined.last_mut().filter(|last| range.start - last.end <= gap) {
                Some(last) => last.end = range.end,
                None => joined.push(range),
            }
            joined
        });
        gap = gap.saturating_mul(4);
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_ranges_are_joined_until_they_are_few() {
        let ranges = || vec![0..128, 256..384, 10_000..10_128, 500_000..500_128];
        assert_eq!(joined(ranges(), 4), ranges());
        assert_eq!(joined(ranges(), 3), [0..384, 10_000..10_128, 500_000..500_128]);
        assert_eq!(joined(ranges(), 2), [0..10_128, 500_000..500_128]);
        assert_eq!(joined(ranges(), 1).first(), Some(&(0..500_128)));
    }

    #[test]
    fn windows_grow_while_they_are_cheap_and_end_with_the_seqs() {
        let mut windows = Windows::new(10, 1_000, 5);
        assert_eq!(windows.next(0), Some((11, 20)));
        windows.passed(20, 1);
        assert_eq!(windows.next(4), Some((21, 40)));
        windows.passed(40, WINDOW_STEPS + 1);
        assert_eq!(windows.next(4), Some((41, 60)));
        assert_eq!(windows.next(5), None, "there are enough");
        windows.passed(990, 1);
        assert_eq!(windows.next(0), Some((991, 1_000)));
        windows.passed(1_000, 1);
        assert_eq!(windows.next(0), None);
    }

    #[test]
    fn a_page_reaches_as_far_as_its_last_row_if_there_were_more() {
        let mut hits = vec![9, 3, 7, 5];
        let windows = Windows { through: 10, ..Windows::new(0, 100, 3) };
        assert_eq!((windows.finish(&mut hits, |seq| *seq), hits), (7, vec![3, 5, 7]));
        let mut few = vec![4];
        let windows = Windows { through: 10, ..Windows::new(0, 100, 3) };
        assert_eq!(windows.finish(&mut few, |seq| *seq), 10);
    }
}
