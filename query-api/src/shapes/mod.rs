//! The JSON of answers, exactly as the contract draws it.

mod page;
mod quarantine;
mod row;
mod snapshot;

pub(crate) use page::{ListAnswer, PageLinks};
pub(crate) use quarantine::QuarantineAnswer;
pub(crate) use row::RowShape;
pub(crate) use snapshot::SnapshotShape;
