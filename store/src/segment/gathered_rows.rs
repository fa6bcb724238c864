//! Events of rows that lie apart: what one row needs is not waited for before the next is looked
//! at.
//!
//! A page's rows are in as many blocks and corners of the columns as there are rows, and each place
//! costs the processor a trip to memory. Here all rows' codes are read first, then the texts behind
//! them, then blocks are fetched, some at a time; what is left to do row by row finds everything at
//! hand.
//! Guarantees the same events as reading row by row.

use std::ops::Range;

use annals_schemas::{HeadResource, LogId, WorkspaceId};

use super::blocks::BlockCache;
use super::records::{GroupRecords, RowEvent, UnverifiedBlock};
use super::row_facts::{FactCodes, RowFacts};
use crate::StoreError;
use crate::catalog::{CatalogView, OrderKey, TextsView};
use crate::rows::Rows;
use crate::touch::touch;

/// Where a row is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowPlace {
    pub(crate) key: OrderKey,
    /// By its number among the groups that are read.
    pub(crate) group: usize,
    pub(crate) row: u32,
}

/// Reads rows of some groups of one workspace.
pub(crate) struct Gatherer<'g, 'a> {
    groups: &'g [GroupRecords<'a>],
    texts: TextsView<'a>,
    workspace: (&'a WorkspaceId, LogId),
}

/// Rows of which all is known but what their blocks say.
pub(crate) struct GatheredRows<'a> {
    rows: Vec<GatheredRow>,
    /// Codes of the names of all rows' resources, one row's after the other's.
    names: Vec<u32>,
    resource_codes: Vec<u32>,
    resources: Vec<HeadResource<'a>>,
}

/// Codes of a gathered row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GatheredCodes<'r> {
    pub(crate) actor: u32,
    pub(crate) on_behalf_of: Option<u32>,
    /// Of its resources, in the event's order.
    pub(crate) names: &'r [u32],
    /// What bears these names.
    pub(crate) resources: &'r [u32],
}

struct GatheredRow {
    place: RowPlace,
    codes: FactCodes,
    names: Range<usize>,
}

impl<'g, 'a> Gatherer<'g, 'a> {
    /// `workspace` and `catalog` are those of the groups, the catalog at least as new as they are.
    pub(crate) fn new(
        groups: &'g [GroupRecords<'a>],
        workspace: (&'a WorkspaceId, LogId),
        catalog: CatalogView<'a>,
    ) -> Self {
        Self { groups, texts: TextsView::new(catalog), workspace }
    }

    /// The log that the records come from.
    pub(crate) fn log_id(&self) -> LogId {
        self.workspace.1
    }

    /// Looks up everything about some rows but what their blocks say.
    pub(crate) fn gather(
        &self,
        places: impl Iterator<Item = RowPlace>,
    ) -> Result<GatheredRows<'a>, StoreError> {
        let (mut names, mut rows) = (Vec::new(), Vec::new());
        for place in places {
            let RowPlace { key, group, row } = place;
            let group = &self.groups[group];
            let codes = group.fact_codes(row, key)?;
            let columns = group.rows()?;
            let first = names.len();
            columns.add_names(row, &mut names);
            rows.push(GatheredRow { place, codes, names: first..names.len() });
        }
        let (resource_codes, resources) = self.texts.resources(&names)?;
        Ok(GatheredRows { rows, names, resource_codes, resources })
    }

    /// Fetches the blocks of so many rows from one on, by their numbers.
    pub(crate) fn fetch(
        &self,
        gathered: &GatheredRows<'a>,
        first: usize,
        len: usize,
    ) -> Result<(), StoreError> {
        let end = (first + len).min(gathered.rows.len());
        let rows = &gathered.rows[first..end];
        let (mut blocks, mut last) = (Vec::with_capacity(rows.len()), None);
        for GatheredRow { place: RowPlace { group, row, .. }, .. } in rows {
            let is_in_last = last
                .as_ref()
                .is_some_and(|(of, rows): &(usize, Range<u32>)| of == group && rows.contains(row));
            if !is_in_last
                && let Some(UnverifiedBlock { rows, packed }) =
                    self.groups[*group].unverified_block(*row)?
            {
                blocks.push(packed);
                last = Some((*group, rows));
            }
        }
        blocks.into_iter().for_each(touch);
        Ok(())
    }

    /// The event of one of the rows, by its number among them.
    pub(crate) fn event<'c>(
        &self,
        gathered: &GatheredRows<'a>,
        number: usize,
        cache: &'c mut BlockCache,
    ) -> Result<RowEvent<'a, 'c>, StoreError> {
        let GatheredRow { place: RowPlace { group, row, .. }, codes, names } =
            &gathered.rows[number];
        let (workspace, log_id) = self.workspace;
        let records = &self.groups[*group];
        let of = records.texts_of(*row, codes, &self.texts)?;
        let resources = gathered.resources[names.clone()].iter().copied();
        let facts = RowFacts::of_texts(codes.plain(), workspace.as_str(), &of, resources);
        records.event(*row, facts, &log_id, cache)
    }
}

impl GatheredRows<'_> {
    /// Codes of the rows, in their order.
    pub(crate) fn each_codes(&self) -> impl Iterator<Item = GatheredCodes<'_>> {
        self.rows.iter().map(|GatheredRow { codes, names, .. }| GatheredCodes {
            actor: codes.actor,
            on_behalf_of: codes.on_behalf_of,
            names: &self.names[names.clone()],
            resources: &self.resource_codes[names.clone()],
        })
    }
}
