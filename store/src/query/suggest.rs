//! Type-ahead for names of resources: what fits best while a person is typing.
//!
//! Names that an index covers are its business; the others are scanned by the same ranks. A
//! resource comes once, with the name of it that fits best.

use super::budget::Budget;
use super::suggest_rank::{Rank, Typed};
use super::work::Work;
use super::workspace::WorkspaceReader;
use crate::StoreError;
use crate::catalog::CatalogView;
use crate::names::fold_name;
use crate::partition::WorkspaceSealed;

/// The index is asked for so many names a suggestion: some are of one resource.
const NAMES_PER_SUGGESTION: usize = 4;
/// Names scanned that count as one step.
const NAMES_PER_STEP: usize = 16;

/// A resource with a name that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameSuggestion {
    /// Kind of thing.
    pub resource_type: String,
    /// Stable id within the type.
    pub id: String,
    /// The name that fits.
    pub name: String,
    /// The name it has as of reading.
    pub current_name: Option<String>,
}

impl WorkspaceReader {
    /// Resources one of whose names fits a text, best first. None for a blank text.
    pub fn suggest_names(
        &self,
        text: &str,
        limit: usize,
        budget: Budget,
    ) -> Result<Vec<NameSuggestion>, StoreError> {
        self.check_unrestricted()?;
        let folded = fold_name(text);
        let Some(typed) = Typed::new(&folded) else { return Ok(Vec::new()) };
        let Some(sealed) = self.store.sealed(self.id.as_str()) else { return Ok(Vec::new()) };
        let mut work = Work::new(budget);
        let mut fitting = Fitting { limit, names: Vec::new() };
        let view = sealed.catalog.view();
        let covered = self.ask_index(&folded, &typed, &sealed, &mut fitting)?;
        let scanned = view.lengths().names;
        fitting.scan(&typed, covered..scanned, &view, &mut work)?;
        let suggestions = self.store.with_live(self.id.as_str(), |now| {
            // Names that came since are few: those of the tail.
            let new = scanned..now.catalog.lengths().names;
            fitting.scan(&typed, new, &now.catalog, &mut work)?;
            let names = fitting.names.iter();
            names.map(|(_, _, name)| suggestion(*name, &now.catalog)).collect()
        });
        suggestions.unwrap_or_else(|| Ok(Vec::new()))
    }

    /// Takes what an index suggests, and says which names are covered by that.
    fn ask_index(
        &self,
        folded: &str,
        typed: &Typed<'_>,
        sealed: &WorkspaceSealed,
        fitting: &mut Fitting,
    ) -> Result<u32, StoreError> {
        let Some(index) = self.store.names_index() else { return Ok(0) };
        let view = sealed.catalog.view();
        let limit = fitting.limit.saturating_mul(NAMES_PER_SUGGESTION);
        let name_of = |code: u32| {
            let is_known = code < view.lengths().names;
            let name = is_known.then(|| view.name(code).ok()).flatten()?;
            Some(name.folded.to_owned())
        };
        // Without an answer everything is scanned: the index is a hint.
        let answer = index
            .pin(self.id.as_str())
            .and_then(|pinned| Ok((pinned.suggest(folded, limit, &name_of)?, pinned.covered())));
        let Ok((codes, covered)) = answer else { return Ok(0) };
        for code in codes.into_iter().filter(|code| *code < view.lengths().names) {
            if let Some(rank) = typed.rank(view.name(code)?.folded, code) {
                fitting.offer(rank, &view)?;
            }
        }
        Ok(covered.min(view.lengths().names))
    }
}

/// The best names so far, each of another resource, best first.
struct Fitting {
    limit: usize,
    /// With their resources and their codes.
    names: Vec<(Rank, u32, u32)>,
}

impl Fitting {
    fn scan(
        &mut self,
        typed: &Typed<'_>,
        names: std::ops::Range<u32>,
        view: &CatalogView<'_>,
        work: &mut Work,
    ) -> Result<(), StoreError> {
        work.step(names.len().div_ceil(NAMES_PER_STEP) as u64)?;
        let mut outcome = Ok(());
        view.for_each_folded(names, &mut |code, folded| {
            if let Some(rank) = typed.rank(folded, code)
                && let Err(error) = self.offer(rank, view)
            {
                outcome = Err(error);
            }
        })?;
        outcome
    }

    fn offer(&mut self, rank: Rank, view: &CatalogView<'_>) -> Result<(), StoreError> {
        let is_full = self.names.len() >= self.limit;
        if is_full && self.names.last().is_none_or(|(worst, ..)| *worst <= rank) {
            return Ok(());
        }
        let (_, _, code) = rank;
        let resource = view.name_resource(code)?;
        let own = self.names.iter().position(|(_, other, _)| *other == resource);
        if let Some(own) = own {
            if self.names[own].0 <= rank {
                return Ok(());
            }
            self.names.remove(own);
        }
        let place = self.names.partition_point(|(other, ..)| *other < rank);
        self.names.insert(place, (rank, resource, code));
        self.names.truncate(self.limit);
        Ok(())
    }
}

fn suggestion(name: u32, view: &CatalogView<'_>) -> Result<NameSuggestion, StoreError> {
    let name = view.name(name)?;
    let resource = view.resource(name.resource)?;
    let current = view.present(name.resource)?.name;
    let current = current.map(|code| view.name_text(code)).transpose()?;
    Ok(NameSuggestion {
        resource_type: view.type_text(resource.resource_type)?.to_owned(),
        id: resource.id.to_owned(),
        name: name.text.unwrap_or_default().to_owned(),
        current_name: current.and_then(|(_, text)| text.map(str::to_owned)),
    })
}
