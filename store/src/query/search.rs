//! What every walk of one query shares.

use super::compiled::Compiled;
use super::names::{NameSearch, Resolved};
use super::work::Work;
use crate::StoreError;
use crate::catalog::{CatalogView, NameSet, NamesView};
use crate::packed::CodeSet;

/// A compiled filter at work: with the names found out so far and the steps taken.
pub(crate) struct Search<'s> {
    pub(crate) compiled: &'s Compiled,
    pub(super) names: Option<&'s mut NameSearch>,
    /// Knows every code of the rows that are walked.
    pub(crate) view: CatalogView<'s>,
    /// The same with its names open.
    pub(super) texts: NamesView<'s>,
    pub(crate) work: &'s mut Work,
    /// Groups that may still have to be looked into.
    pub(super) groups_left: usize,
    /// Not under the lock: there names are only tested.
    pub(super) may_resolve: bool,
}

impl Search<'_> {
    /// Whether a resource of a row satisfies the conditions on id and name; plain codes.
    #[inline]
    pub(crate) fn admits_resource(
        &mut self,
        resource_type: u32,
        name: u32,
    ) -> Result<bool, StoreError> {
        match &mut self.names {
            Some(names) => names.admits((resource_type, name), &mut self.texts, self.work),
            None => Ok(true),
        }
    }

    /// Whether names were tested one by one for so long that they have to be found first.
    #[inline]
    pub(super) fn is_resolving_due(&self) -> bool {
        self.resolvable().is_some_and(NameSearch::is_due)
    }

    /// The names asked for, where they may be resolved.
    #[inline]
    fn resolvable(&self) -> Option<&NameSearch> {
        self.names.as_deref().filter(|_| self.may_resolve)
    }

    /// The names asked for, once they are found: of rows up to the seal they are all that counts.
    #[inline]
    pub(super) fn found_names(&self) -> Option<&NameSet> {
        self.resolvable().and_then(NameSearch::found)
    }

    /// Names of which every matching row up to the seal bears one.
    #[inline]
    pub(super) fn hinted_names(&self) -> Option<&NameSet> {
        self.resolvable().and_then(NameSearch::hint)
    }

    /// What is left to verify of candidates, in nanoseconds.
    pub(super) fn verify_nanos(&self) -> Option<u64> {
        self.resolvable().and_then(NameSearch::verify_nanos)
    }

    /// How many candidates are left to verify, and whether most of them bear the text.
    pub(super) fn candidates(&self) -> Option<(usize, bool)> {
        self.resolvable().and_then(NameSearch::candidates)
    }

    /// The resources that names were found of.
    pub(super) fn found_resources(&mut self) -> Result<Option<CodeSet>, StoreError> {
        match &self.names {
            Some(names) => names.found_resources(&mut self.texts),
            None => Ok(None),
        }
    }

    /// What the planner may rely on of the condition on ids and names, if there is one.
    pub(super) fn resolved(&self) -> Option<Resolved> {
        self.names.as_ref().map(|names| names.resolved())
    }

    /// Whether asking for names that may match costs less than judging those of so many rows.
    pub(super) fn is_worth_asking(&self, rows: f64) -> bool {
        self.names.as_ref().is_some_and(|names| names.is_worth_asking(rows))
    }

    /// Whether finding the names that match costs less than judging those of so many rows.
    pub(super) fn is_worth_finding(&self, rows: f64) -> bool {
        self.names.as_ref().is_some_and(|names| names.is_worth_finding(rows))
    }

    /// Asks for names that may match, or verifies those.
    pub(super) fn resolve(&mut self) -> Result<(), StoreError> {
        match &mut self.names {
            Some(names) => names.resolve(&mut self.texts, self.work),
            None => Ok(()),
        }
    }

    /// Finds all names that match.
    pub(super) fn find_names(&mut self) -> Result<(), StoreError> {
        match &mut self.names {
            Some(names) => names.find(&mut self.texts, self.work),
            None => Ok(()),
        }
    }

    /// Whether no row can match.
    pub(super) fn is_empty(&self) -> bool {
        self.compiled.is_empty() || self.names.as_ref().is_some_and(|names| names.is_empty())
    }
}
