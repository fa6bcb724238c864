//! How many rows match in each stretch of time.

use std::ops::Range;

use annals_schemas::{Instant, Kind, Outcome};

use super::batch::BATCH_LEN;
use super::budget::Budget;
use super::filter::Filter;
use super::mask::Mask;
use super::pin::PinRequest;
use super::search::Search;
use super::tally::read;
use super::visit::{Visitor, Whole, row_by_row};
use super::workspace::WorkspaceReader;
use crate::StoreError;
use crate::catalog::OrderKey;
use crate::rows::{Column, Rows};

/// What a bucket's rows are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HistogramBy {
    /// Kinds of action.
    Kind,
    /// How it ended.
    Outcome,
}

/// A histogram asked for.
#[derive(Debug, Clone)]
pub struct HistogramRequest<'a> {
    /// Which rows.
    pub filter: &'a Filter,
    /// Last seq of the snapshot; the newest if absent.
    pub snapshot: Option<u64>,
    /// Ascending moments; a bucket lies between two neighbours, the first belongs to it.
    pub edges: &'a [Instant],
    /// Whether a bucket's rows are told apart.
    pub by: Option<HistogramBy>,
    /// Steps it may take.
    pub budget: Budget,
}

/// A histogram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    /// One less than there were edges, in their order; empty ones too.
    pub buckets: Vec<Bucket>,
    /// Last seq of the snapshot it was read from.
    pub snapshot: u64,
}

/// The rows of one stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// When it begins.
    pub start: Instant,
    /// When the next one begins.
    pub end: Instant,
    /// Its rows.
    pub count: u64,
    /// The same by kind or outcome, if asked for: every member in its order, with zeros.
    pub by: Vec<(&'static str, u64)>,
}

impl WorkspaceReader {
    /// How many rows match between neighbouring moments.
    pub fn histogram(&self, request: &HistogramRequest<'_>) -> Result<Histogram, StoreError> {
        let edges: Vec<i64> = request.edges.iter().map(|edge| edge.micros()).collect();
        let names = match request.by {
            None => &[],
            Some(HistogramBy::Kind) => Kind::NAMES,
            Some(HistogramBy::Outcome) => Outcome::NAMES,
        };
        let mut counts = Counts::new(edges, request.by, names.len());
        let mut snapshot = 0;
        if let (Some(first), Some(last)) = (request.edges.first(), request.edges.last()) {
            let mut filter = request.filter.clone();
            filter.from = Some(filter.from.map_or(*first, |from| from.max(*first)));
            filter.to = Some(filter.to.map_or(*last, |to| to.min(*last)));
            let pin = self.request(&filter, request);
            snapshot = self.visit(pin, &mut counts)?.map_or(0, |pin| pin.snapshot());
        }
        let bucket = |(index, edges): (usize, &[Instant])| Bucket {
            start: edges[0],
            end: edges[1],
            count: counts.total(index),
            by: names.iter().copied().zip(counts.parts(index)).collect(),
        };
        let buckets = request.edges.windows(2).enumerate().map(bucket).collect();
        Ok(Histogram { buckets, snapshot })
    }

    fn request<'a>(&'a self, filter: &'a Filter, of: &HistogramRequest<'_>) -> PinRequest<'a> {
        let (snapshot, budget) = (of.snapshot, of.budget);
        let (workspace, restriction) = (self.id.as_str(), self.restriction());
        PinRequest { workspace, filter, restriction, snapshot, budget }
    }
}

/// Rows a bucket, told apart or not.
struct Counts {
    edges: Vec<i64>,
    column: Option<Column>,
    /// Counters a bucket: one, or one a member.
    width: usize,
    counts: Vec<u64>,
    /// Where the row before was.
    bucket: usize,
}

impl Counts {
    fn new(edges: Vec<i64>, by: Option<HistogramBy>, members: usize) -> Self {
        let column = by.map(|by| match by {
            HistogramBy::Kind => Column::Kind,
            HistogramBy::Outcome => Column::Outcome,
        });
        let width = members.max(1);
        let counts = vec![0; edges.len().saturating_sub(1) * width];
        Self { edges, column, width, counts, bucket: 0 }
    }

    fn parts(&self, bucket: usize) -> impl Iterator<Item = u64> {
        let start = bucket * self.width;
        let counts = if self.column.is_some() { &self.counts[start..] } else { &[] };
        counts.iter().take(self.width).copied()
    }

