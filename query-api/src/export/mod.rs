//! Exports: every row of one snapshot that matches a filter, streamed.
//!
//! Guarantees: rows are the list's, in its order, of the snapshot taken when the export was asked
//! for; memory does not grow with their number; nothing is held while a client is slow; a transfer
//! that ends early does not look whole, and the manifest tells what a whole one is.

mod body;
mod csv;
mod job;
mod manifest;
mod manifests;
mod offline;
mod row_writer;
mod run;
mod tickets;
mod totals;

use std::sync::Arc;

use annals_schemas::WorkspaceId;
use annals_service::problem::{Problem, ProblemKind};
use annals_store::{Storage, StoreError};
use serde_json::{Map, Value};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use csv::write_csv_cell;
pub(crate) use job::ExportJob;
pub(crate) use manifest::Manifest;
pub use offline::OfflineExport;
pub(crate) use run::{EXPORT_ID, start};

use crate::metrics;
use crate::workspace_places::WorkspacePlaces;
use manifests::Manifests;
use tickets::Tickets;

/// Exports that run at the same time: each holds a few batches of rows in memory.
const CONCURRENT_EXPORTS: usize = 8;
/// Exports of one workspace among them: the others are for its neighbours.
const CONCURRENT_EXPORTS_EACH: usize = CONCURRENT_EXPORTS / 2;
/// When a refused client may come back.
const RETRY_AFTER_SECONDS: u64 = 10;

/// Signs the manifest of an export under a name, and nothing else: sets its `key_id` and
/// `signature`, or leaves them null.
pub type SignManifest = Arc<dyn Fn(&str, &mut Map<String, Value>) + Send + Sync>;

/// What exports share. Cheap to clone.
#[derive(Clone)]
pub struct Exports {
    pub(crate) manifests: Arc<Manifests>,
    pub(crate) tickets: Arc<Tickets>,
    places: Arc<Semaphore>,
    places_each: Arc<WorkspacePlaces>,
    sign: SignManifest,
}

/// A place among the exports that run, given back when it is dropped.
pub(crate) struct ExportPlace {
    _of_workspace: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Exports {
    /// Keeps manifests in this storage, which nobody else writes to, signed by this.
    pub fn open(storage: Storage, sign: SignManifest) -> Result<Self, StoreError> {
        Ok(Self {
            manifests: Arc::new(Manifests::open(storage)?),
            tickets: Arc::default(),
            places: Arc::new(Semaphore::new(CONCURRENT_EXPORTS)),
            places_each: Arc::new(WorkspacePlaces::new(CONCURRENT_EXPORTS_EACH)),
            sign,
        })
    }

    /// The bytes of an export's manifest, signed in the name of its partition's origin.
    fn signed(&self, job: &ExportJob, manifest: &Manifest) -> Vec<u8> {
        let plain = serde_json::to_value(manifest).expect("a manifest is plain data");
        let Value::Object(mut manifest) = plain else { unreachable!("a manifest is an object") };
        (self.sign)(&job.origin(), &mut manifest);
        serde_json::to_vec(&manifest).expect("a manifest is plain data")
    }

    /// A place for one more export of a workspace; `rate-limited` if all, or all that one workspace
    /// may have, are taken.
    pub(crate) fn place(&self, workspace: &WorkspaceId) -> Result<ExportPlace, Problem> {
        let of_workspace = self.places_each.of(workspace.as_str()).try_acquire_owned();
        let of_all = self.places.clone().try_acquire_owned();
        match (of_workspace, of_all) {
            (Ok(_of_workspace), Ok(_of_all)) => Ok(ExportPlace { _of_workspace, _of_all }),
            _ => {
                metrics::export_refused();
                Err(Problem::new(ProblemKind::RateLimited)
                    .detail("too many exports are running")
                    .retry_after(RETRY_AFTER_SECONDS))
            }
        }
    }
}
