//! What `Recorder::emit` costs its host, with the log in front in each of its states.
//!
//! Events are emitted in runs that fit into the queue, and made before the clock starts; between
//! runs the recorder gets time to make them safe. In the row `nothing` no recorder is there.

use std::error::Error;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use annals_broker::local::{LocalLog, LocalOptions};
use annals_broker::{Log as _, Producer};
use annals_ingest::{
    DeferredProducer, KafkaOptions, Recorder, RecorderOptions, SpoolOptions, new_event,
};
use annals_schemas::{Event, Instant, JsonText, Resource, WorkspaceId};
use clap::Parser;

use crate::report::{Memory, ShortClock, Table, Timings, bytes, memory_bytes, say, thousands};

/// Events emitted on end: half of what the queue holds.
const RUN: u64 = 5_000;
/// Bytes of the smallest spool.
const SMALL_SPOOL: u64 = 64 << 10;

/// What emitting costs.
#[derive(Debug, Parser)]
#[command(name = "annals-bench emit")]
struct Options {
    /// Calls in each state.
    #[arg(long, default_value_t = 1_000_000)]
    calls: u64,
}

/// Measures all states.
pub(crate) fn run(arguments: impl Iterator<Item = String>) -> Result<(), Box<dyn Error>> {
    let options = Options::parse_from(std::iter::once("emit".to_owned()).chain(arguments));
    let directory = tempfile::tempdir()?;
    say(&format!("\n{} calls of `emit` in each state.", thousands(options.calls)));
    let columns = [
        "The log",
        "wall p50, µs",
        "p99",
        "p99.99",
        "max",
        "CPU mean",
        "p99.99",
        "events/s a core",
        "delivered",
        "in the spool",
        "lost",
        "memory, more",
    ];
    let table = Table::new("**`Recorder::emit`**", &columns.map(str::to_owned));
    let nothing = time(options.calls, |event| drop(std::hint::black_box(event)), || ());
    table.row("nothing", &cells(&nothing));

    // Connections to the one are accepted by the kernel and left alone; to the other, whose port
    // is free again, they are refused.
    let silent = TcpListener::bind("127.0.0.1:0")?;
    let refusing = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let local =
        LocalLog::open(&directory.path().join("log"), LocalOptions::default(), Arc::new(|| 0))?;
    let states: [(&str, Arc<dyn Producer>, u64); 4] = [
        ("up, embedded", local.producer(), 1 << 40),
        ("Kafka, refused", kafka(refusing)?, 1 << 40),
        ("Kafka, accepting but silent", kafka(silent.local_addr()?.port())?, 1 << 40),
        ("Kafka, refused, and the spool full", kafka(refusing)?, SMALL_SPOOL),
    ];
    for (number, (name, producer, max_bytes)) in states.into_iter().enumerate() {
        let spool = directory.path().join(format!("spool-{number}"));
        state(&table, name, producer, (&spool, max_bytes), options.calls)?;
    }
    Ok(())
}

fn kafka(port: u16) -> Result<Arc<dyn Producer>, Box<dyn Error>> {
    let options = KafkaOptions::new(format!("127.0.0.1:{port}"), "annals.events.v1");
    Ok(Arc::new(DeferredProducer::new(options)?))
}

fn state(
    table: &Table,
    name: &str,
    producer: Arc<dyn Producer>,
    (spool, max_bytes): (&Path, u64),
    calls: u64,
) -> Result<(), Box<dyn Error>> {
    let before = memory_bytes(Memory::Anonymous);
    let spool = Some(SpoolOptions { max_bytes, ..SpoolOptions::new(spool) });
    let drop_deadline = Duration::ZERO;
    let options = RecorderOptions { spool, drop_deadline, ..RecorderOptions::default() };
    let recorder = Recorder::start(producer, options)?;
    let is_full = max_bytes == SMALL_SPOOL;
    let patience = Duration::from_millis(if is_full { 1 } else { 5_000 });
    let timings = time(
        calls,
        |event| recorder.emit(event),
        || {
            recorder.flush(patience);
        },
    );
    let mut cells = cells(&timings);
    cells.extend([recorder.delivered(), recorder.spooled(), recorder.lost()].map(thousands));
    cells.push(bytes(memory_bytes(Memory::Anonymous).saturating_sub(before)));
    table.row(name, &cells);
    Ok(())
}

fn time(calls: u64, emit: impl Fn(Event), rest: impl Fn()) -> Timings {
    let (clock, mut timings) = (ShortClock::new(), Timings::default());
    for start in (0..calls).step_by(usize::try_from(RUN).unwrap_or(1)) {
        let events: Vec<Event> = (start..calls.min(start + RUN)).map(event).collect();
        for event in events {
            timings.push(clock.measure(|| emit(event)).1);
        }
        rest();
    }
    timings
}

fn event(number: u64) -> Event {
    let workspace = WorkspaceId::new("acme").expect("a legal id");
    let at = Instant::from_millis_clamped(1_700_000_000_000);
    let mut event = new_event(workspace, "segment.updated", at);
    event.actor.principal.id = Some(format!("u{}", number % 2_000));
    event.resources = vec![Resource {
        resource_type: "segment".to_owned(),
        id: format!("s{number}"),
        name: Some("Customers of the north-east".to_owned()),
    }];
    let metadata = format!(r#"{{"reason":"{}","attempt":{number}}}"#, "x".repeat(120));
    event.metadata = JsonText::parse(&metadata).ok();
    event
}

fn cells(timings: &Timings) -> Vec<String> {
    let mut cells: Vec<String> = Vec::new();
    cells.extend(timings.wall.cells(&[500, 990]));
    cells.push(timings.wall.rare_cell());
    cells.extend(timings.wall.cells(&[1_000]));
    let mean = timings.cpu.mean();
    cells.push(format!("{:.2}", mean.as_secs_f64() * 1e6));
    cells.push(timings.cpu.rare_cell());
    cells.push(thousands(Duration::from_secs(1).as_nanos() / mean.as_nanos().max(1)));
    cells
}
