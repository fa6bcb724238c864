//! Groups merged by key: a group is opened only when its best row can be the next.

use std::cell::OnceCell;

use super::compiled::Compiled;
use super::page_request::Direction;
use super::plan::Wanted;
use super::plan_report::{GroupPlace, GroupPlan};
use super::search::Search;
use super::span::Span;
use super::walk::{Next, Walk};
use crate::StoreError;
use crate::catalog::OrderKey;
use crate::rows::Rows;

/// A group that can be opened.
pub(super) trait Source {
    /// What is in it.
    type Rows: Rows;

    /// Keys of its oldest and newest row; `None` if it has none.
    fn bounds(&self) -> Option<(OrderKey, OrderKey)>;

    /// Its rows.
    fn open(&self) -> Result<Self::Rows, StoreError>;

    fn place(&self) -> GroupPlace;
}

/// Groups of one kind with what was opened of them.
pub(super) struct Sources<S: Source> {
    groups: Vec<(S, OnceCell<S::Rows>)>,
}

impl<S: Source> Sources<S> {
    pub(super) fn new(groups: impl Iterator<Item = S>) -> Self {
        Self { groups: groups.map(|group| (group, OnceCell::new())).collect() }
    }

    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    pub(super) fn source(&self, index: usize) -> &S {
        &self.groups[index].0
    }

    /// Opens a group at its first use.
    pub(super) fn rows(&self, index: usize) -> Result<&S::Rows, StoreError> {
        let (source, rows) = &self.groups[index];
        match rows.get() {
            Some(rows) => Ok(rows),
            None => {
                let opened = source.open()?;
                Ok(rows.get_or_init(|| opened))
            }
        }
    }
}

/// Where a matching row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Among the hits of the live tail, by number.
    Live(usize),
    /// A row of a chunk of the frozen tail.
    Frozen { group: usize, row: u32 },
    /// A row of a sealed group.
    Sealed { group: usize, row: u32 },
}

/// A matching row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) key: OrderKey,
    pub(super) place: Place,
}

/// Sealed groups and chunks of the frozen tail.
pub(super) struct Groups<S: Source, C: Source> {
    pub(super) sealed: Sources<S>,
    pub(super) frozen: Sources<C>,
}

/// What a merge is to find.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) span: Span,
    pub(super) direction: Direction,
    pub(super) limit: usize,
}

/// The first hits of a stretch, those of the live tail (in order) among them, and what was done.
pub(super) fn merge<S: Source, C: Source>(
    groups: &Groups<S, C>,
    live: &[OrderKey],
    stretch: Stretch,
    search: &mut Search<'_>,
    mut report: Option<&mut Vec<GroupPlan>>,
) -> Result<Vec<Hit>, StoreError> {
    let mut merge = Merge {
        groups,
        stretch,
        compiled: search.compiled,
        closed: closed(groups, stretch),
        open: Vec::new(),
        taken: None,
    };
    let mut hits = Vec::with_capacity(stretch.limit.min(1 << 12));
    let mut live = live.iter().enumerate().peekable();
    while hits.len() < stretch.limit {
        let next = live.peek().map(|(_, key)| **key);
        match merge.best(next, search)? {
            Some(hit) => hits.push(hit),
            None => match live.next() {
                Some((number, key)) => hits.push(Hit { key: *key, place: Place::Live(number) }),
                None => break,
            },
        }
    }
    if let Some(report) = &mut report {
        report.extend(merge.open.iter().map(|open| open.report(groups)));
    }
    Ok(hits)
}

/// Groups that may hold rows of the stretch with the best key each can have, the best one last.
fn closed<S: Source, C: Source>(
    groups: &Groups<S, C>,
    stretch: Stretch,
) -> Vec<(OrderKey, Origin)> {
    let Stretch { span, direction, .. } = stretch;
    let best = |(oldest, newest): (OrderKey, OrderKey)| {
        let best = match direction {
            Direction::Older => newest.min(span.last),
            Direction::Newer => oldest.max(span.first),
        };
        span.meets(oldest, newest).then_some(best)
    };
    let sealed = (0..groups.sealed.len()).filter_map(|index| {
        let bounds = groups.sealed.source(index).bounds()?;
        Some((best(bounds)?, Origin::Sealed(index)))
    });
    let frozen = (0..groups.frozen.len()).filter_map(|index| {
        let bounds = groups.frozen.source(index).bounds()?;
        Some((best(bounds)?, Origin::Frozen(index)))
    });
    let mut closed: Vec<_> = sealed.chain(frozen).collect();
    closed.sort_by(|(a, _), (b, _)| match direction {
        Direction::Older => a.cmp(b),
        Direction::Newer => b.cmp(a),
    });
    closed
}

/// Which group.
#[derive(Debug, Clone, Copy)]
enum Origin {
    Sealed(usize),
    Frozen(usize),
}

struct Merge<'a, S: Source, C: Source> {
    groups: &'a Groups<S, C>,
    stretch: Stretch,
    compiled: &'a Compiled,
    closed: Vec<(OrderKey, Origin)>,
    /// In the order in which they were opened; ended walks have no head.
    open: Vec<Open<'a, S::Rows, C::Rows>>,
    /// The walk whose head was taken: it is moved on when the next row is asked for, if ever.
    taken: Option<usize>,
}

