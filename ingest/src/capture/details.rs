//! What only a handler knows of the event that its route records.

use std::sync::Arc;

use annals_schemas::{Change, Event, Resource};
use parking_lot::Mutex;
use serde::Serialize;

use crate::{BuildError, EventBuilder};

/// Said by a handler, through `Extension<AuditDetails>`. Clones say the same event.
#[derive(Clone, Default)]
pub struct AuditDetails(Arc<Mutex<Said>>);

#[derive(Default)]
struct Said {
    action: Option<String>,
    name: Option<String>,
    /// In the place of the path's.
    resources: Vec<Resource>,
    changes: Vec<Change>,
    metadata: Option<annals_schemas::JsonText>,
}

impl AuditDetails {
    /// It was another action after all.
    pub fn action(&self, action: impl Into<String>) {
        self.0.lock().action = Some(action.into());
    }

    /// The name of the resource that the path tells.
    pub fn name(&self, name: impl Into<String>) {
        self.0.lock().name = Some(name.into());
    }

    /// A resource it was done on; the first one said here stands in the place of the path's.
    pub fn on(&self, resource_type: impl Into<String>, id: impl Into<String>, name: Option<&str>) {
        let (resource_type, id, name) = (resource_type.into(), id.into(), name.map(str::to_owned));
        self.0.lock().resources.push(Resource { resource_type, id, name });
    }

    /// The fields in which two states differ; see [`EventBuilder::changed`].
    ///
    /// # Errors
    /// When serde cannot write one of them as JSON that events may hold.
    pub fn changed<T: Serialize + ?Sized>(&self, before: &T, after: &T) -> Result<(), BuildError> {
        let changes = scratch().changed(before, after)?.build().changes;
        self.0.lock().changes.extend(changes);
        Ok(())
    }

    /// Anything else, as a JSON object.
    ///
    /// # Errors
    /// See [`EventBuilder::metadata`].
    pub fn metadata<T: Serialize + ?Sized>(&self, metadata: &T) -> Result<(), BuildError> {
        let metadata = scratch().metadata(metadata)?.build().metadata;
        self.0.lock().metadata = metadata;
        Ok(())
    }

    /// The event with all that was said.
    pub(super) fn complete(
        &self,
        builder: EventBuilder,
        resource: Option<(String, String)>,
    ) -> Event {
        let said = std::mem::take(&mut *self.0.lock());
        let mut event = builder.build();
        event.action = said.action.unwrap_or(event.action);
        event.resources = said.resources;
        if event.resources.is_empty()
            && let Some((resource_type, id)) = resource
        {
            event.resources.push(Resource { resource_type, id, name: None });
        }
        if let (Some(first), Some(name)) = (event.resources.first_mut(), said.name) {
            first.name = Some(name);
        }
        event.changes = said.changes;
        event.metadata = said.metadata;
        event
    }
}

/// A builder for its parts alone.
fn scratch() -> EventBuilder {
    EventBuilder::new("scratch", "scratch").expect("the id is a legal one")
}
