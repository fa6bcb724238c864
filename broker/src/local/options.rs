//! What an embedded log can be told at opening.

use std::time::Duration;

/// Settings of [`super::LocalLog::open`].
#[derive(Debug, Clone)]
pub struct LocalOptions {
    /// Name the log goes by in messages and in `log.json`.
    pub topic: String,
    /// Number of partitions; fixed by the first opening.
    pub partitions: u32,
    /// What an acknowledgement promises.
    pub fsync: Fsync,
    /// A file takes no further batch once it has reached this size. At most 1 GiB.
    pub segment_bytes: u64,
    /// What may be deleted; `None` keeps everything.
    pub retention: Option<Retention>,
    /// Largest record: key, value and headers, and four bytes for the length of each of these
    /// parts. Larger ones are refused with `TooLarge`.
    pub max_record_bytes: usize,
    /// Bytes of records waiting for the writer; more appends wait for room.
    pub max_waiting_bytes: usize,
    /// How long after a failure that closed a partition, or after a failed try to open it again,
    /// the next try comes. Appends to it are refused with `Unavailable` until one succeeds.
    pub reopen_every: Duration,
}

/// When appended bytes reach the disk, and so what an acknowledgement survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fsync {
    /// Acknowledged after fsync: survives a crash of the process and a power cut.
    Always,
    /// Acknowledged after the write, with an fsync at least this often: survives a crash of the
    /// process; a power cut may take what was acknowledged within this time. Readers still see
    /// only what has been fsynced, so nothing derived can be ahead of the log.
    Interval(Duration),
}

/// Which old files of a partition may go. Whole files only, the oldest first, never the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// A file goes once its newest record is older than this.
    pub max_age: Option<Duration>,
    /// The oldest file goes while the files after it hold at least so many bytes.
    pub max_bytes: Option<u64>,
}

impl Default for LocalOptions {
    fn default() -> Self {
        Self {
            topic: "annals.events.v1".to_owned(),
            partitions: 1,
            fsync: Fsync::Always,
            segment_bytes: 64 << 20,
            retention: None,
            max_record_bytes: 1 << 20,
            max_waiting_bytes: 32 << 20,
            reopen_every: Duration::from_secs(1),
        }
    }
}

impl LocalOptions {
    /// Largest `segment_bytes`, which bounds the scan of the last file at opening.
    pub const MAX_SEGMENT_BYTES: u64 = 1 << 30;
    /// Largest `max_record_bytes`.
    pub const MAX_RECORD_BYTES: usize = 16 << 20;

    /// Names the setting that is out of bounds.
    pub(super) fn check(&self) -> Result<(), crate::BrokerError> {
        let refuse = |setting: &str, detail: String| {
            Err(crate::BrokerError::Configuration { setting: setting.to_owned(), detail })
        };
        if self.partitions == 0 || self.partitions > 1_024 {
            return refuse("partitions", format!("{} is not in 1 to 1024", self.partitions));
        }
        if self.segment_bytes == 0 || self.segment_bytes > Self::MAX_SEGMENT_BYTES {
            let max = Self::MAX_SEGMENT_BYTES;
            return refuse("segment_bytes", format!("{} is not in 1 to {max}", self.segment_bytes));
        }
        if self.max_record_bytes == 0 || self.max_record_bytes > Self::MAX_RECORD_BYTES {
            let detail =
                format!("{} is not in 1 to {}", self.max_record_bytes, Self::MAX_RECORD_BYTES);
            return refuse("max_record_bytes", detail);
        }
        if self.max_waiting_bytes < self.max_record_bytes {
            return refuse("max_waiting_bytes", "it is under max_record_bytes".to_owned());
        }
        if self.reopen_every.is_zero() {
            return refuse("reopen_every", "it is zero".to_owned());
        }
        Ok(())
    }
}
