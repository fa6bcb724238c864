//! A schema of a registry as rulings, manifests, replays and exports name it.

use serde::{Deserialize, Serialize};

use crate::{Offset, SchemaId, SchemaReading};

/// A schema by its id, digest and reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemaRef {
    /// The registry's id.
    pub id: SchemaId,
    /// Records from this offset on that bear the id are read by it.
    pub from: Offset,
    /// SHA-256 of the schema's text as the registry gave it, in hexadecimal.
    pub sha256: String,
    /// How they are read: decided once.
    pub reads: SchemaReading,
}
