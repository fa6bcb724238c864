//! What drives the walk of one group: whatever promises to be cheapest until the page is full.
//!
//! A condition's share is the part of the group's rows that satisfy it, by the lengths of its
//! lists, or by a sample of rows where the lists are many. Shares are taken as independent. All
//! costs are nanoseconds as measured; only their relations matter.

use std::ops::Range;
use std::sync::Arc;

use super::checks::{Checks, NameCheck, cursor_direction};
use super::compiled::{Compiled, Condition};
use super::driver::{Driver, Windows};
use super::gather::Gather;
use super::names::Resolved;
use super::page_request::Direction;
use super::plan_report::{self, ListDimension};
use super::search::Search;
use crate::StoreError;
use crate::packed::{CodeSet, Direction as CursorDirection, List};
use crate::rows::{Dimension, Rows};

/// Conditions with more codes are sampled instead of looking all their lists up.
const LISTS_LOOKED_UP: usize = 64;
/// Lists merged by comparing their heads.
const HEADS: usize = 8;
/// Rows tested to learn the share of a condition with many codes.
const SAMPLE: u32 = 64;
/// Resource lists that a walk driven by something else consults.
const LISTS_CONSULTED: usize = 4;

/// Lists with fewer entries than this are gathered rather than put together window by window.
const GATHERED_ENTRIES: f64 = 256.0;

/// Looking a list up and opening it.
const OPEN_NANOS: f64 = 60.0;
/// An entry of a list.
const ENTRY_NANOS: f64 = 1.5;
/// One of several lists, looked at once a row.
const HEAD_NANOS: f64 = 1.5;
/// A row of a slice, read with its neighbours.
const SLICE_NANOS: f64 = 0.9;
/// One code of one row.
const CODE_NANOS: f64 = 2.5;
/// A name of a row that is known already, or a resource that is looked up once.
const NAME_NANOS: f64 = 8.0;
/// A name of a row when names are tested as they come: about half are new.
const LAZY_NAME_NANOS: f64 = 60.0;

/// How a group is to be walked.
pub(super) struct Planned<'a> {
    pub(super) driver: Driver<'a>,
    pub(super) checks: Checks<'a>,
    pub(super) report: plan_report::Driver,
}

/// What is wanted of a group.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) range: Range<u32>,
    pub(super) direction: Direction,
    /// Hits after which nobody asks for more; `None`: all are wanted.
    pub(super) hits: Option<usize>,
}

/// A condition as a possible driver.
pub(super) struct Offer<'a> {
    pub(super) dimension: Dimension,
    codes: Arc<CodeSet>,
    /// The condition it answers; `None`: that on ids and names.
    condition: Option<&'a Condition>,
    /// Part of the group's rows.
    share: f64,
    /// Entries in the range.
    entries: f64,
    /// Looked up already, if they are few.
    lists: Option<Vec<List<'a>>>,
    pub(super) cost: f64,
}

