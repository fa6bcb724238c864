//! Bounds of a recorder.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use annals_schemas::{Labels, Limits};

use super::Overflow;

/// Settings of [`super::Recorder::start`].
#[derive(Debug, Clone)]
pub struct RecorderOptions {
    /// Events that may wait.
    pub queue_events: usize,
    /// Bytes of events that may wait or be on their way.
    pub queue_bytes: usize,
    /// Events appended at once.
    pub batch_events: usize,
    /// Where events go that the log does not take. `None`: they wait in the queue.
    pub spool: Option<SpoolOptions>,
    /// What happens to an event that finds the queue full.
    pub overflow: Overflow,
    /// The same for actions: a key, or a beginning with `*` behind it. The first that fits counts.
    pub overflow_by_action: Vec<(String, Overflow)>,
    /// How long `emit` waits under [`Overflow::Block`].
    pub block_deadline: Duration,
    /// `emit_durable` answers within this.
    pub durable_deadline: Duration,
    /// Losses are told at most this often.
    pub tell_every: Duration,
    /// First pause after the log was out of reach; doubles up to `max_pause`.
    pub first_pause: Duration,
    /// Longest pause.
    pub max_pause: Duration,
    /// How long dropping the recorder waits for what is not safe yet.
    pub drop_deadline: Duration,
    /// An event over these limits is lost: the log's readers would refuse it.
    pub limits: Limits,
    /// The product's `actions.json`: values of fields that it calls secret never leave this
    /// process.
    pub actions: Option<Arc<Labels>>,
}

/// The directory for what the log does not take in time. One recorder, one directory.
#[derive(Debug, Clone)]
pub struct SpoolOptions {
    /// Made if it is not there.
    pub directory: PathBuf,
    /// Bytes of its files. At least 64 KiB.
    pub max_bytes: u64,
    /// A batch that the log has not acknowledged after this goes to the spool.
    pub after: Duration,
}

impl SpoolOptions {
    /// 256 MiB in this directory, after 100 milliseconds.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            max_bytes: 256 << 20,
            after: Duration::from_millis(100),
        }
    }
}

impl Default for RecorderOptions {
    fn default() -> Self {
        Self {
            queue_events: 10_000,
            queue_bytes: 16 << 20,
            batch_events: 500,
            spool: None,
            overflow: Overflow::Spool,
            overflow_by_action: Vec::new(),
            block_deadline: Duration::from_secs(1),
            durable_deadline: Duration::from_secs(10),
            tell_every: Duration::from_secs(1),
            first_pause: Duration::from_millis(50),
            max_pause: Duration::from_secs(5),
            drop_deadline: Duration::from_secs(5),
            limits: Limits::GATEWAY,
            actions: None,
        }
    }
}
