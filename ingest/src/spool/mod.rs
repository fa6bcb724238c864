//! What the log does not take for now, on disk, in order: an embedded log of one partition, and how
//! far the log in front has acknowledged it (docs/SDK.md).
//!
//! Guarantees: what `append` answers `Ok` for survives a crash and a power cut; it is given again
//! until it has been acknowledged. Deliberately not here: sending it.

mod cursor;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use annals_broker::local::{LocalLog, LocalOptions};
use annals_broker::{BrokerError, Consumer, Log as _, Producer};
use annals_schemas::{Header, NewRecord, Offset, Position, Record};

use self::cursor::Cursor;
use crate::SpoolOptions;

/// The largest file.
const FILE_BYTES: u64 = 16 << 20;
/// The least room; a file is a quarter of it at most.
const MIN_BYTES: u64 = 64 << 10;
/// Files that nobody needs any more may take this much; more is removed.
const SPENT_BYTES: u64 = 64 << 10;
/// Damaged spools that are set aside in one place.
const DAMAGED_MAX: u32 = 1_000;
/// The only partition.
const PARTITION: u32 = 0;

/// The spool of one recorder.
pub(crate) struct Spool {
    log: LocalLog,
    producer: Arc<dyn Producer>,
    consumer: Box<dyn Consumer>,
    cursor: Cursor,
    /// Before this everything has been acknowledged.
    acknowledged: Offset,
    /// After the last record.
    end: Offset,
    max_bytes: u64,
}

impl Spool {
    /// Opens the spool or makes it. A damaged one is set aside, and a new one made; so is one that
    /// says of itself what no recorder writes (other partitions, another format), as a flipped bit
    /// makes of it: a host starts whatever it finds.
    ///
    /// # Errors
    /// `Locked` while another process holds it, `Io` if the directory cannot be used.
    pub async fn open(options: &SpoolOptions) -> Result<Self, BrokerError> {
        // What a renewal left that was stopped half way.
        let _ = std::fs::remove_dir_all(spent_directory(options));
        match Self::try_open(options).await {
            Err(error @ (BrokerError::Corrupt { .. } | BrokerError::Configuration { .. })) => {
                set_aside(options, &error)?;
                Self::try_open(options).await
            }
            opened => opened,
        }
    }

    /// Sets a spool aside that cannot be read any further, and begins a new one.
    pub async fn begin_anew(
        self,
        options: &SpoolOptions,
        error: &BrokerError,
    ) -> Result<Self, BrokerError> {
        // Its lock goes with it.
        drop(self);
        set_aside(options, error)?;
        Self::try_open(options).await
    }

    /// Whether everything has been acknowledged, and its last file, which stays, is worth removing:
    /// on a disk that is full nothing else would make room.
    pub fn is_spent(&self) -> bool {
        self.is_empty() && self.log.stored_bytes(PARTITION).is_ok_and(|held| held > SPENT_BYTES)
    }

    /// Begins anew without the files that nobody needs any more.
    pub async fn renew(self, options: &SpoolOptions) -> Result<Self, BrokerError> {
        drop(self);
        let (directory, spent) = (log_directory(options), spent_directory(options));
        let failed = |source: std::io::Error| BrokerError::Io {
            operation: format!("renewing {}", directory.display()),
            detail: source.to_string(),
        };
        // If we stop here, the next start finds everything acknowledged.
        std::fs::rename(&directory, &spent).map_err(failed)?;
        // If we stop here or in the middle of it, the next start makes a new one and removes this.
        std::fs::remove_dir_all(&spent).map_err(failed)?;
        Self::try_open(options).await
    }

