//! The JSON of answers, exactly as the contract draws it.

mod facets;
mod histogram;
mod page;
mod page_rows;
mod principal;
mod quarantine;
mod resource;
mod row;
#[cfg(test)]
mod row_fixture;
mod row_text;
mod snapshot;
mod suggestions;

pub(crate) use facets::FacetsAnswer;
pub(crate) use histogram::HistogramAnswer;
pub(crate) use page::{ListAnswer, ListBeside, PageLinks};
pub(crate) use page_rows::PageRows;
pub(crate) use quarantine::QuarantineAnswer;
pub(crate) use resource::{ResourceRowShape, ResourcesAnswer, ResourcesBeside};
pub(crate) use row::RowShape;
pub(crate) use row_text::{RowText, resources, write_beside, write_resource};
pub(crate) use snapshot::SnapshotShape;
pub(crate) use suggestions::{ActorsAnswer, ResourceNamesAnswer};
