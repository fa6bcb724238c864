//! Keys between which rows are wanted.

use std::ops::Range;

use super::filter::Filter;
use super::page_request::Direction;
use crate::catalog::OrderKey;
use crate::rows::Rows;

const LEAST: OrderKey = OrderKey { effective_at: i64::MIN, seq: 0 };
const GREATEST: OrderKey = OrderKey { effective_at: i64::MAX, seq: u64::MAX };

/// Keys between which rows are wanted, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: OrderKey,
    pub(crate) last: OrderKey,
}

impl Span {
    /// The keys that a filter's range of time admits.
    pub(crate) fn of(filter: &Filter) -> Self {
        let from = filter.from.map(|from| from.micros());
        let first = from.map_or(LEAST, |effective_at| OrderKey { effective_at, seq: 0 });
        let before = |to: i64| match to.checked_sub(1) {
            Some(effective_at) => OrderKey { effective_at, seq: u64::MAX },
            None => LEAST,
        };
        Self { first, last: filter.to.map_or(GREATEST, |to| before(to.micros())) }
    }

    /// What of it lies strictly beyond a key in a direction.
    pub(crate) fn beyond(mut self, direction: Direction, after: Option<OrderKey>) -> Self {
        let Some(after) = after else { return self };
        match direction {
            // No seq below 0 is needed: seqs begin at 1.
            Direction::Older => {
                let last = OrderKey { seq: after.seq.saturating_sub(1), ..after };
                self.last = self.last.min(last);
            }
            Direction::Newer => {
                let first = OrderKey { seq: after.seq.saturating_add(1), ..after };
                self.first = self.first.max(first);
            }
        }
        self
    }

    /// Whether no key lies in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.first > self.last
    }

    /// Whether any key between these lies in it.
    pub(crate) fn meets(&self, oldest: OrderKey, newest: OrderKey) -> bool {
        !self.is_empty() && newest >= self.first && oldest <= self.last
    }

    /// The rows whose keys lie in it.
    pub(crate) fn rows<R: Rows>(&self, rows: &R) -> Range<u32> {
        if self.is_empty() {
            return 0..0;
        }
        let start = if self.first == LEAST { 0 } else { rows.lower_bound(self.first) };
        let end = match successor(self.last) {
            Some(key) => rows.lower_bound(key),
            None => rows.len(),
        };
        start..end.max(start)
    }
}

/// The smallest key above this one.
fn successor(key: OrderKey) -> Option<OrderKey> {
    match key.seq.checked_add(1) {
        Some(seq) => Some(OrderKey { seq, ..key }),
        None => {
            let effective_at = key.effective_at.checked_add(1)?;
            Some(OrderKey { effective_at, seq: 0 })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(effective_at: i64, seq: u64) -> OrderKey {
        OrderKey { effective_at, seq }
    }

    #[test]
    fn beyond_leaves_the_key_itself_out() {
        let all = Span { first: LEAST, last: GREATEST };
        let older = all.beyond(Direction::Older, Some(at(5, 3)));
        assert_eq!((older.first, older.last), (LEAST, at(5, 2)));
        let newer = all.beyond(Direction::Newer, Some(at(5, 3)));
        assert_eq!((newer.first, newer.last), (at(5, 4), GREATEST));
    }

    #[test]
    fn a_span_that_ends_with_a_moment_holds_all_its_seqs() {
        assert_eq!(successor(at(5, u64::MAX)), Some(at(6, 0)));
        assert_eq!(successor(GREATEST), None);
    }
}
