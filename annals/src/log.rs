//! Opening the log that a command works on.

use std::sync::Arc;

use annals_broker::kafka::{KafkaLog, KafkaOptions};
use annals_broker::local::LocalLog;
use annals_broker::{BrokerError, Clock, Log};
use annals_service::clock::SharedClock;
use annals_service::with_causes;

use crate::config::Config;
use crate::data_directory::DataDirectory;
use crate::exit::Failure;

/// Milliseconds of the shared clock.
pub(crate) fn milliseconds(clock: &SharedClock) -> Clock {
    let clock = clock.clone();
    Arc::new(move || clock.unix_micros().div_euclid(1000))
}

/// The embedded log of a data directory.
pub(crate) fn open_local(
    data: &DataDirectory,
    config: &Config,
    clock: &SharedClock,
) -> Result<Arc<dyn Log>, Failure> {
    let log = LocalLog::open(&data.log(), config.local_log()?, milliseconds(clock));
    Ok(Arc::new(log.map_err(|error| broker_failure(&error))?))
}

/// The Kafka topic; missing or unfit: exit 3, naming `annals topic create`.
pub(crate) async fn open_kafka(config: &Config, brokers: &str) -> Result<Arc<dyn Log>, Failure> {
    connect(config.kafka(brokers)).await
}

/// Any Kafka topic.
pub(crate) async fn connect(options: KafkaOptions) -> Result<Arc<dyn Log>, Failure> {
    let log = KafkaLog::connect(options).await;
    Ok(Arc::new(log.map_err(|error| broker_failure(&error))?))
}

/// What a broker's failure means to a command.
pub(crate) fn broker_failure(error: &BrokerError) -> Failure {
    match error {
        BrokerError::Locked { .. } | BrokerError::Configuration { .. } => {
            Failure::usage(with_causes(error))
        }
        _ => Failure::unreachable(with_causes(error)),
    }
}

/// What it means to a command that checks: damage is an answer, and names its place.
pub(crate) fn reading_failure(error: &BrokerError) -> Failure {
    match error {
        BrokerError::Corrupt { .. } => Failure::no(with_causes(error)),
        // Records that expired while they were read: another try sees the log as it is then.
        BrokerError::OffsetOutOfRange { .. } => {
            Failure::unreachable(format!("{}; try again", with_causes(error)))
        }
        _ => broker_failure(error),
    }
}
