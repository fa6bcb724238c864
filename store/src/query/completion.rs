//! What is true as of reading, added to the rows of a page: each actor and resource looked up once,
//! all of them together.

use hashbrown::{HashMap, HashSet};

use super::names::NameSearch;
use super::restriction::Restriction;
use super::row::{BorneName, ResourceNow, RowCodes};
use crate::StoreError;
use crate::catalog::{CatalogView, NamesView};

/// What was found out for the rows of one page.
pub(super) struct Completion<'v> {
    view: CatalogView<'v>,
    /// Actors that are persons removed since.
    former: HashSet<u32>,
    /// By name, because under a name filter that decides what matched.
    resources: HashMap<u32, Known>,
}

/// What is true of a resource, in codes of names.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    current: Option<u32>,
    deleted: bool,
    matched: Option<u32>,
}

impl<'v> Completion<'v> {
    /// Looks up everything for rows with these codes, which `view` must all know. Of resources that
    /// a restriction does not admit nothing is told.
    pub(super) fn of(
        rows: &[RowCodes],
        view: CatalogView<'v>,
        names: Option<&NameSearch>,
        restriction: Option<&Restriction>,
    ) -> Result<Self, StoreError> {
        let actors = rows.iter().flat_map(|row| [Some(row.actor), row.on_behalf_of]);
        let actors = distinct(actors.flatten());
        let former = actors.iter().zip(view.formers(&actors)?);
        let former = former.filter(|(_, former)| *former).map(|(actor, _)| *actor).collect();
        let borne = distinct(rows.iter().flat_map(|row| row.names.iter().copied()));
        let resources = resources(&borne, &view, names, restriction)?;
        let borne = borne.into_iter().map(|borne| borne.name);
        Ok(Self { view, former, resources: borne.zip(resources).collect() })
    }

    /// Whether an actor of the rows is a person removed since.
    pub(super) fn is_former(&self, actor: u32) -> bool {
        self.former.contains(&actor)
    }

    /// What is true of the resource that bears this name in one of the rows; `text` is the name
    /// there.
    pub(super) fn resource(
        &self,
        name: u32,
        text: Option<&str>,
    ) -> Result<ResourceNow, StoreError> {
        let known = self.resources.get(&name).copied().unwrap_or_default();
        // Most bear that name still: it need not be fetched.
        let text_of = |code: Option<u32>| match code {
            None => Ok(None),
            Some(code) if code == name => Ok(text.map(str::to_owned)),
            Some(code) => self.view.name_text(code).map(|(_, text)| text.map(str::to_owned)),
        };
        Ok(ResourceNow {
            current_name: text_of(known.current)?,
            deleted: known.deleted,
            matched_name: text_of(known.matched)?,
        })
    }
}

fn distinct<T: Ord>(codes: impl Iterator<Item = T>) -> Vec<T> {
    let mut codes: Vec<T> = codes.collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// What is true of the resources that bear these names.
fn resources(
    names: &[BorneName],
    view: &CatalogView<'_>,
    searched: Option<&NameSearch>,
    restriction: Option<&Restriction>,
) -> Result<Vec<Known>, StoreError> {
    let mut texts = NamesView::new(*view);
    let resources = names.iter().map(|borne| match borne.resource {
        Some(resource) => Ok(resource),
        None => view.name_resource(borne.name),
    });
    let resources: Vec<u32> = resources.collect::<Result<_, _>>()?;
    let presents = view.presents(&resources)?;
    let mut known = Vec::with_capacity(names.len());
    for ((borne, resource), present) in names.iter().zip(resources).zip(presents) {
        if !is_admitted(resource, view, restriction)? {
            known.push(Known::default());
            continue;
        }
        let matched = match searched {
            Some(searched) => searched.matched_name(resource, borne.name, &mut texts)?,
            None => None,
        };
        known.push(Known { current: present.name, deleted: present.deleted, matched });
    }
    Ok(known)
}

fn is_admitted(
    resource: u32,
    view: &CatalogView<'_>,
    restriction: Option<&Restriction>,
) -> Result<bool, StoreError> {
    let Some(restriction) = restriction else { return Ok(true) };
    let named = view.resource(resource)?;
    Ok(restriction.admits_resource(view.type_text(named.resource_type)?, named.id))
}
