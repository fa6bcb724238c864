//! What is true as of reading, added to the rows of a page: each actor and resource looked up once,
//! all of them together.

use hashbrown::{HashMap, HashSet};

use super::names::NameSearch;
use super::restriction::Restriction;
use super::row::{BorneName, ResourceNow, RowCodes};
use crate::StoreError;
use crate::catalog::{CatalogView, NamesView};

/// What was found out for some rows. It borrows nothing: the catalog's lock is held only while it
/// is made.
#[derive(Debug, Default)]
pub(super) struct Completion {
    /// Actors that are persons removed since.
    former: HashSet<u32>,
    /// By name, because under a name filter that decides what matched.
    resources: HashMap<u32, Known>,
}

/// What is true of a resource that bears a name.
#[derive(Debug, Default)]
struct Known {
    current: KnownName,
    deleted: bool,
    matched: KnownName,
}

/// A name, as seen from a row.
#[derive(Debug, Default)]
enum KnownName {
    #[default]
    None,
    /// The one that the row has: most bear it still, and it need not be fetched.
    Borne,
    Other(Box<str>),
}

impl Completion {
    /// Looks up everything for rows with these codes, which `view` must all know. Of resources that
    /// a restriction does not admit nothing is told.
    pub(super) fn of(
        rows: &[RowCodes],
        view: CatalogView<'_>,
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
        Ok(Self { former, resources: borne.zip(resources).collect() })
    }

    /// Whether an actor of the rows is a person removed since.
    pub(super) fn is_former(&self, actor: u32) -> bool {
        self.former.contains(&actor)
    }

    /// What is true of a row's resources, whose names it has as `texts`.
    pub(super) fn resources<'c>(
        &'c self,
        codes: &RowCodes,
        texts: impl Iterator<Item = Option<&'c str>>,
    ) -> impl Iterator<Item = ResourceNow<&'c str>> {
        let of = move |(borne, text): (&BorneName, Option<&'c str>)| {
            let known = self.resources.get(&borne.name);
            known.map_or_else(ResourceNow::default, |known| ResourceNow {
                current_name: known.current.text(text),
                deleted: known.deleted,
                matched_name: known.matched.text(text),
            })
        };
        codes.names.iter().zip(texts).map(of)
    }
}

impl KnownName {
    /// What the code of a name comes to in a row that has `borne`.
    fn of(code: Option<u32>, borne: u32, view: &CatalogView<'_>) -> Result<Self, StoreError> {
        let Some(code) = code else { return Ok(Self::None) };
        if code == borne {
            return Ok(Self::Borne);
        }
        let (_, text) = view.name_text(code)?;
        Ok(text.map_or(Self::None, |text| Self::Other(text.into())))
    }

    fn text<'c>(&'c self, borne: Option<&'c str>) -> Option<&'c str> {
        match self {
            Self::None => None,
            Self::Borne => borne,
            Self::Other(text) => Some(text),
        }
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
        known.push(Known {
            current: KnownName::of(present.name, borne.name, view)?,
            deleted: present.deleted,
            matched: KnownName::of(matched, borne.name, view)?,
        });
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
