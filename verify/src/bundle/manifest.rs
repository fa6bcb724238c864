//! `manifest.json`: what an export says of itself, signed.

use std::collections::BTreeMap;

use annals_schemas::{
    FramedSchemas, Offset, Partition, SchemaId, SchemaReading, SchemaRef, hex, schema_reading,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::BundleContinuation;
use crate::{SignerKey, VerifierKey, VerifyError};

/// What stands in an export directory, in this order.
pub const FILES: [&str; 7] = [
    "README.txt",
    "checkpoint",
    "events.ndjson",
    "key.vkey",
    "manifest.json",
    "proofs/hashes",
    "proofs/records",
];
const FORMAT: &str = "annals-export-1";
/// What is signed begins with it, so that no other signature of the key can pass for this one.
const CONTEXT: &[u8] = b"annals-export-1\n";

/// A file with its SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleFile {
    /// Path below the directory.
    pub name: String,
    /// In hexadecimal.
    pub sha256: String,
}

/// A schema with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleSchema {
    /// Which one.
    pub schema: SchemaRef,
    /// As the registry gave it.
    pub text: String,
}

/// A signature of a key that is older than the newest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleSignature {
    /// Id of the key.
    pub key_id: String,
    /// Over the manifest with no signature of any key.
    pub signature: String,
}

/// The manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleManifest {
    /// `annals-export-1`.
    pub format: String,
    /// Whose events.
    pub workspace: String,
    /// The filter's parameters as they were given.
    pub filter: BTreeMap<String, Vec<String>>,
    /// `annals/<log id>/<partition>`.
    pub origin: String,
    /// The partition.
    pub partition: Partition,
    /// Number of the log's partitions: the workspace's follows from it.
    pub partitions: u32,
    /// Size of the signed tree.
    pub tree_size: u64,
    /// Rows in `events.ndjson`.
    pub rows: u64,
    /// Records with the workspace's key up to the signed tree: one frame of `proofs/records` each.
    pub records: u64,
    /// Least and greatest seq of the rows.
    pub first_seq: Option<u64>,
    /// The same.
    pub last_seq: Option<u64>,
    /// Offset of the last record with the workspace's key up to the signed tree.
    pub last_offset: Option<Offset>,
    /// Schemas of a registry by which events of this export are read; left out if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schemas: Vec<BundleSchema>,
    /// Older trees that this one continues, as was asked for; left out if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub continues: Vec<BundleContinuation>,
    /// SHA-256 of what the rows say beside their records; left out if a row is written in a way
    /// from which that cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations_sha256: Option<String>,
    /// The other files.
    pub files: Vec<BundleFile>,
    /// Signatures of the keys that sign beside the newest, for those who know none but them; left
    /// out if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_signed: Vec<BundleSignature>,
    /// Id of the signing key.
    pub key_id: String,
    /// Over the manifest with this member empty.
    pub signature: String,
}

impl BundleManifest {
    /// Sets format, key and signatures; the bytes of the document.
    pub fn sign(&mut self, newest: &SignerKey, others: &[SignerKey]) -> Vec<u8> {
        self.format = FORMAT.to_owned();
        self.key_id = newest.verifier().id();
        self.also_signed.clear();
        let bytes = self.signed_bytes();
        let also = |key: &SignerKey| BundleSignature {
            key_id: key.verifier().id(),
            signature: STANDARD.encode(key.sign(&bytes)),
        };
        self.also_signed = others.iter().map(also).collect();
        self.signature = STANDARD.encode(newest.sign(&self.signed_bytes()));
        self.json()
    }

    fn json(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("plain data");
        bytes.push(b'\n');
        bytes
    }

    /// What the newest key signs.
    fn signed_bytes(&self) -> Vec<u8> {
        let unsigned = Self { signature: String::new(), ..self.clone() };
        [CONTEXT, &unsigned.json()].concat()
    }

    /// Reads the document, which has to be as this program writes it, and verifies it: itself, and
    /// the id of the key it is signed by.
    pub(super) fn verified(
        text: &str,
        keys: &[VerifierKey],
    ) -> Result<(Self, String), VerifyError> {
        let wrong = |detail: String| VerifyError::unsound("manifest.json", detail);
        let read: Self = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let written = read.json();
        if written != text.as_bytes() {
            let at = written.iter().zip(text.as_bytes()).take_while(|(a, b)| a == b).count();
            return Err(wrong(format!("it is not as it was written, from byte {at} on")));
        }
        if read.format != FORMAT {
            return Err(wrong(format!("format {:?} is not {FORMAT}", read.format)));
        }
        let key = |id: &str| keys.iter().find(|key| key.id() == id && key.name() == read.origin);
        let (newest, also) = (key(&read.key_id), &read.also_signed);
        let (key, bytes, signature) = match newest {
            Some(newest) => (newest, read.signed_bytes(), &read.signature),
            None => {
                let found = also.iter().find_map(|also| Some((key(&also.key_id)?, also)));
                let (key, also) =
                    found.ok_or_else(|| wrong("it is not signed by the key given".into()))?;
                let alone = Self { also_signed: Vec::new(), ..read.clone() };
                (key, alone.signed_bytes(), &also.signature)
            }
        };
        let id = key.id();
        match key.verifies(&bytes, &STANDARD.decode(signature).unwrap_or_default()) {
            true => Ok((read, id)),
            false => Err(wrong(format!("the signature of key {id} is wrong"))),
        }
    }

    /// Every schema is what its digest and its reading say.
    pub(super) fn check_schemas(&self) -> Result<(), VerifyError> {
        let is_sound = |BundleSchema { schema, text }: &BundleSchema| {
            hex(&Sha256::digest(text)) == schema.sha256 && schema_reading(text).0 == schema.reads
        };
        match self.schemas.iter().find(|schema| !is_sound(schema)) {
            Some(BundleSchema { schema, .. }) => {
                let detail = format!("the text of schema {} is another one", schema.id);
                Err(VerifyError::unsound("manifest.json", detail))
            }
            None => Ok(()),
        }
    }

    /// The digest that a file has to have.
    pub(super) fn check_file(&self, name: &str, sha256: &str) -> Result<(), VerifyError> {
        match self.files.iter().find(|file| file.name == name) {
            Some(file) if file.sha256 == sha256 => Ok(()),
            _ => Err(VerifyError::unsound(name, "its SHA-256 is not the manifest's")),
        }
    }
}

impl FramedSchemas for BundleManifest {
    fn counts_at(&self, _: Offset) -> bool {
        !self.schemas.is_empty()
    }

    fn find(&self, id: SchemaId, offset: Offset) -> Option<SchemaReading> {
        let mut schemas = self.schemas.iter().map(|bundled| &bundled.schema);
        schemas.find(|schema| schema.id == id && schema.from <= offset).map(|schema| schema.reads)
    }
}
