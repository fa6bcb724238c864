//! The name index beside a partition, and what it is fed from.

use std::sync::Arc;

use annals_schemas::Offset;

use super::PartitionStore;
use crate::StoreError;
use crate::names::NameIndex;

impl PartitionStore {
    /// Lets name searches use this index from now on.
    pub fn set_names(&self, index: Arc<dyn NameIndex>) {
        *self.names.write() = Some(index);
    }

    /// Lets name searches scan from now on.
    pub fn clear_names(&self) {
        *self.names.write() = None;
    }

    /// The name index, where there is one.
    pub fn names_index(&self) -> Option<Arc<dyn NameIndex>> {
        self.names.read().clone()
    }

    /// The first offset that is sealed: codes count from there. `None` before the first seal.
    pub fn first_sealed_offset(&self) -> Option<Offset> {
        let state = self.state.read();
        state.segments.first().map(|segment| segment.identity().range.start)
    }

    /// Workspaces that have sealed names, with the number of these: names of the segments alone,
    /// since only they come back with the same codes whatever happens.
    pub fn sealed_workspaces(&self) -> Vec<(String, u32)> {
        let state = self.state.read();
        let workspaces = state.projection.workspaces();
        let sealed = workspaces
            .map(|(_, id, known)| (id.as_str().to_owned(), known.catalog.view().layer_names()));
        sealed.filter(|(_, names)| *names > 0).collect()
    }

    /// Calls `each(code, folded)` for a workspace's sealed names from a code on, in code order, and
    /// says which code comes next. Holds no lock meanwhile.
    pub fn visit_sealed_names(
        &self,
        workspace: &str,
        from: u32,
        each: &mut dyn FnMut(u32, &str),
    ) -> Result<u32, StoreError> {
        let Some(sealed) = self.sealed(workspace) else { return Ok(from) };
        let view = sealed.catalog.view();
        let names = view.layer_names().max(from);
        view.for_each_folded(from..names, each)?;
        Ok(names)
    }
}
