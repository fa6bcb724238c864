//! One ruling as JSON.

use annals_schemas::{Offset, Partition, SchemaRef};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::MAX_SCHEMAS;
use crate::StoreError;
use crate::evidence::hex;

const FORMAT: u32 = 1;

/// Everything resolved in a partition up to an offset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ruling {
    pub(crate) format: u32,
    pub(crate) number: u64,
    pub(crate) partition: Partition,
    /// The first record for which a registry counts.
    pub(crate) from: Offset,
    /// Framed records before it are judged: an id that is not among the schemas was unknown.
    pub(crate) judged_to: Offset,
    /// In the order in which they were resolved.
    pub(crate) schemas: Vec<SchemaRef>,
    /// SHA-256 of the document with this member empty. Set when it is written.
    pub(crate) checksum: String,
}

impl Ruling {
    /// The first of a partition.
    pub(crate) fn first(partition: Partition, from: Offset) -> Self {
        let (schemas, checksum) = (Vec::new(), String::new());
        Self { format: FORMAT, number: 0, partition, from, judged_to: from, schemas, checksum }
    }

    /// Beside the partitions: these can be made anew from the log, a ruling cannot.
    pub(crate) fn path(partition: Partition, number: u64) -> String {
        format!("rulings/{partition}/{number:020}.json")
    }

    /// Sets the checksum; the bytes of the document.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        self.checksum.clear();
        self.checksum = hex(&Sha256::digest(self.json()));
        self.json()
    }

    fn json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("plain data")
    }

    /// Reads a ruling, comparing every byte: it has to be what this program would write.
    pub(crate) fn read(
        partition: Partition,
        number: u64,
        bytes: &[u8],
    ) -> Result<Self, StoreError> {
        #[derive(Deserialize)]
        struct FormatOnly {
            format: u32,
        }
        let path = Self::path(partition, number);
        let damaged = |detail: String| StoreError::corrupt(&path, 0, detail);
        let format: FormatOnly =
            serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        if format.format > FORMAT {
            let (found, known) = (format.format, FORMAT);
            return Err(StoreError::NewerFormat { path, found, known });
        }
        let ruling: Self =
            serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        if ruling.clone().finish() != bytes {
            return Err(damaged("its checksum does not match".into()));
        }
        if (ruling.number, ruling.partition) != (number, partition) {
            return Err(damaged("it says it is another one".into()));
        }
        ruling.check().map_err(damaged)?;
        Ok(ruling)
    }

    fn check(&self) -> Result<(), String> {
        if self.schemas.len() > MAX_SCHEMAS {
            return Err(format!("it has {} schemas", self.schemas.len()));
        }
        if self.judged_to < self.from {
            return Err("it is judged to before it begins".into());
        }
        let is_outside = |schema: &&SchemaRef| {
            schema.from < self.from || schema.from >= self.judged_to || schema.sha256.len() != 64
        };
        match self.schemas.iter().find(is_outside) {
            Some(schema) => {
                Err(format!("schema {} counts from where nothing is judged", schema.id))
            }
            None => Ok(()),
        }
    }
}
