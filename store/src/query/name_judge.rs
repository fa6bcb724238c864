//! Judging the name that a row's resource bears: each one once.

use super::filter::NameScope;
use super::name_resolution::Resolution;
use super::names::{Answer, NameSearch, sealed_name_before};
use super::work::Work;
use crate::StoreError;
use crate::catalog::{NamesView, SearchedName};
use crate::names::Needle;

impl NameSearch {
    /// Whether a resource of a row is one that is asked for. Codes are plain.
    #[inline]
    pub(super) fn admits(
        &mut self,
        (resource_type, name): (u32, u32),
        names: &mut NamesView<'_>,
        work: &mut Work,
    ) -> Result<bool, StoreError> {
        if let Some(hint) = self.hint().filter(|hint| hint.names().contains(&name)) {
            let bears_one = hint.contains(name);
            if !bears_one || matches!(self.answer, Answer::Found(_)) {
                return Ok(bears_one);
            }
        }
        if self.types.as_ref().is_some_and(|types| !types.contains(resource_type)) {
            return Ok(false);
        }
        match self.verdicts.get(name) {
            Some(verdict) => Ok(verdict),
            None => self.judge(name, names, work),
        }
    }

    #[cold]
    fn judge(
        &mut self,
        code: u32,
        names: &mut NamesView<'_>,
        work: &mut Work,
    ) -> Result<bool, StoreError> {
        self.verdicts.reserve(names.catalog().lengths().names);
        let verdict = match &self.needle {
            None => false,
            Some(needle) => {
                self.judged += 1;
                work.step(1)?;
                self.test(code, needle, names)?
            }
        };
        self.verdicts.set(code, verdict);
        Ok(verdict)
    }

    /// Whether a name matches, or under scope `ever` any name of its resource.
    fn test(
        &self,
        code: u32,
        needle: &Needle,
        names: &mut NamesView<'_>,
    ) -> Result<bool, StoreError> {
        let name = names.searched(code)?;
        let matches = |name: &SearchedName<'_>| self.fits(name, Some(needle));
        if matches(&name) {
            return Ok(true);
        }
        if self.scope == NameScope::Event {
            return Ok(false);
        }
        if self.live_resources.contains(name.resource) {
            return Ok(true);
        }
        // Of what has come since the seal, all that matches is known.
        let sealed = self.resolution.as_ref().map_or(0, Resolution::sealed_names);
        let Some(code) = sealed_name_before(code, sealed, names.catalog())? else {
            return Ok(false);
        };
        if let Answer::Found(found) = &self.answer {
            return Ok(found.names.contains(code));
        }
        let Some(ring) = &self.ring else { return Ok(false) };
        for other in std::iter::once(code).chain(ring.others(code)).filter(|name| *name < sealed) {
            if matches(&names.searched(other)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
