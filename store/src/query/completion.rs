//! What is true as of reading, added to the rows of a page: each actor and resource asked for once.

use std::collections::HashMap;

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
    resources: HashMap<u32, ResourceNow>,
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

    /// What is true of the resource that bears this name in an event.
    pub(super) fn resource(&mut self, name: u32) -> Result<ResourceNow, StoreError> {
        if let Some(now) = self.resources.get(&name) {
            return Ok(now.clone());
        }
        let now = self.look_up(name)?;
        self.resources.insert(name, now.clone());
        Ok(now)
    }

    fn look_up(&mut self, name: u32) -> Result<ResourceNow, StoreError> {
        let resource = self.texts.resource(name)?;
        if let Some(restriction) = self.restriction {
            let named = self.view.resource(resource)?;
            let resource_type = self.view.type_text(named.resource_type)?;
            if !restriction.admits_resource(resource_type, named.id) {
                return Ok(ResourceNow::default());
            }
        }
        let present = self.view.present(resource)?;
        let matched = match self.names {
            Some(names) => names.matched_name(resource, name, &mut self.texts)?,
            None => None,
        };
        let text = |code: Option<u32>| -> Result<Option<String>, StoreError> {
            let Some(code) = code else { return Ok(None) };
            Ok(self.view.name_text(code)?.1.map(str::to_owned))
        };
        Ok(ResourceNow {
            current_name: text(present.name)?,
            deleted: present.deleted,
            matched_name: text(matched)?,
        })
    }
}