/// Which offer is taken; `None` is the slice. Gets what the slice would cost.
pub(super) type Choice<'c> = &'c dyn Fn(f64, &[Offer<'_>]) -> Option<usize>;

/// The cheapest.
pub(super) fn cheapest(slice: f64, offers: &[Offer<'_>]) -> Option<usize> {
    let best = offers.iter().enumerate().min_by(|(_, a), (_, b)| a.cost.total_cmp(&b.cost))?;
    (best.1.cost < slice).then_some(best.0)
}

/// Plans the walk of one group. Names are resolved before if that promises to pay.
pub(super) fn plan<'a, R: Rows>(
    rows: &'a R,
    wanted: &mut Wanted,
    compiled: &'a Compiled,
    search: &mut Search<'_>,
    choice: Choice<'_>,
) -> Result<Planned<'a>, StoreError> {
    let last_seq = (rows.last_seq() > compiled.snapshot).then_some(compiled.snapshot);
    let mut planner =
        Planner { rows, wanted, compiled, last_seq, offers: Vec::new(), is_exact: false };
    if search.is_empty() || planner.wanted.range.is_empty() {
        return Ok(planner.nothing());
    }
    if !rows.has_lists() {
        return Ok(planner.slice());
    }
    if !planner.measure_columns(search)? {
        return Ok(planner.nothing());
    }
    if planner.is_worth_resolving(search) {
        search.resolve()?;
    }
    if !planner.measure_names(search)? {
        return Ok(planner.nothing());
    }
    planner.narrow();
    if planner.wanted.range.is_empty() {
        return Ok(planner.nothing());
    }
    let slice = planner.estimate(search);
    match choice(slice, &planner.offers) {
        Some(offer) => planner.lists(offer, search),
        None => Ok(planner.slice()),
    }
}

struct Planner<'a, 'w, R> {
    rows: &'a R,
    wanted: &'w mut Wanted,
    compiled: &'a Compiled,
    last_seq: Option<u64>,
    /// Learnt shares, and what may drive.
    offers: Vec<Offer<'a>>,
    /// Whether the resources' lists hold nothing but matching rows.
    is_exact: bool,
}

impl<'a, R: Rows> Planner<'a, '_, R> {
    /// Learns the shares of everything but names; `false` if one of them is nothing.
    fn measure_columns(&mut self, search: &mut Search<'_>) -> Result<bool, StoreError> {
        for condition in self.compiled.columns.iter().chain(&self.compiled.types) {
            let Some(offer) =
                self.offer(condition.dimension, &condition.codes, Some(condition), search)?
            else {
                return Ok(false);
            };
            self.offers.push(offer);
        }
        Ok(true)
    }

    /// The same for the resources that names were resolved to.
    fn measure_names(&mut self, search: &mut Search<'_>) -> Result<bool, StoreError> {
        let Some(Resolved::Resources { resources, exactly }) = search.resolved() else {
            return Ok(true);
        };
        self.is_exact = exactly;
        let offer = self.offer(Dimension::Resource, &resources, None, search)?;
        let is_possible = offer.is_some();
        self.offers.extend(offer);
        Ok(is_possible)
    }

    fn offer(
        &self,
        dimension: Dimension,
        codes: &Arc<CodeSet>,
        condition: Option<&'a Condition>,
        search: &mut Search<'_>,
    ) -> Result<Option<Offer<'a>>, StoreError> {
        let len = f64::from(self.rows.len().max(1));
        let mut offer = Offer {
            dimension,
            codes: codes.clone(),
            condition,
            share: 0.0,
            entries: 0.0,
            lists: None,
            cost: 0.0,
        };
        if codes.len() <= LISTS_LOOKED_UP {
            search.work.step(codes.len() as u64)?;
            let lists: Vec<List<'a>> =
                codes.iter().filter_map(|code| self.rows.list(dimension, code)).collect();
            if lists.is_empty() {
                return Ok(None);
            }
            let entries: u64 = lists.iter().map(|list| u64::from(list.len())).sum();
            offer.share = (entries as f64 / len).min(1.0);
            offer.lists = Some(lists);
        } else if let Some(condition) = condition {
            search.work.step(u64::from(SAMPLE))?;
            offer.share = self.sample(condition);
        } else {
            let resources = f64::from(search.view.lengths().resources.max(1));
            offer.share = (codes.len() as f64 / resources).min(1.0);
        }
        offer.entries = offer.share * self.wanted.range.len() as f64;
        Ok(Some(offer))
    }

    /// The share of the range's rows that satisfy a condition, by some of them.
    fn sample(&self, condition: &Condition) -> f64 {
        let range = &self.wanted.range;
        let step = ((range.end - range.start) / SAMPLE).max(1);
        let rows = range.clone().step_by(step as usize);
        let fits = |row: &u32| condition.values.contains(self.rows.code(condition.column, *row));
        let (tested, found) = rows.fold((0.0, 0.5), |(tested, found), row| {
            (tested + 1.0, found + f64::from(u8::from(fits(&row))))
        });
        (found / f64::max(tested, 1.0)).min(1.0)
    }

    /// Whether finding the matching names first costs less than testing those that will be met.
    fn is_worth_resolving(&self, search: &Search<'_>) -> bool {
        let Some(Resolved::Lazy { share }) = search.resolved() else { return false };
        let others: f64 = self.offers.iter().map(|offer| offer.share).product();
        let len = self.wanted.range.len() as f64;
        let filled = self.filled(others * share);
        // A group that does not fill the page is followed by others.
        let groups = if filled < 1.0 { 1.0 } else { search.groups_left.max(1) as f64 };
        search.is_worth_resolving(filled * len * others * groups)
    }

    /// The part of the range that is walked until there are enough hits.
    fn filled(&self, share: f64) -> f64 {
        let expected = share * self.wanted.range.len() as f64;
        self.wanted.hits.map_or(1.0, |hits| (hits as f64 / expected.max(1e-9)).min(1.0))
    }

    /// Leaves out rows before the first and after the last entry of a condition's lists.
    fn narrow(&mut self) {
        if self.offers.len() < 2 {
            return;
        }
        for lists in self.offers.iter().filter_map(|offer| offer.lists.as_ref()) {
            if lists.len() <= HEADS {
                let first = lists.iter().map(List::first).min().unwrap_or(0);
                let last = lists.iter().map(List::last).max().unwrap_or(u32::MAX);
                let range = &mut self.wanted.range;
                range.start = range.start.max(first);
                range.end = range.end.min(last.saturating_add(1)).max(range.start);
            }
        }
    }

    /// Puts a cost to every offer and returns the slice's.
    fn estimate(&mut self, search: &Search<'_>) -> f64 {
        self.offers.sort_by(|a, b| a.share.total_cmp(&b.share));
        let lazy = match search.resolved() {
            Some(Resolved::Lazy { share }) => Some(share),
            _ => None,
        };
        let joint = self.offers.iter().map(|offer| offer.share).product::<f64>();
        let filled = self.filled(joint * lazy.unwrap_or(1.0));
        let rows = filled * self.wanted.range.len() as f64;
        let name = match search.resolved() {
            None => 0.0,
            Some(Resolved::Lazy { .. }) => LAZY_NAME_NANOS,
            Some(Resolved::Resources { .. }) => NAME_NANOS,
        };
        let tests = |driver: Option<usize>, mut share: f64, dense: bool| {
            let mut nanos = if dense { SLICE_NANOS } else { 0.0 };
            for (index, offer) in self.offers.iter().enumerate() {
                if Some(index) != driver && offer.condition.is_some() {
                    nanos += share * CODE_NANOS;
                    share *= offer.share;
                }
            }
            let is_driven = driver.is_some_and(|driver| self.offers[driver].condition.is_none());
            nanos + if is_driven { 0.0 } else { share * name }
        };
        let slice = rows * tests(None, 0.3, true);
        let costs: Vec<f64> = (0..self.offers.len())
            .map(|index| {
                let offer = &self.offers[index];
                let lists = offer.lists.as_ref().map_or(offer.codes.len(), Vec::len) as f64;
                let entries = filled * offer.entries;
                let opening = if offer.lists.is_some() { OPEN_NANOS / 2.0 } else { OPEN_NANOS };
                let heads = lists.min(HEADS as f64) * HEAD_NANOS;
                lists * opening + entries * (ENTRY_NANOS + heads + tests(Some(index), 1.0, false))
            })
            .collect();
        for (offer, cost) in self.offers.iter_mut().zip(costs) {
            offer.cost = cost;
        }
        slice
    }

    fn nothing(&self) -> Planned<'a> {
        let checks = self.checks(None, NameCheck::None);
        let report = plan_report::Driver::Nothing;
        Planned { driver: Driver::Nothing, checks, report }
    }

    fn slice(&self) -> Planned<'a> {
        let names = if self.compiled.by_name { NameCheck::Names } else { NameCheck::None };
        let names = self.consulted(self.wanted.range.len() as f64).unwrap_or(names);
        let checks = self.checks(None, names);
        Planned { driver: Driver::Slice, checks, report: plan_report::Driver::Slice }
    }

    /// Everything that the driver does not answer, the most selective first.
    fn checks(&self, driver: Option<&Offer<'a>>, names: NameCheck<'a>) -> Checks<'a> {
        let answered = driver.and_then(|offer| offer.condition).map(|it| it.dimension);
        let is_type = |condition: &&Condition| condition.dimension == Dimension::Type;
        let mut columns: Vec<&'a Condition> = match self.offers.is_empty() {
            true => self.compiled.columns.iter().collect(),
            false => self.offers.iter().filter_map(|offer| offer.condition).collect(),
        };
        columns.retain(|it| Some(it.dimension) != answered && !is_type(it));
        // Resources that were resolved have the type asked for.
        let by_resource = driver.is_some_and(|offer| offer.condition.is_none());
        let types = self.compiled.types.as_ref();
        let types = types.filter(|_| answered != Some(Dimension::Type) && !by_resource);
        columns.extend(self.compiled.hidden.as_ref().map(|hidden| &hidden.others));
        Checks { columns, types, names, last_seq: self.last_seq }
    }

    /// The lists of the few resources asked for, if consulting them is cheaper than testing names.
    fn consulted(&self, candidates: f64) -> Option<NameCheck<'a>> {
        let offer = self.offers.iter().find(|offer| offer.condition.is_none())?;
        let lists = offer.lists.as_ref().filter(|_| self.is_exact)?;
        let pays = lists.len() <= LISTS_CONSULTED && offer.entries <= candidates * 4.0;
        let direction = cursor_direction(self.wanted.direction);
        let cursor = |list: &List<'a>| list.cursor(self.wanted.range.clone(), direction);
        pays.then(|| NameCheck::Lists(lists.iter().map(cursor).collect()))
    }

    /// The walk of an offer's lists.
    fn lists(&mut self, index: usize, search: &mut Search<'_>) -> Result<Planned<'a>, StoreError> {
        let offer = self.offers.remove(index);
        let by_resource = offer.condition.is_none();
        let names = match (self.compiled.by_name, by_resource) {
            (false, _) => NameCheck::None,
            (true, true) if self.is_exact => NameCheck::None,
            _ => NameCheck::Names,
        };
        let count = offer.lists.as_ref().map_or(offer.codes.len(), Vec::len);
        let report = plan_report::Driver::Lists {
            dimension: dimension_name(offer.dimension),
            lists: count as u64,
            entries: steps_of(offer.entries),
        };
        let is_gathered = count > LISTS_LOOKED_UP
            || count > HEADS && offer.entries / (count as f64) < GATHERED_ENTRIES;
        if let Some(hits) = self.wanted.hits.filter(|_| is_gathered) {
            let mut checks = self.checks(Some(&offer), names);
            let Wanted { range, direction, .. } = self.wanted.clone();
            let gather = Gather { direction, wanted: hits, range };
            let codes = (offer.dimension, &*offer.codes);
            let rows = gather.find(self.rows, codes, &mut checks, search)?;
            let driver = Driver::Found { rows, next: 0 };
            return Ok(Planned { driver, checks: Checks::none(), report });
        }
        let names = match names {
            NameCheck::Names => self.consulted(offer.entries).unwrap_or(NameCheck::Names),
            other => other,
        };
        let checks = self.checks(Some(&offer), names);
        let driver = self.driver(&offer, search)?;
        Ok(Planned { driver, checks, report })
    }

    fn driver(&self, offer: &Offer<'a>, search: &mut Search<'_>) -> Result<Driver<'a>, StoreError> {
        let range = &self.wanted.range;
        let direction = cursor_direction(self.wanted.direction);
        let cursor = |list: &List<'a>| list.cursor(range.clone(), direction);
        let Some(lists) = &offer.lists else { return self.marked(offer, search) };
        Ok(match &lists[..] {
            [] => Driver::Nothing,
            [list] => Driver::List(Box::new(cursor(list))),
            few if few.len() <= HEADS => Driver::Heads(few.iter().map(cursor).collect()),
            many => Driver::Windows(Windows::new(many.iter().map(cursor).collect())),
        })
    }

    /// All entries of many lists as bits.
    fn marked(&self, offer: &Offer<'a>, search: &mut Search<'_>) -> Result<Driver<'a>, StoreError> {
        let range = &self.wanted.range;
        let mut words = vec![0; range.len().div_ceil(64)];
        for code in offer.codes.iter() {
            let list = self.rows.list(offer.dimension, code);
            search.work.step(1 + list.map_or(0, |list| u64::from(list.len())))?;
            if let Some(list) = list {
                list.cursor(range.clone(), CursorDirection::Forward)
                    .fill(range.clone(), &mut words);
            }
        }
        Ok(Driver::Marked { start: range.start, words })
    }
}

fn dimension_name(dimension: Dimension) -> ListDimension {
    match dimension {
        Dimension::Actor => ListDimension::Actor,
        Dimension::OnBehalfOf => ListDimension::OnBehalfOf,
        Dimension::Action => ListDimension::Action,
        Dimension::Kind => ListDimension::Kind,
        Dimension::Outcome => ListDimension::Outcome,
        Dimension::Type => ListDimension::ResourceType,
        Dimension::Resource => ListDimension::Resource,
    }
}

/// An expected number of entries as a count for people.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
fn steps_of(entries: f64) -> u64 {
    entries.round().clamp(0.0, f64::from(u32::MAX)) as u64
}
