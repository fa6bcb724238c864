//! In-process figures. `make bench-path` runs the whole path, `make bench-store` the storage
//! engine, `make bench-api` the server beside a client, `make bench` everybody side by side.
//!
//! usage: annals-bench FILE.ndjson    event JSON, one event a line: fold, seal, open, pages
//!        annals-bench store [...]    made-up events: see `annals-bench store --help`
//!        annals-bench emit [...]     the recorder: see `annals-bench emit --help`
//!        annals-bench events [...]   events or questions on stdout: see `… events --help`

mod emit;
mod generator;
mod load;
mod pages;
mod print;
mod report;
mod rows;
mod store;

use std::error::Error;
use std::process::ExitCode;

/// The binary's.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[expect(clippy::print_stderr, reason = "usage and errors go to stderr")]
fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let outcome = match arguments.next() {
        None => {
            eprintln!(
                "usage: annals-bench FILE.ndjson, or annals-bench store, emit or events (--help)"
            );
            return ExitCode::from(2);
        }
        Some(word) if word == "store" => store::run(arguments),
        Some(word) if word == "emit" => emit::run(arguments),
        Some(word) if word == "events" => print::run(arguments),
        Some(file) => whole_path(&file),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("annals-bench: {error}");
            ExitCode::from(2)
        }
    }
}

fn whole_path(file: &str) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    pages::measure(&runtime.block_on(load::load(file))?);
    Ok(())
}
