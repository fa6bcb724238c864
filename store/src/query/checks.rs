//! The conditions that a driver does not answer, tested on the columns of its candidates.

use super::batch::Batch;
use super::compiled::Condition;
use super::mask::Mask;
use super::page_request::Direction;
use super::search::Search;
use super::values::Values;
use crate::StoreError;
use crate::packed::Direction as CursorDirection;
use crate::rows::{Column, Further, Rows};

/// What is tested on each candidate, in this order.
pub(super) struct Checks<'a> {
    /// The most selective first.
    pub(super) columns: Vec<&'a Condition>,
    pub(super) types: Option<&'a Condition>,
    /// Whether the condition on ids and names is tested.
    pub(super) names: bool,
    /// Rows with a greater seq are not seen.
    pub(super) last_seq: Option<u64>,
}

impl Checks<'_> {
    /// Nothing to test.
    pub(super) fn none() -> Self {
        Self { columns: Vec::new(), types: None, names: false, last_seq: None }
    }

    /// Whether candidates are hits.
    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.types.is_none() && !self.names && self.last_seq.is_none()
    }

    /// Whether a mask says which rows are hits; otherwise names are left to be judged.
    pub(super) fn is_by_mask(&self, search: &Search<'_>) -> bool {
        !self.names || search.found_names().is_some()
    }

    /// Keeps the candidates that satisfy everything.
    pub(super) fn apply<R: Rows>(
        &self,
        rows: &R,
        batch: &mut Batch,
        search: &mut Search<'_>,
    ) -> Result<(), StoreError> {
        for condition in &self.columns {
            batch.keep(|row| condition.values.contains(rows.code(condition.column, row)));
        }
        if let Some(last_seq) = self.last_seq {
            batch.keep(|row| rows.key(row).seq <= last_seq);
        }
        if let Some(condition) = self.types {
            batch.keep(|row| {
                condition.values.contains(rows.code(Column::Type, row))
                    || further(rows, row).any(|(code, _)| condition.codes.contains(code))
            });
        }
        if !self.names {
            return Ok(());
        }
        if let Some(names) = search.hinted_names() {
            batch.keep(|row| {
                names.has_value(rows.code(Column::Name, row))
                    || further(rows, row).any(|(_, name)| names.contains(name))
            });
        }
        match self.is_by_mask(search) {
            true => Ok(()),
            false => self.judge(rows, batch, search),
        }
    }

    /// Keeps the candidates of a mask that satisfy everything; names may be left to be judged.
    pub(super) fn apply_to_mask<R: Rows>(&self, rows: &R, mask: &mut Mask, search: &Search<'_>) {
        for condition in &self.columns {
            if mask.is_empty() {
                return;
            }
            mask.keep_column(rows, condition.column, Values::Codes(&condition.values));
        }
        if let Some(condition) = self.types.filter(|_| !mask.is_empty()) {
            let column = (Column::Type, Values::Codes(&condition.values));
            mask.keep_resource(rows, column, |code, _| condition.codes.contains(code));
        }
        if let Some(last_seq) = self.last_seq {
            mask.keep(|row| rows.key(row).seq <= last_seq);
        }
        if self.names
            && !mask.is_empty()
            && let Some(names) = search.hinted_names()
        {
            let column = (Column::Name, Values::Names(names));
            mask.keep_resource(rows, column, |_, name| names.contains(name));
        }
    }

    /// Keeps the candidates of which one resource bears a name that is judged to match.
    pub(super) fn judge<R: Rows>(
        &self,
        rows: &R,
        batch: &mut Batch,
        search: &mut Search<'_>,
    ) -> Result<(), StoreError> {
        batch.try_keep(|row| names_one(rows, row, search))
    }
}

/// Whether one of the row's resources is asked for.
fn names_one<R: Rows>(rows: &R, row: u32, search: &mut Search<'_>) -> Result<bool, StoreError> {
    let Some(name) = rows.code(Column::Name, row).checked_sub(1) else { return Ok(false) };
    // A row with a first name has a first type.
    let resource_type = rows.code(Column::Type, row).wrapping_sub(1);
    if search.admits_resource(resource_type, name)? {
        return Ok(true);
    }
    for (resource_type, name) in further(rows, row) {
        if search.admits_resource(resource_type, name)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Type and name of the resources after a row's first.
fn further<R: Rows>(rows: &R, row: u32) -> impl Iterator<Item = (u32, u32)> {
    let further = if rows.has_further() { rows.further(row) } else { Further::Plain(&[]) };
    (0..further.len()).map(move |index| further.get(index))
}

/// The same direction, as lists call it.
pub(super) fn cursor_direction(direction: Direction) -> CursorDirection {
    match direction {
        Direction::Older => CursorDirection::Backward,
        Direction::Newer => CursorDirection::Forward,
    }
}
