//! A file of events folded into a store of three segments and a tail.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use annals_ingest::new_record;
use annals_schemas::{Event, Limits, Position, Record, TimestampType, WorkspaceId, parse_event};
use annals_store::{Decoded, LogIdentity, Storage, Store, StoreOptions};
use uuid::Uuid;

/// Sealed parts; what is left stays in the tail.
const SEGMENTS: usize = 3;

/// A store to be asked, and what is in it.
pub(crate) struct Loaded {
    pub(crate) store: Store,
    pub(crate) largest: WorkspaceId,
    pub(crate) events: Vec<Event>,
    _directory: tempfile::TempDir,
}

/// Parses, folds, seals and reopens, printing what each step takes.
#[expect(clippy::print_stdout, reason = "figures are the output")]
#[expect(clippy::cast_precision_loss, reason = "rates for people")]
pub(crate) async fn load(file: &str) -> Result<Loaded, Box<dyn Error>> {
    let text = std::fs::read_to_string(file)?;
    let started = Instant::now();
    let parsed: Result<Vec<Event>, _> = text
        .lines()
        .map(|line| parse_event(line.as_bytes(), &Limits::HARD, Uuid::now_v7))
        .collect();
    let events = parsed?;
    rate("parse event JSON", events.len(), started);
    let started = Instant::now();
    let records: Vec<Record> = (0..).zip(&events).map(|(at, event)| record(at, event)).collect();
    rate("encode Avro", events.len(), started);
    let bytes: usize = records.iter().map(Record::size_bytes).sum();
    let directory = tempfile::tempdir()?;
    let store = open(directory.path()).await?;
    let partition = store.partition(0)?;
    let started = Instant::now();
    for (number, part) in records.chunks(records.len().div_ceil(SEGMENTS + 1)).enumerate() {
        let log_id = store.log_id();
        partition.fold(part.iter().map(|record| Decoded::new(record.clone(), &log_id, 1)))?;
        if number < SEGMENTS
            && let Some(job) = partition.freeze()
        {
            partition.commit(&mut job.build(&partition)?).await?;
        }
    }
    rate("decode, fold, seal three quarters", events.len(), started);
    let stored = size_of(directory.path())?;
    let sealed = partition.accounting().committed.max(1);
    println!(
        "{:<44} {:>9.0} B (records {:.0} B an event)",
        "stored for each sealed event",
        stored as f64 / sealed as f64,
        bytes as f64 / events.len() as f64
    );
    let started = Instant::now();
    drop(open(directory.path()).await?);
    println!("{:<44} {:>9.1} ms", "open the store", started.elapsed().as_secs_f64() * 1e3);
    let largest = largest(&events).ok_or("the file has no events")?;
    Ok(Loaded { store, largest, events, _directory: directory })
}

async fn open(directory: &std::path::Path) -> Result<Store, Box<dyn Error>> {
    let identity =
        LogIdentity { topic: "bench".into(), partitions: 1, cluster_id: None, topic_id: None };
    let now = || annals_schemas::Instant::MIN;
    let options = StoreOptions::new(|| Uuid::new_v4().into_bytes(), Arc::new(now));
    Ok(Store::open(Storage::local(directory)?, identity, options).await?)
}

fn record(offset: u64, event: &Event) -> Record {
    let new = new_record(event, None);
    Record {
        position: Position { partition: 0, offset },
        timestamp_ms: 1_800_000_000_000 + i64::try_from(offset).unwrap_or(0),
        timestamp_type: TimestampType::LogAppendTime,
        key: new.key,
        value: new.value,
        headers: new.headers.into(),
    }
}

fn largest(events: &[Event]) -> Option<WorkspaceId> {
    let mut counts: HashMap<&WorkspaceId, usize> = HashMap::new();
    for event in events {
        *counts.entry(&event.workspace_id).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(workspace, _)| workspace.clone())
}

fn size_of(directory: &std::path::Path) -> std::io::Result<u64> {
    let mut total = 0;
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        total += if meta.is_dir() { size_of(&entry.path())? } else { meta.len() };
    }
    Ok(total)
}

#[expect(clippy::print_stdout, reason = "figures are the output")]
#[expect(clippy::cast_precision_loss, reason = "rates for people")]
fn rate(what: &str, events: usize, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    let each = seconds * 1e6 / events as f64;
    println!("{what:<44} {:>9.0} events/s ({each:.2} µs each)", events as f64 / seconds);
}
