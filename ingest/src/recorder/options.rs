//! Bounds of a recorder.

use std::time::Duration;

use annals_schemas::Limits;

/// Settings of [`super::Recorder::start`].
#[derive(Debug, Clone)]
pub struct RecorderOptions {
    /// Events that may wait.
    pub queue_events: usize,
    /// Bytes of events that may wait or be on their way.
    pub queue_bytes: usize,
    /// Events appended at once.
    pub batch_events: usize,
    /// First pause after the log was out of reach; doubles up to `max_pause`.
    pub first_pause: Duration,
    /// Longest pause.
    pub max_pause: Duration,
    /// How long dropping the recorder waits for what is queued.
    pub drop_deadline: Duration,
    /// An event over these limits is lost: the log's readers would refuse it.
    pub limits: Limits,
}

impl Default for RecorderOptions {
    fn default() -> Self {
        Self {
            queue_events: 10_000,
            queue_bytes: 16 << 20,
            batch_events: 500,
            first_pause: Duration::from_millis(50),
            max_pause: Duration::from_secs(5),
            drop_deadline: Duration::from_secs(5),
            limits: Limits::GATEWAY,
        }
    }
}
