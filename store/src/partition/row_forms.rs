//! The form in which a row of a frozen tail is stored: compact where its record comes back from
//! that.

use annals_schemas::split_avro_event;

use super::frozen::{FrozenGroup, Owner};
use crate::StoreError;
use crate::fold::{FoldedRow, VisibleRow};
use crate::segment::{RowFacts, StoredRow, write_compact};

/// Makes the bytes of rows, one at a time.
#[derive(Debug, Default)]
pub(super) struct RowForms {
    stored: Vec<u8>,
    scratch: Vec<u8>,
}

impl RowForms {
    /// The bytes that a segment keeps of a row of this group, good until the next ones are made.
    pub(super) fn of(&mut self, group: &FrozenGroup, row: &FoldedRow) -> Result<&[u8], StoreError> {
        self.stored.clear();
        let is_compact = match (row.visible(), &group.owner) {
            (Some(visible), Some(owner)) => self.compact(owner, row, visible)?,
            _ => false,
        };
        if !is_compact {
            StoredRow::append(row, &mut self.stored);
        }
        Ok(&self.stored)
    }

    /// What columns and catalog will say of a row is what its event says, except for names and
    /// e-mails of actors. That they do say it is seen when rows are read back.
    fn compact(
        &mut self,
        owner: &Owner,
        row: &FoldedRow,
        visible: &VisibleRow,
    ) -> Result<bool, StoreError> {
        let value = row.record.value.as_deref().unwrap_or_default();
        let Some((head, rest)) = split_avro_event(value) else { return Ok(false) };
        let VisibleRow { key, codes, .. } = visible;
        let actor = owner.delta.profile(codes.actor)?;
        let other = codes.on_behalf_of.map(|code| owner.delta.profile(code)).transpose()?;
        let order = (*key, codes.kind);
        let facts = RowFacts::of_event(&head, order, owner.workspace.as_str(), (actor, other));
        let (scratch, stored) = (&mut self.scratch, &mut self.stored);
        Ok(write_compact(row, (&head, rest), &facts, scratch, stored))
    }
}
