//! The runtime of a command that ends.

use tokio::runtime::{Builder, Runtime};

use crate::exit::Failure;

/// A runtime beside the thread that the command runs on.
pub(crate) fn start() -> Result<Runtime, Failure> {
    let runtime = Builder::new_multi_thread().enable_all().worker_threads(1).build();
    runtime.map_err(|error| Failure::dependency(&error))
}
