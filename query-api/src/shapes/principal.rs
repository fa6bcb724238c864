//! Somebody: the performer of an event, or of what was done to a resource.

use annals_store::ActorNow;
use serde::Serialize;
use utoipa::ToSchema;

use crate::openapi::{ActorKindName, StatusName};

/// Somebody who acted, or was acted for.
#[derive(Serialize, ToSchema)]
#[schema(as = Principal)]
pub(crate) struct PrincipalShape {
    #[schema(value_type = ActorKindName, inline)]
    pub(crate) kind: &'static str,
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    #[schema(value_type = StatusName, inline)]
    pub(crate) status: &'static str,
}

impl From<ActorNow> for PrincipalShape {
    fn from(actor: ActorNow) -> Self {
        Self {
            kind: actor.kind.as_str(),
            id: actor.id,
            name: actor.name,
            email: actor.email,
            status: status(actor.former),
        }
    }
}

pub(super) fn status(former: bool) -> &'static str {
    if former { "former" } else { "active" }
}
