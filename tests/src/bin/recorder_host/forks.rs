//! Forks after it has started a recorder: what both processes then may do.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use annals_ingest::{NotSafe, Recorder, RecorderOptions};
use fork::Fork;

use super::LogInFront;
use super::durable::wait_for;

/// Events that each emits in a row.
const EVENTS: u64 = 1_000;
const LONG: Duration = Duration::from_secs(60);

/// The parent records numbers below 10,000, the child others.
pub(crate) fn run(
    recorder: Recorder,
    log: &LogInFront,
    directory: &Path,
) -> Result<(), Box<dyn Error>> {
    // The child is born while the recorder's thread is at work.
    (0..EVENTS).for_each(|number| recorder.emit(super::event(number)));
    let child = match fork::fork()? {
        Fork::Child => return child(recorder, log, directory),
        Fork::Parent(child) => child,
    };
    (EVENTS..2 * EVENTS).for_each(|number| recorder.emit(super::event(number)));
    let status = fork::waitpid(child)?;
    println!("the child's status {status}");
    (2 * EVENTS..3 * EVENTS).for_each(|number| recorder.emit(super::event(number)));
    println!("flushed {}", recorder.flush(LONG));
    println!("lost {}", recorder.lost());
    Ok(())
}

fn child(recorder: Recorder, log: &LogInFront, directory: &Path) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let before = recorder.lost();
    (10_000..10_000 + EVENTS).for_each(|number| recorder.emit(super::event(number)));
    let durable = wait_for(recorder.emit_durable(super::event(20_000)));
    println!("child: {}, flushed {}", recorder.lost() - before, recorder.flush(LONG));
    println!("child: {}", durable.err().unwrap_or(NotSafe::Ended));
    drop(recorder);
    println!("child: at once {}", started.elapsed() < LONG);
    // A recorder of its own: not on the parent's spool, but beside it.
    match super::start(log, directory, RecorderOptions::default()) {
        Ok(_) => println!("child: two on one spool"),
        Err(error) => {
            let cause = error.source().map(ToString::to_string).unwrap_or_default();
            println!("child: {error}: {cause}");
        }
    }
    let own = super::start(log, &directory.join("child"), RecorderOptions::default())?;
    println!("child: {:?}", wait_for(own.emit_durable(super::event(30_000))));
    Ok(())
}
