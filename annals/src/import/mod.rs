//! `annals import`: recorded events into the log, in order, with a reject file for the rest.

mod batches;
mod convert;
mod lines;
mod progress;
mod rejects;

use std::path::{Path, PathBuf};
use std::sync::mpsc;

use annals_schemas::Event;
use annals_service::clock::SystemClock;

use batches::Batch;
use progress::Progress;
use rejects::Rejects;

use crate::cli::{Cli, ImportArguments};
use crate::config::Config;
use crate::exit::Failure;
use crate::sink::{Outcome, Sink};

/// Batches read ahead of the one being appended.
const READ_AHEAD: usize = 2;

pub(crate) fn run(cli: &Cli, arguments: &ImportArguments) -> Result<(), Failure> {
    let config = Config::load(cli.config.as_deref(), &[])?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build();
    let runtime = runtime.map_err(|error| Failure::dependency(&error))?;
    let clock = SystemClock::shared();
    let sink = runtime.block_on(Sink::open(&arguments.target, &config, &clock))?;
    let progress = Progress::new(&arguments.files);
    let mut refused = 0;
    for file in &arguments.files {
        let reject_file = arguments.reject_file.clone().unwrap_or_else(|| beside(file));
        let mut rejects = Rejects::new(file, reject_file, &progress);
        runtime.block_on(import(file, arguments, &sink, &progress, &mut rejects))?;
        refused += rejects.finish()?;
    }
    progress.finish(refused);
    if refused > 0 {
        return Err(Failure::no(format!("{refused} lines were refused")));
    }
    Ok(())
}

/// Reads ahead on a thread of its own while batches are appended one after the other: that is what
/// keeps the order within a workspace.
async fn import(
    file: &Path,
    arguments: &ImportArguments,
    sink: &Sink,
    progress: &Progress,
    rejects: &mut Rejects<'_>,
) -> Result<(), Failure> {
    let (send, receive) = mpsc::sync_channel(READ_AHEAD);
    let (path, format, historic) = (file.to_owned(), arguments.format, arguments.historic);
    let counted = progress.bytes();
    let reader =
        std::thread::spawn(move || batches::read(&path, format, historic, &counted, &send));
    while let Some(batch) = next(&receive) {
        let Batch { events, refused } = batch;
        for (line, error) in refused {
            rejects.add(&line, &error)?;
        }
        let (lines, events): (Vec<_>, Vec<Event>) = events.into_iter().unzip();
        let outcomes = sink.append(events).await?;
        for (line, outcome) in lines.iter().zip(outcomes) {
            match outcome {
                Outcome::Taken => progress.event(),
                Outcome::Refused(error) => rejects.add(line, &error)?,
            }
        }
    }
    reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn next(receive: &mpsc::Receiver<Batch>) -> Option<Batch> {
    tokio::task::block_in_place(|| receive.recv().ok())
}

fn beside(file: &Path) -> PathBuf {
    if file == Path::new("-") {
        return PathBuf::from("stdin.rejected.ndjson");
    }
    let mut name = file.as_os_str().to_owned();
    name.push(".rejected.ndjson");
    PathBuf::from(name)
}
