//! Prints what the embedded log does on this disk: appends, opening, reading.
//! `cargo run --release -p annals-broker --example local_append -- [DIRECTORY [RECORDS]]`.

#![allow(clippy::print_stdout, clippy::cast_precision_loss)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use annals_broker::local::{Fsync, LocalLog, LocalOptions};
use annals_broker::{BrokerError, Clock, Log};
use annals_schemas::{NewRecord, Position};

#[tokio::main]
async fn main() -> Result<(), BrokerError> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().unwrap_or_else(|| "local-append".to_owned());
    let count = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    for (name, fsync) in [
        ("always", Fsync::Always),
        ("interval 100 ms", Fsync::Interval(Duration::from_millis(100))),
    ] {
        let own = Path::new(&directory).join(name.replace(' ', "-"));
        println!("fsync {name}");
        measure(&own, fsync, count).await?;
    }
    Ok(())
}

fn clock() -> Clock {
    let start = Instant::now();
    Arc::new(move || i64::try_from(start.elapsed().as_millis()).unwrap_or(i64::MAX))
}

fn record() -> NewRecord {
    NewRecord { key: Some("acme".into()), value: Some(vec![7; 300].into()), headers: Vec::new() }
}

async fn measure(directory: &Path, fsync: Fsync, count: usize) -> Result<(), BrokerError> {
    let options = LocalOptions { fsync, ..Default::default() };
    let log = Arc::new(LocalLog::open(directory, options.clone(), clock())?);

    let started = Instant::now();
    let writers: Vec<_> =
        (0..8).map(|_| tokio::spawn(write(Arc::clone(&log), count / 8))).collect();
    for writer in writers {
        writer.await.unwrap_or(Err(BrokerError::Closed))?;
    }
    rate("  8 writers, batches of 500", count, started);

    let started = Instant::now();
    let producer = log.producer();
    let mut slowest = Duration::ZERO;
    for _ in 0..1_000 {
        let one = Instant::now();
        producer.append(record()).await?;
        slowest = slowest.max(one.elapsed());
    }
    rate("  1 writer, one at a time", 1_000, started);
    println!("    the slowest took {slowest:?}");

    drop(producer);
    let log = Arc::into_inner(log).ok_or(BrokerError::Closed)?;
    drop(log);
    let started = Instant::now();
    let log = LocalLog::open(directory, options, clock())?;
    println!("  opened in {:?}", started.elapsed());

    let started = Instant::now();
    let end = log.high_watermark(0).await?;
    let mut consumer = log.consumer()?;
    consumer.assign(&[Position { partition: 0, offset: 0 }])?;
    let mut read = 0;
    while consumer.position(0) != Some(end) {
        read += consumer.poll(10_000, Duration::from_secs(1)).await?.len();
    }
    rate("  read back", read, started);
    Ok(())
}

async fn write(log: Arc<LocalLog>, count: usize) -> Result<(), BrokerError> {
    let producer = log.producer();
    for _ in 0..count / 500 {
        for outcome in producer.append_all(vec![record(); 500]).await {
            outcome?;
        }
    }
    Ok(())
}

fn rate(what: &str, count: usize, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    println!("{what}: {count} records in {seconds:.2} s, {:.0} a second", count as f64 / seconds);
}
