//! The states of a log in front, and a recorder before each.

use std::error::Error;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use annals_ingest::{DeferredProducer, KafkaOptions, Recorder, RecorderOptions, SpoolOptions};
use clap::ValueEnum;

use super::Options;

/// More than the calls take.
const SPOOL_BYTES: u64 = 1 << 40;

/// What the log in front does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum State {
    /// It takes events.
    Up,
    /// Nobody listens.
    Refused,
    /// The kernel accepts connections, and nobody reads from them.
    Silent,
    /// No packet comes back.
    BlackHole,
    /// Nobody listens, and the spool's disk is full.
    FullDisk,
}

impl State {
    /// As on the command line.
    pub fn argument(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// As in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "Kafka up",
            Self::Refused => "Kafka, refused",
            Self::Silent => "Kafka, accepting but silent",
            Self::BlackHole => "Kafka, packets dropped",
            Self::FullDisk => "Kafka, refused, and the disk full",
        }
    }

    pub fn has_what_it_needs(self, options: &Options) -> bool {
        match self {
            Self::Up => options.kafka.is_some(),
            Self::Refused | Self::Silent => true,
            Self::BlackHole => options.black_hole.is_some(),
            Self::FullDisk => options.small_disk.is_some(),
        }
    }

    /// How long a run's events may take to be safe, where they ever are.
    pub fn patience(self) -> Duration {
        Duration::from_millis(if self == Self::FullDisk { 1 } else { 20_000 })
    }

    /// A recorder before such a log, and what has to live as long.
    pub fn recorder(
        self,
        options: &Options,
        directory: &Path,
    ) -> Result<(Recorder, TcpListener), Box<dyn Error>> {
        // Connections to the one are accepted by the kernel and left alone; to the other, whose
        // port is free again, they are refused.
        let silent = TcpListener::bind("127.0.0.1:0")?;
        let refusing = || TcpListener::bind("127.0.0.1:0")?.local_addr();
        let broker = match self {
            Self::Up => options.kafka.clone().ok_or("--kafka is missing")?,
            Self::BlackHole => options.black_hole.clone().ok_or("--black-hole is missing")?,
            Self::Silent => silent.local_addr()?.to_string(),
            Self::Refused | Self::FullDisk => refusing()?.to_string(),
        };
        let spool = match self {
            Self::FullDisk => options.small_disk.as_deref().ok_or("--small-disk is missing")?,
            _ => directory,
        };
        let kafka = KafkaOptions::new(broker, &options.topic);
        let producer = Arc::new(DeferredProducer::new(kafka)?);
        let spool =
            SpoolOptions { max_bytes: SPOOL_BYTES, ..SpoolOptions::new(spool.join("spool")) };
        let drop_deadline = Duration::ZERO;
        let options =
            RecorderOptions { spool: Some(spool), drop_deadline, ..RecorderOptions::default() };
        Ok((Recorder::start(producer, options)?, silent))
    }
}
