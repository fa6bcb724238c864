//! `annals import`: recorded events into the log, in order, with a reject file for the rest.

mod batches;
mod convert;
mod lines;
mod mapping;
mod progress;
mod rejects;
mod table;

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};

use annals_schemas::Event;
use annals_service::clock::SystemClock;

use batches::{Batch, Reading};
use mapping::Mapping;
use progress::Progress;
use rejects::Rejects;
use table::Table;

use crate::cli::{Cli, ImportArguments, ImportFormat};
use crate::config::Config;
use crate::exit::Failure;
use crate::sink::{Outcome, Sink};

/// Batches read ahead of the one being appended.
const READ_AHEAD: usize = 2;

pub(crate) fn run(cli: &Cli, arguments: &ImportArguments) -> Result<(), Failure> {
    let config = Config::load(cli.config.as_deref(), &[])?;
    let reading = reading(arguments)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build();
    let runtime = runtime.map_err(|error| Failure::dependency(&error))?;
    let clock = SystemClock::shared();
    let sink = runtime.block_on(Sink::open(&arguments.target, &config, &clock))?;
    let progress = Progress::new(&arguments.files);
    let mut refused = 0;
    for file in &arguments.files {
        let header = header(file, &reading, &progress)?;
        let reject_file = arguments.reject_file.clone();
        let reject_file = reject_file.unwrap_or_else(|| beside(file, &reading));
        let mut rejects = Rejects::new(file, (reject_file, header), &progress);
        let source = (file.as_path(), reading.clone(), arguments.historic);
        runtime.block_on(import(source, &sink, &progress, &mut rejects))?;
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
    (file, reading, historic): (&Path, Reading, bool),
    sink: &Sink,
    progress: &Progress,
    rejects: &mut Rejects<'_>,
) -> Result<(), Failure> {
    let (send, receive) = mpsc::sync_channel(READ_AHEAD);
    let (path, counted) = (file.to_owned(), progress.bytes());
    let reader =
        std::thread::spawn(move || batches::read(&path, &reading, historic, &counted, &send));
    while let Some(batch) = next(&receive) {
        let Batch { events, refused, .. } = batch;
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

/// How the files are read.
fn reading(arguments: &ImportArguments) -> Result<Reading, Failure> {
    match (&arguments.map, arguments.format) {
        (Some(map), ImportFormat::Csv) => {
            let text = std::fs::read_to_string(map);
            let text =
                text.map_err(|error| Failure::usage(format!("{}: {error}", map.display())))?;
            Mapping::parse(&text).map(Reading::Table)
        }
        (Some(_), _) => Err(Failure::usage("--map is for --format csv")),
        (None, format) => Ok(Reading::Lines(format)),
    }
}

/// The header of a table, for the reject file. Says which of its columns are left out. Of standard
/// input, which is read once, there is none.
fn header(file: &Path, reading: &Reading, progress: &Progress) -> Result<Option<Vec<u8>>, Failure> {
    let Reading::Table(spec) = reading else { return Ok(None) };
    if file == Path::new("-") {
        return Ok(None);
    }
    let failed = |error: std::io::Error| Failure::usage(format!("{}: {error}", file.display()));
    let table = Table::open(file, &Arc::default(), spec.delimiter).map_err(failed)?;
    let mapping = Mapping::of(spec, table.columns().to_vec())?;
    let left_out = mapping.left_out();
    if !left_out.is_empty() {
        let names = left_out.join(", ");
        progress.say(&format!("{}: left out: {names}", file.display()));
    }
    Ok(Some(table.header_line()))
}

fn beside(file: &Path, reading: &Reading) -> PathBuf {
    let is_table = matches!(reading, Reading::Table(_));
    let ending = if is_table { "rejected.csv" } else { "rejected.ndjson" };
    if file == Path::new("-") {
        return PathBuf::from(format!("stdin.{ending}"));
    }
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{ending}"));
    PathBuf::from(name)
}
