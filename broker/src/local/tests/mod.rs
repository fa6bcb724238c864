//! Situations of the embedded log, one file each.

mod ahead;
mod conformant;
mod faults;
mod follow;
mod kill;
mod opening;
mod power;
mod reopening;
mod retention;
mod tail;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use annals_schemas::{Position, Record};

use super::*;
use crate::Appended;
use crate::conformance::{self, record};

/// Tiny files: they roll every few records.
const TINY: u64 = 300;

/// A log on this directory with a clock that stands still.
fn open(directory: &Path, options: LocalOptions) -> LocalLog {
    open_on(directory, options, Arc::new(SystemFiles))
}

/// The same by other means to write files.
#[expect(clippy::needless_pass_by_value, reason = "as the log itself takes them")]
fn open_on(directory: &Path, options: LocalOptions, files: Arc<dyn Files>) -> LocalLog {
    // A test beside this one starts a process: until that has become another program it holds
    // every lock that was held at its birth.
    for _ in 0..1_000 {
        let clock: Clock = Arc::new(|| 1_000);
        match LocalLog::open_with(directory, options.clone(), clock, files.clone()) {
            Err(BrokerError::Locked { .. }) => std::thread::sleep(Duration::from_millis(5)),
            opened => return opened.unwrap(),
        }
    }
    panic!("{} stays locked", directory.display())
}

fn try_open(directory: &Path, options: LocalOptions) -> Result<LocalLog, BrokerError> {
    LocalLog::open(directory, options, Arc::new(|| 1_000))
}

fn tiny() -> LocalOptions {
    LocalOptions { segment_bytes: TINY, ..Default::default() }
}

/// Appends values one by one; all must be acknowledged.
async fn append(log: &LocalLog, values: impl IntoIterator<Item = String>) -> Vec<Appended> {
    let mut appended = Vec::new();
    for value in values {
        appended.push(log.producer().append(record("acme", &value)).await.unwrap());
    }
    appended
}

fn numbered(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|number| format!("value {number}")).collect()
}

/// Everything readable from an offset on.
async fn read_from(log: &LocalLog, offset: Offset) -> Result<Vec<Record>, BrokerError> {
    let mut consumer = log.consumer()?;
    consumer.assign(&[Position { partition: 0, offset }])?;
    let end = log.high_watermark(0).await?;
    let mut records = Vec::new();
    while consumer.position(0).is_some_and(|position| position < end) {
        records.extend(consumer.poll(100, Duration::from_secs(10)).await?);
    }
    Ok(records)
}

async fn values(log: &LocalLog) -> Vec<String> {
    let start = log.log_start(0).await.unwrap();
    let records = read_from(log, start).await.unwrap();
    let text = |record: Record| String::from_utf8(record.value.unwrap().to_vec()).unwrap();
    records.into_iter().map(text).collect()
}

/// The files of partition 0, in order.
fn log_files(directory: &Path) -> Vec<PathBuf> {
    let own = partition_directory(directory, 0);
    segment::file_bases(&own).unwrap().into_iter().map(|b| segment::file_path(&own, b)).collect()
}

/// Makes the published end forget everything, as if no commit had reached it.
fn unpublish(directory: &Path) {
    std::fs::remove_file(published::path(&partition_directory(directory, 0))).unwrap();
}

/// The clock of the machine, started at zero.
fn running_clock() -> Clock {
    let start = std::time::Instant::now();
    Arc::new(move || i64::try_from(start.elapsed().as_millis()).unwrap())
}
