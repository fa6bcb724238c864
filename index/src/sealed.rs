//! What a partition has sealed, as a source of names.

use std::ops::Range;

use annals_store::PartitionStore;

use crate::{IndexError, NameSource};

/// The sealed names of a partition: those of its segments alone, since only they come back with the
/// same codes whatever happens.
pub struct SealedNames<'a>(pub &'a PartitionStore);

impl NameSource for SealedNames<'_> {
    fn workspaces(&self) -> Result<Vec<(String, u32)>, IndexError> {
        Ok(self.0.sealed_workspaces())
    }

    fn visit_names(
        &self,
        workspace: &str,
        codes: Range<u32>,
        visit: &mut dyn FnMut(u32, &str) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        let mut outcome = Ok(());
        let visited = self.0.visit_sealed_names(workspace, codes.start, &mut |code, folded| {
            if outcome.is_ok() && code < codes.end {
                outcome = visit(code, folded);
            }
        });
        visited.map_err(|error| IndexError::from_source(workspace, error))?;
        outcome
    }
}
