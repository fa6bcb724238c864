//! The form in which a row of a frozen tail is stored: compact where its record comes back from
//! that.

use super::frozen::FrozenGroup;
use crate::StoreError;
use crate::catalog::{CatalogView, Delta, DeltaCatalog};
use crate::fold::{FoldedRow, VisibleRow};
use crate::segment::{FactCodes, RowFacts, StoredRow, write_compact};

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
        let mut is_compact = false;
        if let (Some(visible), Some((workspace, delta))) = (row.visible(), &group.owner) {
            let catalog = DeltaCatalog::new(delta);
            let facts = facts(workspace.as_str(), delta, &catalog.view(), visible)?;
            is_compact = write_compact(row, &facts, &mut self.scratch, &mut self.stored);
        }
        if !is_compact {
            StoredRow::append(row, &mut self.stored);
        }
        Ok(&self.stored)
    }
}

/// What the segment will say of a row: a frozen delta holds everything that its rows touched.
fn facts<'a>(
    workspace: &'a str,
    delta: &'a Delta,
    catalog: &CatalogView<'a>,
    visible: &VisibleRow,
) -> Result<RowFacts<'a>, StoreError> {
    let codes = &visible.codes;
    let fact_codes = FactCodes {
        key: visible.key,
        actor: codes.actor,
        on_behalf_of: codes.on_behalf_of,
        action: codes.action,
        kind: codes.kind,
        outcome: codes.outcome,
    };
    let names = codes.resources.iter().map(|resource| resource.name);
    RowFacts::look_up(&fact_codes, names, (workspace, catalog), |actor| delta.profile(actor))
}
