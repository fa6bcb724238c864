//! The recorder's thread: a small runtime of its own around the worker.
//!
//! Guarantees: the host's runtime is not touched; whoever waits for the worker learns of its end,
//! also if it panics, and what it had taken by then is counted as lost.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use tokio::runtime::{Builder, Runtime};

use super::StartError;
use super::progress::Progress;
use super::worker::Worker;
use crate::spool::Spool;

/// Starts the thread; returns once its spool is open.
pub(super) fn spawn(mut worker: Worker) -> Result<JoinHandle<()>, StartError> {
    let (opened, opening) = mpsc::channel();
    let run = move || {
        // Also when something panics: those who wait for us must not wait for ever.
        let _ended = EndGuard(Arc::clone(&worker.settlement.progress));
        match open(&mut worker) {
            Ok(runtime) => {
                let _ = opened.send(Ok(()));
                keep_running(runtime, worker);
            }
            Err(error) => {
                let _ = opened.send(Err(error));
            }
        }
    };
    let thread = std::thread::Builder::new().name("annals-recorder".to_owned()).spawn(run);
    let thread = thread.map_err(StartError::Thread)?;
    let ended = |_| std::io::Error::other("the recorder's thread ended");
    opening.recv().map_err(ended).map_err(StartError::Thread)??;
    Ok(thread)
}

/// The runtime, made and dropped on this thread: a host that is async itself may drop none on its
/// own.
fn open(worker: &mut Worker) -> Result<Runtime, StartError> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(StartError::Thread)?;
    if let Some(options) = &worker.options.spool {
        let spool = runtime.block_on(Spool::open(options)).map_err(StartError::Spool)?;
        worker.spool = Some(spool);
    }
    Ok(runtime)
}

fn keep_running(runtime: Runtime, mut worker: Worker) {
    if catch_unwind(AssertUnwindSafe(|| runtime.block_on(worker.run()))).is_err() {
        tracing::error!("the recorder's thread panicked: what it had taken is lost");
    }
    runtime.block_on(worker.end());
    drop(worker);
    // A blocked producer's tasks must not hold the host's end back.
    runtime.shutdown_background();
}

struct EndGuard(Arc<Progress>);

impl Drop for EndGuard {
    fn drop(&mut self) {
        self.0.end();
    }
}
