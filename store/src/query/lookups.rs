//! Questions to a catalog that are asked once a name or an actor of a walk.

use std::ops::Range;

use annals_schemas::ActorKind;

use crate::StoreError;
use crate::catalog::CatalogView;

/// Calls `each(code, kind)` for a range of actors.
pub(super) fn for_each_actor_kind(
    view: &CatalogView<'_>,
    range: Range<u32>,
    mut each: impl FnMut(u32, ActorKind),
) -> Result<(), StoreError> {
    for code in range {
        each(code, view.actor_kind(code)?);
    }
    Ok(())
}
