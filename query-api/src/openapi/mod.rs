//! The contract as OpenAPI 3.1, generated from the handlers and the shapes of their answers, and a
//! page to browse it. Deliberately not here: what a route does.

mod document;
mod links;
mod names;
mod page;
mod parameters;
mod problems;

pub(crate) use document::document;
pub(crate) use names::{
    ActorKindName, ClockName, FormatName, KindName, OperationName, OutcomeName,
    PartitionStatusName, ReasonName, RelationName, StatusName,
};
pub(crate) use page::{page, redirect, script, style};
pub(crate) use parameters::{
    EventPath, ExportQuery, FacetsQuery, FeedQuery, FilterQuery, HistogramQuery, ListQuery,
    ResourcePath, ResourceQuery, ResourcesQuery, WorkspacePath,
};
pub(crate) use problems::{AdministrationProblems, BodyProblems, ReadProblems, TicketProblems};
