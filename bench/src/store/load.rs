//! Fold, build and write all events, and what they take up then.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use annals_ingest::new_record;
use annals_schemas::{Header, NewRecord, Pieces, Position, Record, TimestampType};

use super::engine::Engine;
use super::stored::{self, Sizes};
use crate::generator::{Events, Generated, World};
use crate::report::{Memory, Spent, Started, Table, bytes, memory_bytes, say, thousands};

/// Records made, and then folded, at a time: as many as a projector polls.
const BATCH: usize = 1_024;
/// Bytes in which their values lie.
const PIECE_BYTES: usize = 256 << 10;
/// Events between two words on how far it is.
const TOLD_EVERY: u64 = 5_000_000;

/// Loads a directory and prints what that took.
#[expect(clippy::print_stderr, reason = "progress of long work")]
pub(super) async fn measure(world: &World, directory: &Path) -> Result<(), Box<dyn Error>> {
    let mut engine = Engine::open(directory).await?;
    engine.open_names()?;
    let empty = memory_bytes(Memory::Resident);
    let mut batches = Batches::new(world.events(), 0);
    let (mut events, mut generating) = (0, Spent::default());
    let mut sizes = Sizes::default();
    loop {
        let started = Started::now();
        let records = batches.take();
        records.iter().for_each(|record| sizes.add(record));
        let before = events;
        events += records.len() as u64;
        generating += started.spent();
        if records.is_empty() {
            break;
        }
        engine.append(records).await?;
        if before / TOLD_EVERY < events / TOLD_EVERY {
            eprintln!("{} events", thousands(events));
        }
    }
    engine.finish().await?;
    let visible = engine.counts().visible;
    if visible != events {
        return Err(format!("{events} events were folded, {visible} are visible").into());
    }
    let table = Table::of_figures("**Fold, build, write; hashes, dedupe and names included**");
    rates(&table, &engine, events);
    table.row("seals, at 128 MiB of records", &[engine.seals.to_string()]);
    table.row("live segments", &[engine.segments().to_string()]);
    let (sealed, merged) = engine.written_bytes;
    let amplification = (sealed + merged) as f64 / sealed.max(1) as f64;
    table.row("write amplification of segments", &[format!("{amplification:.2}")]);
    let peak = memory_bytes(Memory::Peak);
    table.row("peak memory (VmHWM)", &[bytes(peak)]);
    table.row("of it before the first event", &[bytes(empty)]);
    let table = Table::new("**Stored**", &["Part".into(), "B an event".into(), "bytes".into()]);
    stored::print(&table, directory, events, &sizes)?;
    say(&format!("\nGenerating took {:.1} s beside that.", generating.cpu.as_secs_f64()));
    Ok(())
}

/// Prints the rate of all steps together, then the time of each.
pub(super) fn rates(table: &Table, engine: &Engine, events: u64) {
    let sum = engine.steps.sum();
    let rate = |seconds: f64| format!("{:.0}", events as f64 / seconds.max(1e-9));
    let rate = |seconds: f64| thousands(rate(seconds).parse::<u64>().unwrap_or(0));
    table.row("events/s a core, CPU time", &[rate(sum.cpu.as_secs_f64())]);
    table.row("events/s, wall", &[rate(sum.wall.as_secs_f64())]);
    for (step, spent) in engine.steps.iter() {
        let micros = |time: std::time::Duration| time.as_secs_f64() * 1e6 / events as f64;
        let (cpu, wall) = (micros(spent.cpu), micros(spent.wall));
        table.row(step, &[format!("{cpu:.2} µs an event ({wall:.2} wall)")]);
    }
}

/// Events as the records of a log's only partition. What repeats itself is shared and values lie in
/// pieces, as in the records of a consumer.
pub(super) struct Batches<I> {
    events: I,
    offset: u64,
    pieces: Pieces,
    headers: Arc<[Header]>,
}

impl<'a> Batches<Events<'a>> {
    fn new(events: Events<'a>, offset: u64) -> Self {
        Self::from(events, offset)
    }
}

impl<I: Iterator<Item = Generated>> Batches<I> {
    /// Records from this offset on.
    pub(super) fn from(events: I, offset: u64) -> Self {
        Self { events, offset, pieces: Pieces::of(PIECE_BYTES), headers: Arc::default() }
    }

    /// The next records; none at the end.
    pub(super) fn take(&mut self) -> Vec<Record> {
        let mut records = Vec::with_capacity(BATCH);
        while records.len() < BATCH {
            let Some(generated) = self.events.next() else { break };
            records.push(self.record(&generated));
        }
        records
    }

    fn record(&mut self, generated: &Generated) -> Record {
        let NewRecord { key, value, headers } = new_record(&generated.event, None);
        if *self.headers != *headers {
            self.headers = headers.into();
        }
        let offset = self.offset;
        self.offset += 1;
        Record {
            position: Position { partition: 0, offset },
            timestamp_ms: generated.recorded_ms,
            timestamp_type: TimestampType::LogAppendTime,
            key: key.map(|key| self.pieces.copy(&key)),
            value: value.map(|value| self.pieces.copy(&value)),
            headers: self.headers.clone(),
        }
    }
}