    async fn try_open(options: &SpoolOptions) -> Result<Self, BrokerError> {
        let max_bytes = options.max_bytes.max(MIN_BYTES);
        let local = LocalOptions {
            topic: "annals.spool".to_owned(),
            segment_bytes: FILE_BYTES.min(max_bytes / 4),
            ..LocalOptions::default()
        };
        // The log in front gives the records their time.
        let directory = log_directory(options);
        let log = LocalLog::open(&directory, local, Arc::new(|| 0))?;
        let cursor = Cursor::of(&directory);
        let (start, end) = (log.log_start(PARTITION).await?, log.high_watermark(PARTITION).await?);
        let acknowledged = cursor.read().clamp(start, end);
        let mut consumer = log.consumer()?;
        consumer.assign(&[Position { partition: PARTITION, offset: acknowledged }])?;
        let producer = log.producer();
        Ok(Self { log, producer, consumer, cursor, acknowledged, end, max_bytes })
    }

    /// Whether everything has been acknowledged.
    pub fn is_empty(&self) -> bool {
        self.acknowledged == self.end
    }

    /// How many records have not been acknowledged.
    pub fn len(&self) -> u64 {
        self.end - self.acknowledged
    }

    /// Appends records: one outcome each, in order. Retryable while there is no room.
    pub async fn append(&mut self, records: Vec<NewRecord>) -> Vec<Result<(), BrokerError>> {
        let added: u64 = records.iter().map(size_bytes).sum();
        let held = self.log.stored_bytes(PARTITION).unwrap_or(u64::MAX);
        if held.saturating_add(added) > self.max_bytes {
            let detail = format!("the spool holds {held} bytes of {}", self.max_bytes);
            return vec![Err(BrokerError::Unavailable { detail }); records.len()];
        }
        let outcomes = self.producer.append_all(records).await;
        let ends = outcomes.iter().flatten().map(|appended| appended.position.offset + 1);
        self.end = ends.fold(self.end, Offset::max);
        outcomes.into_iter().map(|outcome| outcome.map(|_| ())).collect()
    }

    /// The next records that were not given yet, at most so many; none if there are none.
    pub async fn next(&mut self, max_records: usize) -> Result<Vec<Record>, BrokerError> {
        self.consumer.poll(max_records, Duration::ZERO).await
    }

    /// Everything before this offset has reached the log in front. If we stop before it is
    /// written down, some of it goes there again.
    pub fn acknowledge(&mut self, before: Offset) {
        self.acknowledged = before;
        // What a failed append left behind after all has been given too.
        self.end = self.end.max(before);
        if let Err(error) = self.cursor.write(before) {
            tracing::warn!(%error, "the spool cannot note what has been delivered");
        }
        // Also then: on a full disk it is what makes room. A start goes on from the oldest file.
        self.log.release(PARTITION, before);
    }
}

/// Within the spool's directory, which may be a mount point and cannot be moved.
fn log_directory(options: &SpoolOptions) -> PathBuf {
    options.directory.join("events")
}

/// Where a log goes that nobody needs any more, to be removed.
fn spent_directory(options: &SpoolOptions) -> PathBuf {
    options.directory.join("spent")
}

/// Bytes that a record takes in the spool, about.
fn size_bytes(record: &NewRecord) -> u64 {
    const FRAME: usize = 64;
    let length = |field: Option<&[u8]>| field.map_or(0, <[u8]>::len);
    let header = |header: &Header| 8 + header.name.len() + length(header.value.as_deref());
    let headers: usize = record.headers.iter().map(header).sum();
    (FRAME + length(record.key.as_deref()) + length(record.value.as_deref()) + headers) as u64
}

/// Moves a spool that cannot be read out of the way, for a person to look at.
fn set_aside(options: &SpoolOptions, error: &BrokerError) -> Result<PathBuf, BrokerError> {
    let directory = log_directory(options);
    let beside = |number| options.directory.join(format!("damaged-{number}"));
    let free = (1..=DAMAGED_MAX).map(beside).find(|path| !path.exists());
    let to = free.unwrap_or_else(|| beside(DAMAGED_MAX));
    let failed = |source: std::io::Error| BrokerError::Io {
        operation: format!("moving {} to {}", directory.display(), to.display()),
        detail: source.to_string(),
    };
    std::fs::rename(&directory, &to).map_err(failed)?;
    tracing::error!(%error, kept = %to.display(), "the spool cannot be read: a new one is begun");
    Ok(to)
}

#[cfg(test)]
mod tests;
