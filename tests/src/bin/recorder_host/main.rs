//! A product's service that records what it does, a process of its own: to be killed, forked,
//! traced, and run twice at once.
//!
//! usage: recorder-host DIRECTORY LOG durable FIRST COUNT   recorder-host DIRECTORY LOG calls COUNT
//!        recorder-host DIRECTORY LOG load THREADS COUNT    recorder-host DIRECTORY LOG forks
//!        recorder-host DIRECTORY LOG block COUNT           recorder-host DIRECTORY LOG holds
//!        recorder-host DIRECTORY LOG first-alone COUNT     recorder-host DIRECTORY LOG paced FIRST
//!
//! LOG is what `log.rs` says; the spool is DIRECTORY/spool. Its allocator takes no locks, so that a
//! thread that waits for one waits for the recorder.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its output is what it is for")]

mod calls;
mod durable;
mod forks;
mod load;
mod log;
mod paced;

use std::error::Error;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use annals_ingest::{Overflow, Recorder, RecorderOptions, SpoolOptions, StartError, new_event};
use annals_schemas::{Event, Instant, WorkspaceId};

use self::log::LogInFront;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let Err(error) = run() else { return ExitCode::SUCCESS };
    let mut cause = Some(&*error as &dyn Error);
    while let Some(error) = cause {
        eprintln!("recorder-host: {error}");
        cause = error.source();
    }
    ExitCode::FAILURE
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [directory, log, ref verb @ ..] = arguments[..] else {
        return Err("usage: recorder-host DIRECTORY LOG VERB …".into());
    };
    let directory = Path::new(directory);
    let log = LogInFront::of(log, directory)?;
    let recorder = || start(&log, directory, RecorderOptions::default());
    match *verb {
        ["durable", first, count] => {
            let recorder = recorder()?;
            durable::run(&recorder, first.parse()?, count.parse()?)?;
            if log.takes {
                durable::wait_unspooled(&recorder);
            }
            Ok(())
        }
        ["first-alone", count] => {
            let durable_deadline = Duration::from_secs(5);
            let options = RecorderOptions { durable_deadline, ..Default::default() };
            let recorder = start(&log, directory, options)?;
            durable::run(&recorder, 1, 1)?;
            durable::run(&recorder, 2, count.parse::<u64>()? - 1)
        }
        ["calls", count] => calls::run(&recorder()?, count.parse()?),
        ["paced", first] => {
            let spool = Some(SpoolOptions::new(directory.join("spool")));
            let options = RecorderOptions { spool, ..Default::default() };
            paced::run(&Recorder::start(Arc::clone(&log.producer), options)?, first.parse()?)
        }
        ["block", count] => {
            let overflow = Overflow::Block;
            let options = RecorderOptions { overflow, queue_events: 100, ..Default::default() };
            calls::run(&start(&log, directory, options)?, count.parse()?)
        }
        ["load", threads, count] => {
            let drop_deadline = Duration::from_secs(60);
            let options = RecorderOptions { drop_deadline, ..Default::default() };
            let recorder = start(&log, directory, options)?;
            load::run(recorder, threads.parse()?, count.parse()?)
        }
        ["forks"] => forks::run(recorder()?, &log, directory),
        ["holds"] => {
            let _recorder = recorder()?;
            println!("holds it");
            // Until nobody is there any more.
            std::io::stdin().read_to_end(&mut Vec::new())?;
            Ok(())
        }
        _ => Err("there is no such verb".into()),
    }
}

fn start(
    log: &LogInFront,
    directory: &Path,
    options: RecorderOptions,
) -> Result<Recorder, StartError> {
    let after = Duration::from_millis(5);
    let spool = SpoolOptions { after, ..SpoolOptions::new(directory.join("spool")) };
    let options = RecorderOptions { spool: Some(spool), ..options };
    Recorder::start(Arc::clone(&log.producer), options)
}

/// The event of this number.
fn event(number: u64) -> Event {
    let workspace = WorkspaceId::new("acme").expect("a legal id");
    new_event(workspace, format!("count.n{number}"), Instant::from_millis_clamped(0))
}
