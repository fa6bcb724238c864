//! What a finished export was: enough to check a file that was kept of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::job::ExportJob;
use super::totals::Totals;
use crate::openapi::FormatName;

/// The manifest of a finished export.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Manifest {
    pub(crate) id: String,
    pub(crate) workspace: String,
    /// Parameters of the filter as they were given, values sorted.
    pub(crate) filter: BTreeMap<String, Vec<String>>,
    #[schema(value_type = FormatName, inline)]
    pub(crate) format: String,
    /// As pages have it.
    pub(crate) snapshot: serde_json::Value,
    pub(crate) rows: u64,
    /// Least seq of the rows; null without rows.
    pub(crate) first_seq: Option<u64>,
    /// Greatest seq of the rows.
    pub(crate) last_seq: Option<u64>,
    /// Of the uncompressed bytes, in hexadecimal.
    pub(crate) sha256: String,
    /// Of the key in `GET /v1/log/key`; null where the server has none.
    pub(crate) key_id: Option<String>,
    /// Ed25519 in Base64, over `annals-http-export-1`, a line end, and this object without this
    /// member in the canonical form of RFC 8785; null without a key.
    pub(crate) signature: Option<String>,
}

impl Manifest {
    pub(super) fn new(job: &ExportJob, totals: Totals, sha256: String) -> Self {
        Self {
            id: job.id.to_string(),
            workspace: job.workspace.id().to_string(),
            filter: job.asked.given.clone(),
            format: job.asked.format.name().to_owned(),
            snapshot: serde_json::to_value(&job.snapshot).expect("a snapshot is plain data"),
            rows: totals.rows,
            first_seq: totals.seqs.map(|(least, _)| least),
            last_seq: totals.seqs.map(|(_, greatest)| greatest),
            sha256,
            key_id: None,
            signature: None,
        }
    }
}