struct Open<'a, S, C> {
    head: Option<(OrderKey, u32)>,
    group: usize,
    walk: Either<'a, S, C>,
}

enum Either<'a, S, C> {
    Sealed(Box<Walk<'a, S>>),
    Frozen(Box<Walk<'a, C>>),
}

impl<S: Source, C: Source> Merge<'_, S, C> {
    /// Takes the best row of all walks, unless `other` comes before. Opens the groups that may have
    /// something better.
    fn best(
        &mut self,
        other: Option<OrderKey>,
        search: &mut Search<'_>,
    ) -> Result<Option<Hit>, StoreError> {
        if let Some(taken) = self.taken.take() {
            self.advance(taken, search)?;
        }
        loop {
            let heads = self.open.iter().enumerate().filter_map(|(index, open)| {
                let (key, row) = open.head?;
                Some((key, index, row))
            });
            let head = match self.stretch.direction {
                Direction::Older => heads.max(),
                Direction::Newer => heads.min(),
            };
            let is_first = |key| other.is_none_or(|other| self.is_before(key, other));
            let head = head.filter(|(key, ..)| is_first(*key));
            let best = head.map(|(key, ..)| key).or(other);
            match self.closed.last() {
                Some((bound, _)) if best.is_none_or(|best| !self.is_before(best, *bound)) => {
                    self.open_next(search)?;
                }
                _ => return Ok(head.map(|(key, index, row)| self.take(key, index, row))),
            }
        }
    }

    fn take(&mut self, key: OrderKey, index: usize, row: u32) -> Hit {
        self.taken = Some(index);
        let Open { group, walk, .. } = &self.open[index];
        let place = match walk {
            Either::Sealed(_) => Place::Sealed { group: *group, row },
            Either::Frozen(_) => Place::Frozen { group: *group, row },
        };
        Hit { key, place }
    }

    fn is_before(&self, a: OrderKey, b: OrderKey) -> bool {
        match self.stretch.direction {
            Direction::Older => a > b,
            Direction::Newer => a < b,
        }
    }

    fn open_next(&mut self, search: &mut Search<'_>) -> Result<(), StoreError> {
        let Some((_, origin)) = self.closed.pop() else { return Ok(()) };
        search.groups_left = self.closed.len() + 1;
        let (group, walk) = match origin {
            Origin::Sealed(group) => {
                let walk = self.walk(self.groups.sealed.rows(group)?, search)?;
                (group, Either::Sealed(Box::new(walk)))
            }
            Origin::Frozen(group) => {
                let walk = self.walk(self.groups.frozen.rows(group)?, search)?;
                (group, Either::Frozen(Box::new(walk)))
            }
        };
        self.open.push(Open { head: None, group, walk });
        self.advance(self.open.len() - 1, search)
    }
}

impl<'a, S: Source, C: Source> Merge<'a, S, C> {
    fn walk<R: Rows>(
        &self,
        rows: &'a R,
        search: &mut Search<'_>,
    ) -> Result<Walk<'a, R>, StoreError> {
        let Stretch { span, direction, limit } = self.stretch;
        let wanted = Wanted { range: span.rows(rows), direction, hits: Some(limit) };
        Walk::new(rows, wanted, self.compiled, search)
    }

    /// Moves a walk on to its next row. Should names have to be found first, all walks are planned
    /// anew.
    fn advance(&mut self, index: usize, search: &mut Search<'_>) -> Result<(), StoreError> {
        loop {
            let open = &mut self.open[index];
            let next = match &mut open.walk {
                Either::Sealed(walk) => keyed(walk, search)?,
                Either::Frozen(walk) => keyed(walk, search)?,
            };
            match next {
                (Next::Resolve, _) => self.resolve(search)?,
                (Next::Row(row), key) => {
                    open.head = Some((key, row));
                    return Ok(());
                }
                (Next::End, _) => {
                    open.head = None;
                    return Ok(());
                }
            }
        }
    }

    fn resolve(&mut self, search: &mut Search<'_>) -> Result<(), StoreError> {
        search.resolve()?;
        for open in &mut self.open {
            match &mut open.walk {
                Either::Sealed(walk) => walk.plan_anew(search)?,
                Either::Frozen(walk) => walk.plan_anew(search)?,
            }
        }
        Ok(())
    }
}

fn keyed<R: Rows>(
    walk: &mut Walk<'_, R>,
    search: &mut Search<'_>,
) -> Result<(Next, OrderKey), StoreError> {
    let next = walk.next(search)?;
    let key = match next {
        Next::Row(row) => walk.rows.key(row),
        _ => OrderKey::default(),
    };
    Ok((next, key))
}

impl<S: Rows, C: Rows> Open<'_, S, C> {
    fn report<T: Source, U: Source>(&self, groups: &Groups<T, U>) -> GroupPlan {
        match &self.walk {
            Either::Sealed(walk) => walk.report(groups.sealed.source(self.group).place()),
            Either::Frozen(walk) => walk.report(groups.frozen.source(self.group).place()),
        }
    }
}
