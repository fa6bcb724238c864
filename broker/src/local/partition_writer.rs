//! The writing end of a partition over its whole life: open, or closed by a failure until it is
//! opened again.
//!
//! After a failed fsync nobody knows what is on disk, and another fsync of the same handle may
//! succeed without writing anything. So the appender is dropped with all its state, and the
//! partition is opened from disk by the code that opens it at start: what it keeps it writes and
//! syncs again through a new handle. Readers keep what they have; their end never goes back.
//! Deliberately not here: other partitions, which go on.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use annals_schemas::{NewRecord, Partition};

use super::LocalOptions;
use super::appender::{Appender, WriteFailure};
use super::files::Files;
use super::partition::Shared;
use crate::{Appended, BrokerError, metrics};

/// The only writer of one partition.
pub(super) struct PartitionWriter {
    shared: Arc<Shared>,
    files: Arc<dyn Files>,
    reopen_every: Duration,
    state: State,
}

enum State {
    Open(Box<Appender>),
    Closed(Closed),
}

/// What is left after a failure.
struct Closed {
    /// Retryable: the partition is opened again.
    answer: BrokerError,
    next_try: Instant,
}

impl PartitionWriter {
    /// Opens or makes the partition in its directory.
    pub fn open(
        number: Partition,
        directory: PathBuf,
        files: Arc<dyn Files>,
        reopen_every: Duration,
    ) -> Result<Self, BrokerError> {
        let appender = Appender::open(number, directory, Arc::clone(&files))?;
        let shared = Arc::clone(appender.shared());
        Ok(Self { shared, files, reopen_every, state: State::Open(Box::new(appender)) })
    }

    /// The readers' side; the same for life.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Whether something acknowledged is not synced yet.
    pub fn is_dirty(&self) -> bool {
        matches!(&self.state, State::Open(appender) if appender.is_dirty())
    }

    /// Bytes placed but not written.
    pub fn pending_bytes(&self) -> usize {
        match &self.state {
            State::Open(appender) => appender.pending_bytes(),
            State::Closed(_) => 0,
        }
    }

    /// Gives the record its offset and time, pending until `write`.
    pub fn place(&mut self, record: &NewRecord, now_ms: i64) -> Result<Appended, BrokerError> {
        match &mut self.state {
            State::Open(appender) => Ok(appender.place(record, now_ms)),
            State::Closed(closed) => Err(closed.answer.clone()),
        }
    }

    /// Writes what is pending; an error concerns every record placed since the last write.
    pub fn write(&mut self, options: &LocalOptions) -> Result<(), BrokerError> {
        match &mut self.state {
            State::Open(appender) => match appender.write(options) {
                Ok(()) => Ok(()),
                Err(WriteFailure::NoSpace(error)) => Err(error),
                Err(WriteFailure::Fatal(error)) => Err(self.close(&error)),
            },
            // Nothing was placed.
            State::Closed(_) => Ok(()),
        }
    }

    /// Syncs what is written. While closed this is an error: what was acknowledged before may not
    /// be readable yet.
    pub fn sync(&mut self) -> Result<(), BrokerError> {
        match &mut self.state {
            State::Open(appender) => match appender.sync() {
                Ok(()) => Ok(()),
                Err(error) => Err(self.close(&error)),
            },
            State::Closed(closed) => Err(closed.answer.clone()),
        }
    }

    /// When to try opening again; `None` while open.
    pub fn next_try(&self) -> Option<Instant> {
        match &self.state {
            State::Open(_) => None,
            State::Closed(closed) => Some(closed.next_try),
        }
    }

    /// Opens the partition again if it is time; answers whether it did.
    ///
    /// If we stop here, or it fails half way, the next opening finds what this one found: nothing
    /// that was not promised before counts until it has been synced through a new handle.
    pub fn reopen_if_due(&mut self) -> bool {
        if self.next_try().is_none_or(|next_try| next_try > Instant::now()) {
            return false;
        }
        let directory = self.shared.directory.display();
        match Appender::reopen(&self.shared, Arc::clone(&self.files)) {
            Ok(appender) => {
                let high_watermark = self.shared.ends().1;
                tracing::warn!(%directory, high_watermark, "the partition is open again");
                metrics::local_reopened();
                self.state = State::Open(Box::new(appender));
                true
            }
            Err(error) => {
                tracing::warn!(%directory, %error, "the partition could not be opened again");
                self.closed_by(&error);
                false
            }
        }
    }

    /// Drops the appender and everything it believed.
    fn close(&mut self, error: &BrokerError) -> BrokerError {
        let directory = self.shared.directory.display();
        tracing::error!(%directory, %error, "the partition cannot be written until it is reopened");
        metrics::local_closed();
        self.closed_by(error)
    }

    fn closed_by(&mut self, error: &BrokerError) -> BrokerError {
        let answer = BrokerError::Unavailable { detail: error.to_string() };
        let next_try = Instant::now() + self.reopen_every;
        self.state = State::Closed(Closed { answer: answer.clone(), next_try });
        answer
    }
}
