//! What a workspace's rows are filtered and ordered by, without touching the rows.

use annals_schemas::{Kind, Outcome};
use serde::{Deserialize, Serialize};

use super::blocks::BlockRef;
use crate::catalog::OrderKey;
use crate::fold::VisibleRow;

/// Columns of one workspace in one segment. Visible rows come first, in page order (oldest first);
/// refused rows follow, in offset order, without columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Columns {
    effective_at: Vec<i64>,
    seq: Vec<u64>,
    actor: Vec<u32>,
    on_behalf_of: Vec<u32>,
    action: Vec<u32>,
    kind: Vec<Kind>,
    outcome: Vec<Outcome>,
    /// First resource's name code + 1; 0 for an event without resource.
    first_name: Vec<u32>,
    /// Side list of further resources: rows ascending, a row's codes in event order.
    further_rows: Vec<u32>,
    further_names: Vec<u32>,
    /// Rows after the visible ones.
    refused: u32,
    pub(super) blocks: Vec<BlockRef>,
}

impl Columns {
    pub(super) fn push(&mut self, row: &VisibleRow) {
        let number = u32::try_from(self.seq.len()).expect("fewer than 2^32 rows a segment");
        self.effective_at.push(row.key.effective_at);
        self.seq.push(row.key.seq);
        self.actor.push(row.codes.actor);
        self.on_behalf_of.push(row.codes.on_behalf_of);
        self.action.push(row.codes.action);
        self.kind.push(row.codes.kind);
        self.outcome.push(row.codes.outcome);
        self.first_name.push(row.codes.names.first().map_or(0, |code| code + 1));
        for &code in row.codes.names.iter().skip(1) {
            self.further_rows.push(number);
            self.further_names.push(code);
        }
    }

    pub(super) fn set_refused(&mut self, refused: u32) {
        self.refused = refused;
    }

    /// Number of visible rows.
    pub(crate) fn visible(&self) -> usize {
        self.seq.len()
    }

    /// Row numbers of the refused.
    pub(crate) fn refused(&self) -> std::ops::Range<u32> {
        let first = u32::try_from(self.seq.len()).unwrap_or(u32::MAX);
        first..first + self.refused
    }

    pub(crate) fn key(&self, row: usize) -> OrderKey {
        OrderKey { effective_at: self.effective_at[row], seq: self.seq[row] }
    }

    /// First row at or after this key in page order.
    pub(crate) fn first_at_or_after(&self, key: OrderKey) -> usize {
        let by_time = self.effective_at.partition_point(|at| *at < key.effective_at);
        let end = self.effective_at.partition_point(|at| *at <= key.effective_at);
        by_time + self.seq[by_time..end].partition_point(|seq| *seq < key.seq)
    }

    /// First row later than this time.
    pub(crate) fn first_after_time(&self, effective_at: i64) -> usize {
        self.effective_at.partition_point(|at| *at <= effective_at)
    }

    /// The row in the form the filter reads.
    pub(crate) fn codes(&self, row: usize) -> RowCodes<'_> {
        let first = self.further_rows.partition_point(|other| (*other as usize) < row);
        let count = self.further_rows[first..].partition_point(|other| *other as usize == row);
        RowCodes {
            seq: self.seq[row],
            actor: self.actor[row],
            on_behalf_of: self.on_behalf_of[row],
            action: self.action[row],
            kind: self.kind[row],
            outcome: self.outcome[row],
            first_name: self.first_name[row].checked_sub(1),
            further_names: &self.further_names[first..first + count],
        }
    }

    /// Whether all columns have one length and everything points inside.
    pub(super) fn is_sound(&self) -> bool {
        let rows = self.seq.len();
        let columns = [
            self.effective_at.len(),
            self.actor.len(),
            self.on_behalf_of.len(),
            self.action.len(),
            self.kind.len(),
            self.outcome.len(),
            self.first_name.len(),
        ];
        columns.iter().all(|length| *length == rows)
            && self.further_rows.len() == self.further_names.len()
            && self.further_rows.is_sorted()
            && (1..rows).all(|row| self.key(row - 1) < self.key(row))
            && self.blocks.is_sorted_by_key(|block| block.first_row)
    }

    /// Bytes held in memory, for the cache's bound.
    pub(crate) fn size_bytes(&self) -> usize {
        self.seq.len() * 34 + self.further_rows.len() * 8 + self.blocks.len() * 32 + 256
    }
}

/// One row's filterable fields.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowCodes<'a> {
    pub(crate) seq: u64,
    pub(crate) actor: u32,
    pub(crate) on_behalf_of: u32,
    pub(crate) action: u32,
    pub(crate) kind: Kind,
    pub(crate) outcome: Outcome,
    pub(crate) first_name: Option<u32>,
    pub(crate) further_names: &'a [u32],
}

impl<'a> RowCodes<'a> {
    /// The same view of a row that is still in memory.
    pub(crate) fn of(row: &'a VisibleRow) -> Self {
        let (first, further) = match row.codes.names.split_first() {
            Some((first, further)) => (Some(*first), further),
            None => (None, &[][..]),
        };
        Self {
            seq: row.key.seq,
            actor: row.codes.actor,
            on_behalf_of: row.codes.on_behalf_of,
            action: row.codes.action,
            kind: row.codes.kind,
            outcome: row.codes.outcome,
            first_name: first,
            further_names: further,
        }
    }
}
