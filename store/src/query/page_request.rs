//! Pages: keyset, both ways.

use super::budget::Budget;
use super::count::{CountMode, Total};
use super::filter::Filter;
use super::plan_report::Plan;
use super::row::Row;
use crate::catalog::OrderKey;

/// Which way a page goes from its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Towards older rows: the next page.
    Older,
    /// Towards newer rows: the previous page.
    Newer,
}

/// One page asked for.
#[derive(Debug, Clone)]
pub struct PageRequest<'a> {
    /// Which rows.
    pub filter: &'a Filter,
    /// Which way.
    pub direction: Direction,
    /// Strictly beyond this key; from the end if absent.
    pub after: Option<OrderKey>,
    /// At most so many rows.
    pub limit: usize,
    /// Last seq of the snapshot; the newest if absent.
    pub snapshot: Option<u64>,
    /// Whether to count.
    pub count: CountMode,
    /// What it may do before it gives up; the count has as many steps for itself.
    pub budget: Budget,
    /// Whether to tell how the page was found.
    pub explain: bool,
}

/// A page, newest row first whichever way it was walked.
#[derive(Debug)]
pub struct Page<R = Row> {
    /// The rows, or what was made of each.
    pub rows: Vec<R>,
    /// Whether there are rows beyond the last one in the walked direction.
    pub more: bool,
    /// Last seq of the snapshot it was read from.
    pub snapshot: u64,
    /// Matching rows in the whole snapshot, if asked for.
    pub total: Option<Total>,
    /// How it was found, if asked for.
    pub plan: Option<Plan>,
}

/// A part of a walk through a snapshot.
#[derive(Debug)]
pub struct WalkPart<R> {
    /// What was made of each row, newest first.
    pub rows: Vec<R>,
    /// The key after which the next part begins; none if this is the last.
    pub after: Option<OrderKey>,
}
