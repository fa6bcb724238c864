//! The schema registry in front of the fold: asked before a record is folded that names a schema
//! nobody has resolved yet, and never afterwards.
//!
//! Guarantees: what cannot be resolved is not folded; the loop never waits long for an answer.
//! Deliberately not here: what was resolved (`store`), and what a schema has to be (`schemas`).

mod answers;
mod client;
mod resolver;
#[cfg(test)]
mod tests;

use annals_schemas::SchemaId;
use async_trait::async_trait;

pub use client::{InvalidRegistry, RegistryClient, RegistryOptions};
pub use resolver::{Admitted, Resolver};

/// Registries count in 31 bits, and some refuse to look for more: a record must not wait for that.
const ID_MAX: u32 = i32::MAX.cast_unsigned();

/// What a registry says of an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is this Avro schema.
    Schema(String),
    /// There is none, or none that could be an event's: of another kind, with references, or
    /// larger than any event's.
    Unknown,
}

/// A registry that has not answered, or not so that it could be relied on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Away {
    /// What happened instead.
    pub detail: String,
}

/// Whoever knows schemas by id.
#[async_trait]
pub trait SchemaSource: Send + Sync {
    /// Asks once. Must end within seconds, and must say `Unknown` only if the registry itself did.
    async fn schema(&self, id: SchemaId) -> Result<Answer, Away>;
}
