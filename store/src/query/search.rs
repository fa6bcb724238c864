//! What every walk of one query shares.

use super::compiled::Compiled;
use super::names::{NameSearch, Resolved};
use super::work::Work;
use crate::StoreError;
use crate::catalog::CatalogView;

/// A compiled filter at work: with the names found out so far and the steps taken.
pub(crate) struct Search<'s> {
    pub(crate) compiled: &'s Compiled,
    pub(super) names: Option<&'s mut NameSearch>,
    /// Knows every code of the rows that are walked.
    pub(crate) view: CatalogView<'s>,
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
            Some(names) => names.admits((resource_type, name), &self.view, self.work),
            None => Ok(true),
        }
    }

    /// Whether names were tested one by one for so long that they have to be found first.
    #[inline]
    pub(super) fn is_resolving_due(&self) -> bool {
        self.may_resolve && self.names.as_ref().is_some_and(|names| names.is_due())
    }

    /// What the planner may rely on of the condition on ids and names, if there is one.
    pub(super) fn resolved(&self) -> Option<Resolved> {
        self.names.as_ref().map(|names| names.resolved())
    }

    /// Whether finding the names costs less than testing those of so many rows.
    pub(super) fn is_worth_resolving(&self, rows: f64) -> bool {
        self.names.as_ref().is_some_and(|names| names.is_worth_resolving(rows))
    }

    /// Finds the names that match.
    pub(super) fn resolve(&mut self) -> Result<(), StoreError> {
        match &mut self.names {
            Some(names) => names.resolve(&self.view, self.work),
            None => Ok(()),
        }
    }

    /// Whether no row can match.
    pub(super) fn is_empty(&self) -> bool {
        self.compiled.is_empty() || self.names.as_ref().is_some_and(|names| names.is_empty())
    }
}
