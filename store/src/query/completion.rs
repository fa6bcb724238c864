//! What is true as of reading, added to the rows of a page: each actor and resource asked for once.

use hashbrown::HashMap;

use super::names::NameSearch;
use super::restriction::Restriction;
use super::row::ResourceNow;
use crate::StoreError;
use crate::catalog::{CatalogView, NamesView};

/// What was found out for the rows of one page.
pub(super) struct Completion<'v, 'n> {
    view: CatalogView<'v>,
    texts: NamesView<'v>,
    names: Option<&'n NameSearch>,
    restriction: Option<&'n Restriction>,
    former: HashMap<u32, bool>,
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

impl<'v, 'n> Completion<'v, 'n> {
    /// `view` must know the codes of all rows. Of resources that a restriction does not admit
    /// nothing is told.
    pub(super) fn new(
        view: CatalogView<'v>,
        names: Option<&'n NameSearch>,
        restriction: Option<&'n Restriction>,
    ) -> Self {
        let texts = NamesView::new(view);
        let (former, resources) = (HashMap::new(), HashMap::new());
        Self { view, texts, names, restriction, former, resources }
    }

    /// Whether an actor is a person removed since.
    pub(super) fn is_former(&mut self, actor: u32) -> Result<bool, StoreError> {
        if let Some(former) = self.former.get(&actor) {
            return Ok(*former);
        }
        let former = self.view.is_former(actor)?;
        self.former.insert(actor, former);
        Ok(former)
    }

    /// What is true of the resource that bears this name in an event; `text` is the name there.
    pub(super) fn resource(
        &mut self,
        name: u32,
        text: Option<&str>,
    ) -> Result<ResourceNow, StoreError> {
        let known = match self.resources.get(&name) {
            Some(known) => *known,
            None => {
                let known = self.look_up(name)?;
                self.resources.insert(name, known);
                known
            }
        };
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

    fn look_up(&mut self, name: u32) -> Result<Known, StoreError> {
        let resource = self.texts.resource(name)?;
        if let Some(restriction) = self.restriction {
            let named = self.view.resource(resource)?;
            let resource_type = self.view.type_text(named.resource_type)?;
            if !restriction.admits_resource(resource_type, named.id) {
                return Ok(Known::default());
            }
        }
        let present = self.view.present(resource)?;
        let matched = match self.names {
            Some(names) => names.matched_name(resource, name, &mut self.texts)?,
            None => None,
        };
        Ok(Known { current: present.name, deleted: present.deleted, matched })
    }
}
