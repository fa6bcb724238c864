//! Which name made a resource of a page match.

use super::filter::NameScope;
use super::names::NameSearch;
use crate::StoreError;
use crate::catalog::NamesView;

impl NameSearch {
    /// The name that made a resource match, given the one it bears in the event: its own if that
    /// matches; otherwise its newest one that does, where names of other events count.
    pub(super) fn matched_name(
        &self,
        resource: u32,
        own: u32,
        names: &mut NamesView<'_>,
    ) -> Result<Option<u32>, StoreError> {
        let Some(needle) = &self.needle else { return Ok(None) };
        let is_asked = self.given.as_ref().is_none_or(|given| given.contains(resource));
        if !is_asked || !self.admits_type_of(resource, names)? {
            return Ok(None);
        }
        let fits = |code: u32, names: &mut NamesView<'_>| {
            Ok::<_, StoreError>(self.fits(&names.searched(code)?, Some(needle)))
        };
        if fits(own, names)? {
            return Ok(Some(own));
        }
        if self.scope == NameScope::Event {
            return Ok(None);
        }
        let mut next = names.catalog().newest_name(resource)?;
        while let Some(code) = next {
            if fits(code, names)? {
                return Ok(Some(code));
            }
            next = names.catalog().previous_name(code)?;
        }
        Ok(None)
    }
}
