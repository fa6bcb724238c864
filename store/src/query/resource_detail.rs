//! One resource. Its history is the list of events filtered by its type and id.

use super::budget::Budget;
use super::resource_row::{FoundResource, ResourceRow};
use super::work::Work;
use super::workspace::WorkspaceReader;
use crate::StoreError;
use crate::partition::{WorkspaceLive, WorkspaceSealed};

impl WorkspaceReader {
    /// One resource, and the last seq of what it was read from; `None` if no event names it.
    /// `budget` bounds the names that are told.
    pub fn resource(
        &self,
        resource_type: &str,
        id: &str,
        budget: Budget,
    ) -> Result<Option<(ResourceRow, u64)>, StoreError> {
        if let Some(restriction) = self.restriction() {
            // What an actor did to it cannot be told apart from what others did.
            let Some((own_type, own_id)) = restriction.resource.as_ref() else {
                return Err(StoreError::Restricted);
            };
            if restriction.actor.is_some() {
                return Err(StoreError::Restricted);
            }
            if (own_type.as_str(), own_id.as_str()) != (resource_type, id) {
                return Ok(None);
            }
        }
        let found = self
            .store
            .with_live(self.id.as_str(), |now| look_up((resource_type, id), now))
            .transpose()?;
        let Some((found, sealed, snapshot)) = found.flatten() else { return Ok(None) };
        let mut work = Work::new(budget);
        let rows = self.describe(vec![found], &sealed, &mut work)?;
        Ok(rows.into_iter().next().map(|row| (row, snapshot)))
    }
}

/// Under the lock: the state, and of its events those in the live tail.
fn look_up(
    (type_text, id): (&str, &str),
    now: &WorkspaceLive<'_>,
) -> Result<Option<(FoundResource, WorkspaceSealed, u64)>, StoreError> {
    let view = &now.catalog;
    let Some(resource_type) = view.type_code(type_text)? else { return Ok(None) };
    let Some(code) = view.resource_code(resource_type, id)? else { return Ok(None) };
    let mut found = FoundResource {
        code,
        resource_type: type_text.to_owned(),
        id: id.to_owned(),
        state: view.resource_state(code)?,
        creation: None,
        last_edit: None,
    };
    found.find_live_events(&now.chunks);
    Ok(Some((found, now.sealed.clone(), now.last_seq)))
}
