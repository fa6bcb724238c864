//! The conditions that a driver does not answer, tested on the columns of its candidates.

use super::batch::{BATCH_LEN, Batch};
use super::compiled::Condition;
use super::page_request::Direction;
use super::search::Search;
use crate::StoreError;
use crate::packed::{Cursor, Direction as CursorDirection};
use crate::rows::{Column, Rows};

/// What is tested on each candidate, in this order.
pub(super) struct Checks<'a> {
    /// The most selective first.
    pub(super) columns: Vec<&'a Condition>,
    pub(super) types: Option<&'a Condition>,
    pub(super) names: NameCheck<'a>,
    /// Rows with a greater seq are not seen.
    pub(super) last_seq: Option<u64>,
}

/// How the condition on ids and names is tested.
pub(super) enum NameCheck<'a> {
    /// The driver's candidates satisfy it.
    None,
    /// By the names that a row bears.
    Names,
    /// By the lists of the few resources that are asked for: a row is in one of them.
    Lists(Vec<Cursor<'a>>),
}

impl Checks<'_> {
    /// Nothing to test.
    pub(super) fn none() -> Self {
        Self { columns: Vec::new(), types: None, names: NameCheck::None, last_seq: None }
    }

    /// Whether candidates are hits.
    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty()
            && self.types.is_none()
            && matches!(self.names, NameCheck::None)
            && self.last_seq.is_none()
    }

    /// Keeps the candidates that satisfy everything.
    pub(super) fn apply<R: Rows>(
        &mut self,
        rows: &R,
        batch: &mut Batch,
        search: &mut Search<'_>,
    ) -> Result<(), StoreError> {
        for condition in &self.columns {
            if batch.len() == 0 {
                return Ok(());
            }
            keep_by_column(condition, rows, batch);
        }
        if let Some(condition) = self.types.filter(|_| batch.len() > 0) {
            keep_by_type(condition, rows, batch);
        }
        if let Some(last_seq) = self.last_seq {
            batch.keep(|row| rows.key(row).seq <= last_seq);
        }
        match &mut self.names {
            NameCheck::None => Ok(()),
            NameCheck::Names => batch.try_keep(|row| names_one(rows, row, search)),
            NameCheck::Lists(lists) => {
                batch.keep(|row| lists.iter_mut().any(|list| is_in(list, row)));
                Ok(())
            }
        }
    }
}

fn keep_by_column<R: Rows>(condition: &Condition, rows: &R, batch: &mut Batch) {
    let Condition { column, values, .. } = condition;
    match batch.dense_window() {
        Some(window) => {
            let mut codes = [0; BATCH_LEN];
            rows.codes(*column, window.start, &mut codes[..window.len()]);
            batch.keep(|row| values.contains(codes[(row - window.start) as usize % BATCH_LEN]));
        }
        None => batch.keep(|row| values.contains(rows.code(*column, row))),
    }
}

fn keep_by_type<R: Rows>(condition: &Condition, rows: &R, batch: &mut Batch) {
    if !rows.has_further() {
        return keep_by_column(condition, rows, batch);
    }
    batch.keep(|row| {
        condition.values.contains(rows.code(Column::Type, row))
            || rows.further(row).iter().any(|(code, _)| condition.codes.contains(code))
    });
}

/// Whether one of the row's resources is asked for.
fn names_one<R: Rows>(rows: &R, row: u32, search: &mut Search<'_>) -> Result<bool, StoreError> {
    let Some(name) = rows.code(Column::Name, row).checked_sub(1) else { return Ok(false) };
    // A row with a first name has a first type.
    let resource_type = rows.code(Column::Type, row).wrapping_sub(1);
    if search.admits_resource(resource_type, name)? {
        return Ok(true);
    }
    if rows.has_further() {
        for (resource_type, name) in rows.further(row).iter() {
            if search.admits_resource(resource_type, name)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Whether a list has a row; rows are asked for in the direction of the cursor.
#[inline]
fn is_in(list: &mut Cursor<'_>, row: u32) -> bool {
    list.seek(row);
    list.peek() == Some(row)
}

/// The same direction, as lists call it.
pub(super) fn cursor_direction(direction: Direction) -> CursorDirection {
    match direction {
        Direction::Older => CursorDirection::Backward,
        Direction::Newer => CursorDirection::Forward,
    }
}
