//! What is asked of resources, and the page that answers it.

use annals_schemas::Instant;

use super::budget::Budget;
use super::filter::{Filter, NameFilter};
use super::page_request::Direction;
use super::resource_row::ResourceRow;

/// Conditions on resources, all of which must hold; within one list any may. Empty lists ask
/// nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ResourceFilter {
    /// Resource types.
    pub types: Vec<String>,
    /// Ids, of resources of the types: without types there are none.
    pub ids: Vec<String>,
    /// A name: any that it ever bore, or under scope `Event` the one it has.
    pub name: Option<NameFilter>,
    /// Ids of creators.
    pub creators: Vec<String>,
    /// Ids of last editors.
    pub last_editors: Vec<String>,
    /// Last edited by someone other than the creator, both being known.
    pub edited_by_other: bool,
    /// last_at at or after.
    pub from: Option<Instant>,
    /// last_at before.
    pub to: Option<Instant>,
}

impl ResourceFilter {
    /// What of it rows are asked as well.
    pub(super) fn of_rows(&self) -> Filter {
        let (resource_types, name) = (self.types.clone(), self.name.clone());
        Filter { resource_types, name, ..Filter::default() }
    }
}

/// Where a walk over resources stands: at this resource, which was last named then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResourceKey {
    /// When it was last named.
    pub last_at: Instant,
    /// Its code, which is the same in every store of a log.
    pub code: u32,
}

/// One page of resources asked for.
#[derive(Debug, Clone)]
pub struct ResourceRequest<'a> {
    /// Which resources.
    pub filter: &'a ResourceFilter,
    /// Towards those last named earlier (`Older`), or later.
    pub direction: Direction,
    /// Strictly beyond this one; from the end if absent.
    pub after: Option<ResourceKey>,
    /// At most so many.
    pub limit: usize,
    /// Steps it may take: resources tested, names verified.
    pub budget: Budget,
}

/// Resources by descending last_at, then by ascending type and id, whichever way it was walked.
///
/// The order is the live one: a resource that is named again during a walk comes to its front.
#[derive(Debug, Default)]
pub struct ResourcePage {
    /// The resources.
    pub rows: Vec<ResourceRow>,
    /// Whether there are resources beyond the last one in the walked direction.
    pub more: bool,
    /// Last seq of what it was read from.
    pub snapshot: u64,
}
