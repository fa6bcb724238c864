//! What drives the walk of one group: whatever promises to be cheapest until the page is full.
//!
//! A condition's share is the part of the group's rows that satisfy it, by the lengths of its
//! lists, or by a sample of rows where the lists are many. Shares are taken as independent; where
//! they are not, a slice that has cost as much as the best list would is given up for that.

use std::ops::Range;
use std::sync::Arc;

use super::checks::{Checks, cursor_direction};
use super::compiled::{Compiled, Condition};
use super::driver::{Driver, Windows};
use super::found_names::LISTED_MAX;
use super::gather::Gather;
use super::names::Resolved;
use super::page_request::Direction;
use super::plan_cost::{Candidates, Costs, NameTests};
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
/// Lists with fewer entries than this are gathered rather than put together window by window.
const GATHERED_ENTRIES: f64 = 256.0;
/// Candidates are verified for the lists of their resources if that promises to cost less by this.
const WELL_BELOW: f64 = 1.5;
/// A list with an entry for so many rows of a range, or more, is put together by windows.
const ROWS_PER_ENTRY: f64 = 32.0;

/// How a group is to be walked.
pub(super) struct Planned<'a> {
    pub(super) driver: Driver<'a>,
    pub(super) checks: Checks<'a>,
    pub(super) report: plan_report::Driver,
    /// Steps of a slice that cost as much as the best of the lists.
    pub(super) reconsider_after: u64,
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