    fn total(&self, bucket: usize) -> u64 {
        self.counts[bucket * self.width..(bucket + 1) * self.width].iter().sum()
    }

    /// The bucket of a moment between the first edge and the last.
    fn bucket_of(&self, micros: i64) -> usize {
        let edges = &self.edges;
        let near = self.bucket;
        if edges.get(near).is_some_and(|edge| *edge <= micros) {
            if edges.get(near + 1).is_some_and(|edge| micros < *edge) {
                return near;
            }
            if edges.get(near + 2).is_some_and(|edge| micros < *edge) {
                return near + 1;
            }
        }
        edges.partition_point(|edge| *edge <= micros).saturating_sub(1)
    }

    /// Counts rows that lie in one bucket.
    fn add(&mut self, bucket: usize, codes: Option<&[u32]>, rows: usize) {
        let counts = self.counts.get_mut(bucket * self.width..(bucket + 1) * self.width);
        let Some(counts) = counts else { return };
        match codes {
            None => counts[0] += rows as u64,
            Some(codes) => codes.iter().for_each(|code| {
                if let Some(count) = counts.get_mut(*code as usize) {
                    *count += 1;
                }
            }),
        }
    }

    /// All rows of a range, by where the edges lie in it.
    fn add_range<R: Rows>(&mut self, rows: &R, range: &Range<u32>) {
        let mut start = range.start;
        while start < range.end {
            let bucket = self.bucket_of(rows.key(start).effective_at);
            let Some(edge) = self.edges.get(bucket + 1) else { return };
            let end = rows.lower_bound(OrderKey { effective_at: *edge, seq: 0 }).min(range.end);
            self.bucket = bucket;
            self.add(bucket, None, (end - start) as usize);
            start = end.max(start + 1);
        }
    }
}

impl Visitor for Counts {
    fn part(&self) -> Option<Self> {
        let (edges, counts) = (self.edges.clone(), vec![0; self.counts.len()]);
        Some(Self { edges, column: self.column, width: self.width, counts, bucket: 0 })
    }

    fn take_off(&mut self, part: &Self) {
        for (count, taken) in self.counts.iter_mut().zip(&part.counts) {
            *count = count.saturating_sub(*taken);
        }
    }

    fn rows<R: Rows>(
        &mut self,
        rows: &R,
        matching: &[u32],
        _search: &mut Search<'_>,
    ) -> Result<(), StoreError> {
        let mut buffer = [0; BATCH_LEN];
        let codes = self.column.map(|column| &*read(rows, column, matching, &mut buffer));
        let mut start = 0;
        // Rows ascend: mostly all of them lie in one bucket.
        while let (Some(first), Some(last)) = (matching.get(start), matching.last()) {
            let bucket = self.bucket_of(rows.key(*first).effective_at);
            self.bucket = bucket;
            let end = match self.bucket_of(rows.key(*last).effective_at) == bucket {
                true => matching.len(),
                false => {
                    let edge = self.edges.get(bucket + 1).copied().unwrap_or(i64::MAX);
                    let is_inside = |row: &u32| rows.key(*row).effective_at < edge;
                    start + matching[start..].partition_point(is_inside)
                }
            };
            self.add(bucket, codes.map(|codes| &codes[start..end]), end - start);
            start = end.max(start + 1);
        }
        Ok(())
    }

    fn mask<R: Rows>(
        &mut self,
        rows: &R,
        mask: &Mask,
        search: &mut Search<'_>,
    ) -> Result<(), StoreError> {
        let window = mask.window();
        let bucket = self.bucket_of(rows.key(window.start).effective_at);
        // Mostly all rows of a window lie in one bucket.
        let is_one = bucket == self.bucket_of(rows.key(window.end - 1).effective_at);
        if self.column.is_some() || !is_one {
            return row_by_row(self, rows, mask, search);
        }
        self.bucket = bucket;
        self.add(bucket, None, mask.count() as usize);
        Ok(())
    }

    fn whole<R: Rows>(
        &mut self,
        rows: &R,
        whole: &Whole<'_>,
        search: &mut Search<'_>,
    ) -> Result<bool, StoreError> {
        let (Whole::Range(range), None) = (whole, self.column) else { return Ok(false) };
        search.work.step(self.edges.len() as u64)?;
        self.add_range(rows, range);
        Ok(true)
    }
}
