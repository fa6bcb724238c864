//! Visible rows of a tail by event: exact, and bounded by the tail.

use std::sync::Arc;

use hashbrown::HashTable;

use crate::fold::{FoldedRow, VisibleRow};

/// Rows by the hash of workspace and event id.
#[derive(Debug, Default)]
pub(super) struct Events(HashTable<(u64, Arc<FoldedRow>)>);

impl Events {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Looks where a row of this hash is or would be, to have that in the processor's caches.
    pub(super) fn touch(&self, id_hash: u64) -> bool {
        self.0.find(spread(id_hash), |(hash, _)| *hash == id_hash).is_some()
    }

    /// Takes up a row if it is visible.
    pub(super) fn insert(&mut self, row: Arc<FoldedRow>) {
        let Some(hash) = row.visible().map(|visible| visible.id_hash) else { return };
        self.0.insert_unique(spread(hash), (hash, row), |(hash, _)| spread(*hash));
    }

    /// The visible row of this event of a workspace with this code.
    pub(super) fn get(
        &self,
        id_hash: u64,
        workspace: u32,
        event_id: &[u8; 16],
    ) -> Option<(&Arc<FoldedRow>, &VisibleRow)> {
        let is_it = |(hash, row): &(u64, Arc<FoldedRow>)| {
            *hash == id_hash
                && row.workspace == Some(workspace)
                && row.visible().is_some_and(|visible| visible.event_id == *event_id)
        };
        let (_, row) = self.0.find(spread(id_hash), is_it)?;
        Some((row, row.visible()?))
    }
}

/// The hash has 48 bits, the table looks at the highest of 64 too.
fn spread(id_hash: u64) -> u64 {
    id_hash.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
