//! The feed: rows in the order of their arrival.

use super::budget::Budget;
use super::filter::Filter;
use super::row::Row;

/// The next rows of a feed asked for.
#[derive(Debug, Clone)]
pub struct FeedRequest<'a> {
    /// Which rows.
    pub filter: &'a Filter,
    /// Rows with a greater seq; 0 for all.
    pub after: u64,
    /// At most so many rows.
    pub limit: usize,
    /// Steps the query may take before it fails. Long before that it ends with what it has.
    pub budget: Budget,
}

/// Rows in ascending order of seq.
#[derive(Debug)]
pub struct FeedPage {
    /// The rows; there may be none although there are matching ones further on.
    pub rows: Vec<Row>,
    /// Every matching row after the one asked for and up to this seq is among them.
    pub through: u64,
    /// The workspace's last seq when it was read: there is nothing to wait for below it.
    pub last_seq: u64,
}
