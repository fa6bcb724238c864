//! What `Recorder::emit` costs its host, with the log in front in each of its states.
//!
//! Each state is measured in a process of its own, beside the same loop without a recorder: what a
//! state leaves behind in memory is not another's. `make bench-emit` gives each what it needs: a
//! broker, a network that drops packets, a disk that is full.

mod calls;
mod state;

use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

use clap::{Parser, ValueEnum as _};

use self::calls::Calls;
use self::state::State;
use crate::report::{Memory, Table, bytes, memory_bytes, say, thousands};

const COLUMNS: [&str; 13] = [
    "The log",
    "wall p50, µs",
    "p99",
    "p99.99",
    "max",
    "max without",
    "CPU mean, µs",
    "p99.99",
    "events/s a core",
    "delivered",
    "in the spool",
    "lost",
    "memory, more",
];

/// What emitting costs.
#[derive(Debug, Parser)]
#[command(name = "annals-bench emit")]
struct Options {
    /// Calls in each state.
    #[arg(long, default_value_t = 1_000_000)]
    calls: u64,
    /// Measure this state alone, and print its row alone.
    #[arg(long, value_enum)]
    state: Option<State>,
    /// `HOST:PORT` of the broker that is up.
    #[arg(long)]
    kafka: Option<String>,
    /// The topic there.
    #[arg(long, default_value = "annals.events.v1")]
    topic: String,
    /// `HOST:PORT` from which no packet comes back.
    #[arg(long)]
    black_hole: Option<String>,
    /// A directory on a small disk, which gets full.
    #[arg(long)]
    small_disk: Option<PathBuf>,
    /// Where spools lie that have room: some 500 bytes a call.
    #[arg(long)]
    within: Option<PathBuf>,
}

/// Measures all states, or one.
pub(crate) fn run(arguments: impl Iterator<Item = String>) -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::iter::once("emit".to_owned()).chain(arguments).collect();
    let options = Options::parse_from(&arguments);
    if let Some(state) = options.state {
        return measure(state, &options);
    }
    say(&format!("\n{} calls of `emit` in each state.", thousands(options.calls)));
    Table::new("**`Recorder::emit`**", &COLUMNS.map(str::to_owned));
    let (runnable, left): (Vec<&State>, Vec<_>) =
        State::value_variants().iter().partition(|state| state.has_what_it_needs(&options));
    for state in runnable {
        let mut alone = Command::new(std::env::current_exe()?);
        alone.args(&arguments).args(["--state", &state.argument()]);
        if !alone.status()?.success() {
            return Err(format!("{} was not measured", state.argument()).into());
        }
    }
    for state in left {
        say(&format!("\nNot measured: {}; see `make bench-emit`.", state.argument()));
    }
    Ok(())
}

fn measure(state: State, options: &Options) -> Result<(), Box<dyn Error>> {
    let within = options.within.clone().unwrap_or_else(std::env::temp_dir);
    let directory = tempfile::tempdir_in(within)?;
    let mut without = Calls::new()?;
    without.make(options.calls, |event| drop(std::hint::black_box(event)), || ());
    // What making the events takes is taken by now.
    let before = memory_bytes(Memory::Anonymous);
    let (recorder, silent) = state.recorder(options, directory.path())?;
    let mut calls = Calls::new()?;
    let patience = state.patience();
    calls.make(
        options.calls,
        |event| recorder.emit(event),
        || {
            recorder.flush(patience);
        },
    );
    let mut cells: Vec<String> = [0.5, 0.99, 0.999_9, 1.0].map(|share| calls.wall(share)).into();
    cells.push(without.wall(1.0));
    let mean = calls.cpu_mean();
    cells.push(format!("{:.2}", mean.as_secs_f64() * 1e6));
    cells.extend([calls.cpu(0.999_9), thousands(calls.per_second())]);
    cells.extend([recorder.delivered(), recorder.spooled(), recorder.lost()].map(thousands));
    cells.push(bytes(calls.peak_memory_bytes().saturating_sub(before)));
    Table::print_row(state.name(), &cells);
    drop((recorder, silent));
    Ok(())
}
