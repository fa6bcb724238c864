//! Resources, one row each.

use annals_store::{ResourceActor, ResourceName, ResourceRow};
use serde::Serialize;
use utoipa::ToSchema;

use super::principal::PrincipalShape;
use super::{PageLinks, SnapshotShape};

/// A page of resources.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResourcesAnswer {
    data: Vec<ResourceRowShape>,
    page: PageLinks,
    snapshot: SnapshotShape,
}

/// What stands beside the rows in it.
#[derive(Serialize)]
pub(crate) struct ResourcesBeside {
    pub(crate) page: PageLinks,
    pub(crate) snapshot: SnapshotShape,
}

/// One resource.
#[derive(Serialize, ToSchema)]
#[schema(as = ResourceRow)]
pub(crate) struct ResourceRowShape {
    r#type: String,
    id: String,
    name: Option<String>,
    names: Vec<NameShape>,
    deleted: bool,
    /// Null: made before recording.
    creator: Option<ActorShape>,
    last_editor: Option<ActorShape>,
    first_at: String,
    last_at: String,
    changes: u32,
}

/// A name.
#[derive(Serialize, ToSchema)]
#[schema(as = ResourceName)]
struct NameShape {
    name: String,
    from: String,
}

/// Somebody and what is known of them.
#[derive(Serialize, ToSchema)]
#[schema(as = ResourceActor)]
struct ActorShape {
    actor: PrincipalShape,
    event_id: String,
    at: String,
}

impl From<ResourceRow> for ResourceRowShape {
    fn from(row: ResourceRow) -> Self {
        Self {
            r#type: row.resource_type,
            id: row.id,
            name: row.name,
            names: row.names.into_iter().map(Into::into).collect(),
            deleted: row.deleted,
            creator: row.creator.map(Into::into),
            last_editor: row.last_editor.map(Into::into),
            first_at: row.first_at.to_string(),
            last_at: row.last_at.to_string(),
            changes: row.changes,
        }
    }
}

impl From<ResourceName> for NameShape {
    fn from(name: ResourceName) -> Self {
        Self { name: name.name, from: name.from.to_string() }
    }
}

impl From<ResourceActor> for ActorShape {
    fn from(actor: ResourceActor) -> Self {
        Self {
            actor: actor.actor.into(),
            event_id: actor.event_id.to_string(),
            at: actor.at.to_string(),
        }
    }
}