/// The cheapest but the slice.
pub(super) fn no_slice(_: f64, offers: &[Offer<'_>]) -> Option<usize> {
    cheapest(f64::INFINITY, offers)
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
    let mut planner = Planner {
        rows,
        wanted,
        compiled,
        last_seq,
        offers: Vec::new(),
        is_exact: false,
        reconsider_after: u64::MAX,
    };
    if search.is_empty() || planner.wanted.range.is_empty() {
        return Ok(planner.nothing());
    }
    if !rows.has_lists() {
        return Ok(planner.slice(search));
    }
    if !planner.measure_columns(search)? {
        return Ok(planner.nothing());
    }
    planner.resolve(search)?;
    if !planner.measure_names(search)? {
        return Ok(planner.nothing());
    }
    planner.narrow();
    if planner.wanted.range.is_empty() {
        return Ok(planner.nothing());
    }
    let mut slice = planner.estimate(search);
    if planner.is_worth_verifying(slice, search) {
        search.find_names()?;
        if !planner.measure_names(search)? {
            return Ok(planner.nothing());
        }
        slice = planner.estimate(search);
    }
    match choice(slice, &planner.offers) {
        Some(offer) => planner.lists(offer, search),
        None => Ok(planner.slice(search)),
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
    reconsider_after: u64,
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
        let Some(Resolved::Found { resources, exactly, .. }) = search.resolved() else {
            return Ok(true);
        };
        if search.found_names().is_some_and(|names| names.is_empty()) {
            return Ok(false);
        }
        self.is_exact = exactly;
        let Some(resources) = resources else { return Ok(true) };
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
            let lists: Vec<List<'a>> = self.rows.lists(dimension, codes.iter()).collect();
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

    /// Asks for candidates, or finds the names that match, if that costs less than judging those
    /// of the rows that will be met.
    fn resolve(&self, search: &mut Search<'_>) -> Result<(), StoreError> {
        let share = match search.resolved() {
            Some(Resolved::Lazy { share } | Resolved::Hinted { share }) => share,
            _ => return Ok(()),
        };
        let others: f64 = self.offers.iter().map(|offer| offer.share).product();
        let len = self.wanted.range.len() as f64;
        let filled = self.filled(others * share);
        // A group that does not fill the page is followed by others.
        let groups = if filled < 1.0 { 1.0 } else { search.groups_left.max(1) as f64 };
        let rows = filled * len * others * groups;
        // Of a page only rows that bear a candidate are judged, and no more than it takes.
        if self.wanted.hits.is_none() && search.is_worth_finding(rows) {
            search.find_names()?;
        } else if search.is_worth_asking(rows) {
            search.resolve()?;
        }
        Ok(())
    }

    /// Whether verifying the candidates and looking at the lists of their resources promises to
    /// cost much less than anything else.
    fn is_worth_verifying(&self, slice: f64, search: &Search<'_>) -> bool {
        let Some((candidates, is_tight)) = search.candidates() else { return false };
        let of_types = |offer: &&Offer<'_>| offer.dimension == Dimension::Type;
        let share = self.offers.iter().find(of_types).map_or(1.0, |offer| offer.share);
        let listed = (candidates as f64 * share).min(LISTED_MAX as f64);
        if is_tight && candidates as f64 * share > LISTED_MAX as f64 {
            return false;
        }
        let best = self.offers.iter().map(|offer| offer.cost).fold(slice, f64::min);
        Costs::verifying(candidates, listed) * WELL_BELOW < best
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
        let tests = |share, by_set, are_judged| NameTests { share, by_set, are_judged };
        let names = search.resolved().map(|resolved| match resolved {
            Resolved::Lazy { share } => tests(share, false, true),
            Resolved::Hinted { share } => tests(share, true, true),
            Resolved::Found { share, .. } => tests(share, true, false),
        });
        // The share of the resources' rows is that of their names.
        let by_resource = self.offers.iter().find(|offer| offer.condition.is_none());
        let names_share =
            by_resource.map(|offer| offer.share).or(names.map(|names| names.share)).unwrap_or(1.0);
        let conditions = self.offers.iter().filter(|offer| offer.condition.is_some());
        let joint = conditions.map(|offer| offer.share).product::<f64>() * names_share;
        let len = self.wanted.range.len() as f64;
        let tests = |driver: Option<&Offer<'_>>, candidates: Candidates| {
            let is_driver = |offer: &Offer<'_>| driver.is_some_and(|it| std::ptr::eq(it, offer));
            let others = self.offers.iter().filter(|offer| offer.condition.is_some());
            let shares = others.filter(|offer| !is_driver(offer)).map(|offer| offer.share);
            let by_resource = driver.is_some_and(|offer| offer.condition.is_none());
            candidates.tests(shares, names.filter(|_| !by_resource))
        };
        let costs = |filled: f64| Costs {
            slice: filled * len * tests(None, Candidates::All),
            offers: (self.offers.iter())
                .map(|offer| {
                    let lists = offer.lists.as_ref().map_or(offer.codes.len(), Vec::len);
                    let entries = filled * offer.entries;
                    let candidates = match offer.entries * ROWS_PER_ENTRY >= len {
                        true => Candidates::Dense(offer.entries / len.max(1.0)),
                        false => Candidates::Sparse,
                    };
                    let tests = tests(Some(offer), candidates);
                    let opening = (lists, offer.lists.is_some(), HEADS);
                    Costs::lists(opening, (entries, candidates), tests)
                })
                .collect(),
        };
        let expected = costs(self.filled(joint));
        let whole = costs(1.0);
        for (offer, cost) in self.offers.iter_mut().zip(expected.offers) {
            offer.cost = cost;
        }
        let verifying = search.verify_nanos().map_or(f64::INFINITY, |nanos| nanos as f64);
        let alternative = whole.offers.iter().copied().fold(verifying, f64::min);
        let per_row = whole.slice / len.max(1.0);
        self.reconsider_after = steps_of(alternative / per_row.max(0.1));
        expected.slice
    }

    fn nothing(&self) -> Planned<'a> {
        let checks = self.checks(None, false, false);
        let report = plan_report::Driver::Nothing;
        Planned { driver: Driver::Nothing, checks, report, reconsider_after: u64::MAX }
    }

    fn slice(&self, search: &Search<'_>) -> Planned<'a> {
        let checks = self.checks(None, self.compiled.by_name, search.found_names().is_some());
        let (report, reconsider_after) = (plan_report::Driver::Slice, self.reconsider_after);
        Planned { driver: Driver::Slice, checks, report, reconsider_after }
    }

    /// Everything that the driver does not answer, the most selective first.
    fn checks(&self, driver: Option<&Offer<'a>>, names: bool, are_found: bool) -> Checks<'a> {
        let answered = driver.and_then(|offer| offer.condition).map(|it| it.dimension);
        let is_type = |condition: &&Condition| condition.dimension == Dimension::Type;
        let mut columns: Vec<&'a Condition> = match self.offers.is_empty() {
            true => self.compiled.columns.iter().collect(),
            false => self.offers.iter().filter_map(|offer| offer.condition).collect(),
        };
        columns.retain(|it| Some(it.dimension) != answered && !is_type(it));
        // Names that were found are of resources of the type asked for.
        let by_resource = driver.is_some_and(|offer| offer.condition.is_none());
        let is_implied = by_resource || names && are_found;
        let types = self.compiled.types.as_ref();
        let types = types.filter(|_| answered != Some(Dimension::Type) && !is_implied);
        columns.extend(self.compiled.hidden.as_ref().map(|hidden| &hidden.others));
        Checks { columns, types, names, last_seq: self.last_seq }
    }

    /// The walk of an offer's lists.
    fn lists(&mut self, index: usize, search: &mut Search<'_>) -> Result<Planned<'a>, StoreError> {
        let offer = self.offers.remove(index);
        let by_resource = offer.condition.is_none();
        let names = self.compiled.by_name && !(by_resource && self.is_exact);
        let are_found = search.found_names().is_some();
        let count = offer.lists.as_ref().map_or(offer.codes.len(), Vec::len);
        let report = plan_report::Driver::Lists {
            dimension: dimension_name(offer.dimension),
            lists: count as u64,
            entries: steps_of(offer.entries),
        };
        let is_gathered = count > LISTS_LOOKED_UP
            || count > HEADS && offer.entries / (count as f64) < GATHERED_ENTRIES;
        if let Some(hits) = self.wanted.hits.filter(|_| is_gathered) {
            let checks = self.checks(Some(&offer), names, are_found);
            let Wanted { range, direction, .. } = self.wanted.clone();
            let gather = Gather { direction, wanted: hits, range };
            let codes = (offer.dimension, &*offer.codes);
            let rows = gather.find(self.rows, codes, &checks, search)?;
            let (driver, checks) = (Driver::Found { rows, next: 0 }, Checks::none());
            return Ok(Planned { driver, checks, report, reconsider_after: u64::MAX });
        }
        let checks = self.checks(Some(&offer), names, are_found);
        let driver = self.driver(&offer, checks.is_empty(), search)?;
        Ok(Planned { driver, checks, report, reconsider_after: u64::MAX })
    }

    fn driver(
        &self,
        offer: &Offer<'a>,
        are_hits: bool,
        search: &mut Search<'_>,
    ) -> Result<Driver<'a>, StoreError> {
        let range = &self.wanted.range;
        let direction = cursor_direction(self.wanted.direction);
        let cursor = |list: &List<'a>| list.cursor(range.clone(), direction);
        let Some(lists) = &offer.lists else { return self.marked(offer, search) };
        let is_dense = offer.entries * ROWS_PER_ENTRY >= range.len() as f64;
        Ok(match &lists[..] {
            [] => Driver::Nothing,
            [list] if !is_dense || are_hits => Driver::List(Box::new(cursor(list))),
            few if few.len() <= HEADS && !is_dense => {
                Driver::Heads(few.iter().map(cursor).collect())
            }
            many => Driver::Windows(Windows::new(many.iter().map(cursor).collect())),
        })
    }

    /// All entries of many lists as bits.
    fn marked(&self, offer: &Offer<'a>, search: &mut Search<'_>) -> Result<Driver<'a>, StoreError> {
        let range = &self.wanted.range;
        let mut words = vec![0; range.len().div_ceil(64)];
        search.work.step(offer.codes.len() as u64)?;
        for list in self.rows.lists(offer.dimension, offer.codes.iter()) {
            search.work.step(list.len().into())?;
            list.cursor(range.clone(), CursorDirection::Forward).fill(range.clone(), &mut words);
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
