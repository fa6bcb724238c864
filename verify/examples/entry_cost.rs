//! What the tree costs the fold: digests, entry, leaf and a place in the tree, for each record.
//! As in the fold, records come in chunks, and key and headers are those of the record before.
//!
//! `cargo run --release -p annals-verify --example entry_cost`
#![allow(clippy::print_stdout, reason = "figures are the example's output")]

use std::hint::black_box;
use std::time::Instant;

use annals_schemas::{Header, LogId, Position, Record, TimestampType};
use annals_verify::{Entry, RecordDigests, RecordFacts, Tree, digests_or_zero};

const RECORDS: u64 = 1_000_000;
/// As many as are folded under one lock.
const CHUNK: u64 = 64;
/// The least of so many runs: what the machine does beside it is not the tree's.
const RUNS: u32 = 7;

fn main() {
    for bytes in [150, 300, 500, 1000, 1500, 2000] {
        let micros = (0..RUNS).map(|_| micros_a_record(bytes)).fold(f64::INFINITY, f64::min);
        println!("value of {bytes} bytes: {micros:.2} µs a record");
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn micros_a_record(bytes: usize) -> f64 {
    let mut record = Record {
        position: Position { partition: 0, offset: 0 },
        timestamp_ms: 1_792_888_200_123,
        timestamp_type: TimestampType::LogAppendTime,
        key: Some("01890a5d-ac96-774b-bcce-b302099a8057".into()),
        value: Some(vec![b'x'; bytes].into()),
        headers: [
            Header::new("content-type", "application/avro"),
            Header::new("annals-schema", "1"),
        ]
        .into(),
    };
    let known = RecordDigests::of(&record);
    let mut tree = Tree::default();
    let started = Instant::now();
    for first in (0..RECORDS).step_by(usize::try_from(CHUNK).expect("it is small")) {
        let values = (0..CHUNK).map(|_| black_box(record.value.as_deref()));
        let mut entries = Vec::new();
        for (offset, value) in (first..).zip(digests_or_zero(values)) {
            record.position.offset = offset;
            let previous = offset.checked_sub(1);
            let digests = RecordDigests { value, ..known };
            let facts = RecordFacts::of(&record);
            let offsets = (previous, previous);
            entries.push(Entry::with_digests(&facts, &digests, &LogId([7; 16]), offsets));
        }
        tree.extend(&Entry::leaves(entries.iter()));
    }
    let elapsed = started.elapsed();
    black_box(tree.head());
    elapsed.as_secs_f64() * 1e6 / RECORDS as f64
}
