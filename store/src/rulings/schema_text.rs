//! A schema with its text, on its way into a ruling.

use annals_schemas::{Offset, SchemaId, SchemaRef, schema_reading};
use sha2::{Digest, Sha256};

use crate::evidence::hex;

/// A schema as the registry gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedSchema {
    pub(crate) schema: SchemaRef,
    pub(crate) text: String,
}

impl ResolvedSchema {
    /// A schema that counts from this offset on.
    pub fn new(id: SchemaId, from: Offset, text: String) -> Self {
        let (reads, _) = schema_reading(&text);
        let sha256 = hex(&Sha256::digest(&text));
        Self { schema: SchemaRef { id, from, sha256, reads }, text }
    }

    /// The schema's digest and reading.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

/// Where the text of a schema lies below the store's root: the same text has the same name.
pub fn schema_path(schema: &SchemaRef) -> String {
    format!("schemas/{}.json", schema.sha256)
}
