//! From the log into the store: poll, fold, seal, publish.
//!
//! Guarantees: every record of an assigned partition is folded once, in order, whatever stops and
//! restarts in between (the manifest decides, not the consumer group). A partition that cannot go
//! on without losing something halts with its reason; the others go on, and readers keep what they
//! have. Deliberately not here: what a record means, and how segments are built (`store`).

mod assignment;
mod compactions;
mod error;
mod metrics;
mod names;
mod projector;
mod registry;
mod seals;
mod status;
mod watermarks;

pub use error::ProjectorError;
pub use projector::{Projector, ProjectorOptions};
pub use registry::{
    Admitted, Answer, Away, InvalidRegistry, RegistryClient, RegistryOptions, Resolver,
    SchemaSource,
};
pub use status::{PartitionStatus, Status};

#[cfg(test)]
mod flaky_store;
#[cfg(test)]
mod tests;
