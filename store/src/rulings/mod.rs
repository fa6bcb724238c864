//! What a registry said of the schemas that a partition's records name.
//!
//! Guarantees: a ruling is durable before the first record that hangs on it is folded, is created
//! with put-if-absent only and never altered, and the newest says everything, so that the fold
//! comes to the same rows for ever, whether there is a registry or not. Deliberately not here:
//! asking (`projector`), and what a schema has to be (`schemas`). The states are in
//! docs/SCHEMA_REGISTRY.md.

mod document;
mod partition_schemas;
mod schema_text;

pub(crate) use document::Ruling;
pub use partition_schemas::PartitionSchemas;
pub(crate) use partition_schemas::numbers;
pub use schema_text::{ResolvedSchema, schema_path};

/// Schemas of one partition; ids beyond count as unknown.
pub const MAX_SCHEMAS: usize = 1024;
