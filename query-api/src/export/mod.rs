//! Exports: every row of one snapshot that matches a filter, streamed.
//!
//! Guarantees: rows are the list's, in its order, of the snapshot taken when the export was asked
//! for; memory does not grow with their number; nothing is held while a client is slow; a transfer
//! that ends early does not look whole, and the manifest tells what a whole one is.

mod body;
mod csv;
mod encoder;
mod job;
mod manifest;
mod run;
mod tickets;

use std::io;
use std::path::Path;
use std::sync::Arc;

use annals_service::problem::{Problem, ProblemKind};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(crate) use job::ExportJob;
pub(crate) use manifest::Manifest;
pub(crate) use run::{EXPORT_ID, start};

use crate::cache::Manifests;
use crate::metrics;
use tickets::Tickets;

/// Exports that run at the same time: each holds a few batches of rows in memory.
const CONCURRENT_EXPORTS: usize = 8;
/// When a refused client may come back.
const RETRY_AFTER_SECONDS: u64 = 10;

/// What exports share. Cheap to clone.
#[derive(Clone)]
pub struct Exports {
    pub(crate) manifests: Arc<Manifests>,
    pub(crate) tickets: Arc<Tickets>,
    places: Arc<Semaphore>,
}

impl Exports {
    /// Keeps manifests in this directory, which is made if it is missing.
    pub fn open(directory: &Path) -> io::Result<Self> {
        Ok(Self {
            manifests: Arc::new(Manifests::open(directory)?),
            tickets: Arc::new(Tickets::default()),
            places: Arc::new(Semaphore::new(CONCURRENT_EXPORTS)),
        })
    }

    /// A place for one more export; `rate-limited` if all are taken.
    pub(crate) fn place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        self.places.clone().try_acquire_owned().map_err(|_| {
            metrics::export_refused();
            Problem::new(ProblemKind::RateLimited)
                .detail("too many exports are running")
                .retry_after(RETRY_AFTER_SECONDS)
        })
    }
}
