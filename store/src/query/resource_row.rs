//! A resource as people see it: who made it, who changed it last, and what it was called.

use annals_schemas::Instant;
use uuid::Uuid;

use super::resource_request::ResourceKey;
use super::work::Work;
use super::workspace::ActorNow;
use crate::StoreError;
use crate::catalog::{CatalogView, Latest, OrderKey, ResourceState};

/// One resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceRow {
    /// Kind of thing.
    pub resource_type: String,
    /// Stable id within the type.
    pub id: String,
    /// Its name; none if it was never named.
    pub name: Option<String>,
    /// Every name that it bore, the one first seen first.
    pub names: Vec<ResourceName>,
    /// Whether the latest create or delete was a delete.
    pub deleted: bool,
    /// Who made it; none if its earliest create is not on record.
    pub creator: Option<ResourceActor>,
    /// Who created, updated or deleted it last.
    pub last_editor: Option<ResourceActor>,
    /// First event that names it.
    pub first_at: Instant,
    /// Last event that names it.
    pub last_at: Instant,
    /// Creates, updates and deletes.
    pub changes: u32,
    /// Where a walk stands that has come to it.
    pub key: ResourceKey,
}

/// A name of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceName {
    /// The name.
    pub name: String,
    /// The event that brought it.
    pub from: Instant,
}

/// What somebody did to a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceActor {
    /// Who, as of reading.
    pub actor: ActorNow,
    /// The event.
    pub event_id: Uuid,
    /// When.
    pub at: Instant,
}

/// A resource at one moment, before it is described.
#[derive(Debug)]
pub(super) struct FoundResource {
    pub(super) code: u32,
    pub(super) resource_type: String,
    pub(super) id: String,
    pub(super) state: ResourceState,
    pub(super) creation: Option<Uuid>,
    pub(super) last_edit: Option<Uuid>,
}

impl FoundResource {
    /// The row, with what the catalog says now of actors. `view` must know every code.
    pub(super) fn describe(
        self,
        view: &CatalogView<'_>,
        work: &mut Work,
    ) -> Result<ResourceRow, StoreError> {
        let Self { code, resource_type, id, state, creation, last_edit } = self;
        let name = match state.current_name() {
            Some(name) => view.name(name)?.text.map(str::to_owned),
            None => None,
        };
        let last_at = instant(state.last);
        Ok(ResourceRow {
            resource_type,
            id,
            name,
            names: names(state.newest_name, view, work)?,
            deleted: state.is_deleted(),
            creator: actor(state.creator, creation, view)?,
            last_editor: actor(state.last_editor, last_edit, view)?,
            first_at: instant(state.first),
            last_at,
            changes: state.changes,
            key: ResourceKey { last_at, code },
        })
    }
}

/// The names of a chain, by the key of the event that brought each.
fn names(
    mut next: Option<u32>,
    view: &CatalogView<'_>,
    work: &mut Work,
) -> Result<Vec<ResourceName>, StoreError> {
    let mut names = Vec::new();
    while let Some(code) = next {
        work.step(1)?;
        let name = view.name(code)?;
        names.extend(name.text.map(|text| (name.first, code, text)));
        next = name.previous;
    }
    names.sort_unstable_by_key(|(first, code, _)| (*first, *code));
    let told = |(first, _, name): (OrderKey, u32, &str)| ResourceName {
        name: name.to_owned(),
        from: instant(first),
    };
    Ok(names.into_iter().map(told).collect())
}

fn actor(
    latest: Option<Latest<u32>>,
    event_id: Option<Uuid>,
    view: &CatalogView<'_>,
) -> Result<Option<ResourceActor>, StoreError> {
    let Some((latest, event_id)) = latest.zip(event_id) else { return Ok(None) };
    let actor = ActorNow::of(&view.actor(latest.value)?);
    Ok(Some(ResourceActor { actor, event_id, at: instant(latest.at) }))
}

fn instant(key: OrderKey) -> Instant {
    Instant::from_micros(key.effective_at).unwrap_or(Instant::MAX)
}
