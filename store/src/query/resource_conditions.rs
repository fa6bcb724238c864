//! A filter on resources in one workspace's codes.

use std::slice::from_ref;

use annals_schemas::{ActorKind, Instant};

use super::filter::NameScope;
use super::page_request::Direction;
use super::resource_request::ResourceRequest;
use super::search::Search;
use super::work::Work;
use crate::StoreError;
use crate::catalog::{CatalogView, ResourceState, VisitedResource};
use crate::packed::CodeSet;

/// What a resource has to satisfy to come on the page.
pub(super) struct Conditions {
    first_at: i64,
    /// Inclusive.
    last_at: i64,
    direction: Direction,
    after: Option<After>,
    creators: Option<CodeSet>,
    last_editors: Option<CodeSet>,
    edited_by_other: bool,
    /// The actor that stands for nobody known.
    nobody: Option<u32>,
    scope: Option<NameScope>,
    /// The only resources that can be among them, where these are named.
    only: Option<CodeSet>,
}

/// The resource that the walk has come to.
struct After {
    last_at: i64,
    resource_type: String,
    id: String,
}

impl Conditions {
    /// `view` must be the whole catalog.
    pub(super) fn new(
        request: &ResourceRequest<'_>,
        view: &CatalogView<'_>,
        work: &mut Work,
    ) -> Result<Self, StoreError> {
        let filter = request.filter;
        let after = match request.after {
            None => None,
            Some(key) => {
                let last_at = key.last_at.micros();
                // A replica that is behind may not know it yet. Then all of its time come again.
                let is_known = key.code < view.lengths().resources;
                let texts = is_known.then(|| texts(view, key.code)).transpose()?;
                let (resource_type, id) = texts.unwrap_or_default();
                Some(After { last_at, resource_type: resource_type.into(), id: id.into() })
            }
        };
        let only = match &*filter.ids {
            [] => None,
            ids => Some(codes(&filter.types, ids, view, work)?),
        };
        Ok(Self {
            first_at: filter.from.map_or(i64::MIN, Instant::micros),
            last_at: filter.to.map_or(i64::MAX, |to| to.micros().saturating_sub(1)),
            direction: request.direction,
            after,
            creators: actors(&filter.creators, view)?,
            last_editors: actors(&filter.last_editors, view)?,
            edited_by_other: filter.edited_by_other,
            nobody: view.actor_code(ActorKind::Unknown, None)?,
            scope: filter.name.as_ref().map(|name| name.scope),
            only,
        })
    }

    /// Confined to the one resource that may be seen at all, by type and id.
    pub(super) fn confined_to(
        mut self,
        (resource_type, id): &(String, String),
        view: &CatalogView<'_>,
        work: &mut Work,
    ) -> Result<Self, StoreError> {
        let named = codes(from_ref(resource_type), from_ref(id), view, work)?;
        let allowed = |code: &u32| self.only.as_ref().is_none_or(|only| only.contains(*code));
        self.only = Some(named.iter().filter(allowed).collect());
        Ok(self)
    }

    /// The only resources that can be among them, if these are named: no others need be looked at.
    pub(super) fn only(&self) -> Option<&CodeSet> {
        self.only.as_ref()
    }

    /// The state of a resource, if it satisfies them all: cheap ones first.
    pub(super) fn test(
        &self,
        resource: &VisitedResource<'_>,
        search: &mut Search<'_>,
    ) -> Result<Option<ResourceState>, StoreError> {
        search.work.step(1)?;
        let VisitedResource { code, last, .. } = *resource;
        if self.only.as_ref().is_some_and(|only| !only.contains(code)) {
            return Ok(None);
        }
        let is_in_range = (self.first_at..=self.last_at).contains(&last.effective_at);
        if !is_in_range || !self.is_beyond(last.effective_at, code, &search.view)? {
            return Ok(None);
        }
        let types = search.compiled.types.as_ref().map(|condition| &condition.codes);
        if let Some(types) = types
            && !types.contains(search.view.resource(code)?.resource_type)
        {
            return Ok(None);
        }
        let state = resource.state()?;
        let fits = self.admit_actors(&state) && self.admit_name(&state, code, search)?;
        Ok(fits.then_some(state))
    }

    /// Whether it lies beyond the resource that the walk has come to.
    fn is_beyond(
        &self,
        last_at: i64,
        code: u32,
        view: &CatalogView<'_>,
    ) -> Result<bool, StoreError> {
        let Some(after) = &self.after else { return Ok(true) };
        if last_at != after.last_at {
            return Ok((last_at < after.last_at) == (self.direction == Direction::Older));
        }
        let (here, there) = (texts(view, code)?, (&*after.resource_type, &*after.id));
        Ok(match self.direction {
            Direction::Older => here > there,
            Direction::Newer => here < there,
        })
    }

    fn admit_actors(&self, state: &ResourceState) -> bool {
        let creator = state.creator.map(|latest| latest.value);
        let editor = state.last_editor.map(|latest| latest.value);
        let among = |asked: &Option<CodeSet>, code: Option<u32>| {
            asked.as_ref().is_none_or(|asked| code.is_some_and(|code| asked.contains(code)))
        };
        let known = |code: Option<u32>| code.filter(|code| self.nobody != Some(*code));
        among(&self.creators, creator)
            && among(&self.last_editors, editor)
            && (!self.edited_by_other
                || known(creator).zip(known(editor)).is_some_and(|(by, other)| by != other))
    }

    fn admit_name(
        &self,
        state: &ResourceState,
        code: u32,
        search: &mut Search<'_>,
    ) -> Result<bool, StoreError> {
        let name = match self.scope {
            None => return Ok(true),
            // Any name of a resource stands for all of them.
            Some(NameScope::Ever) => state.newest_name,
            Some(NameScope::Event) => state.current_name(),
        };
        let Some(name) = name else { return Ok(false) };
        let resource_type = search.view.resource(code)?.resource_type;
        search.admits_resource(resource_type, name)
    }
}

/// Type and id of a resource: what resources of one time are ordered by.
pub(super) fn texts<'a>(
    view: &CatalogView<'a>,
    code: u32,
) -> Result<(&'a str, &'a str), StoreError> {
    let resource = view.resource(code)?;
    Ok((view.type_text(resource.resource_type)?, resource.id))
}

/// Codes of the resources of any of the types with any of the ids, of those that there are.
fn codes(
    types: &[String],
    ids: &[String],
    view: &CatalogView<'_>,
    work: &mut Work,
) -> Result<CodeSet, StoreError> {
    let mut keys = Vec::new();
    for resource_type in types {
        let Some(resource_type) = view.type_code(resource_type)? else { continue };
        work.step(ids.len() as u64)?;
        keys.extend(ids.iter().map(|id| (resource_type, id.as_str())));
    }
    Ok(view.resource_codes(&keys)?.into_iter().collect())
}

/// Codes of the actors with one of the ids, whatever their kind; `None` if none is asked for.
fn actors(ids: &[String], view: &CatalogView<'_>) -> Result<Option<CodeSet>, StoreError> {
    if ids.is_empty() {
        return Ok(None);
    }
    let mut codes = Vec::new();
    for id in ids {
        for kind in ActorKind::ALL {
            codes.extend(view.actor_code(*kind, Some(id))?);
        }
    }
    Ok(Some(codes.into_iter().collect()))
}
