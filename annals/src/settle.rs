//! Everything that the log has, sealed and signed: for commands that show only what is signed.
//!
//! Where an `up` runs that is its work, and it is waited for; where none does, it is done here, by
//! the same projector.

use std::sync::Arc;
use std::time::Duration;

use annals_projector::{PartitionStatus, Projector, ProjectorOptions};
use annals_schemas::Instant;
use annals_service::clock::SystemClock;
use annals_store::{PartitionStore, Store};

use crate::config::Config;
use crate::data_directory::DataDirectory;
use crate::exit::Failure;
use crate::log::broker_failure;
use crate::sealed_places::{damage, open_live};
use crate::signing_keys::SigningKeys;
use crate::topic::Topic;
use crate::up::{open_log, open_store, sign};

/// So old may a tail become before it is sealed.
const SEAL_INTERVAL: Duration = Duration::from_secs(1);
/// How often it is looked whether everything is sealed, or signed.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);
/// How long an `up` that runs may take to sign what it has sealed.
const SIGNING_PATIENCE: Duration = Duration::from_secs(10);

/// Seals and signs what the embedded log has, or waits until the `up` that runs has signed.
pub(crate) async fn settle(config: &Config, data: &DataDirectory) -> Result<(), Failure> {
    if data.running().is_some() {
        return wait_for_signature(config, data).await;
    }
    let is_embedded = config.kafka.brokers.is_none() && data.log().is_dir();
    if !is_embedded {
        say("no `annals up` runs here: what the topic has beyond the newest manifest is left out");
        return Ok(());
    }
    let _occupied = data.occupy()?;
    let clock = SystemClock::shared();
    let log = open_log(config, data, &clock).await?;
    let store = open_store(config, data, &*log, &clock).await?;
    let keys = SigningKeys::new(&data.secrets());
    keys.ensure()?;
    let options =
        ProjectorOptions { seal_interval: SEAL_INTERVAL, ..config.storage.projector(data.names()) };
    let now = move || Instant::from_micros(clock.unix_micros()).unwrap_or(Instant::MIN);
    let projector = Projector::new(log.clone(), store.clone(), options, Arc::new(now));
    let status = projector.status();
    let mut outcome = Ok(());
    let sealed = async {
        outcome = loop {
            let halted = status.all().into_iter().find_map(|(partition, status)| match status {
                PartitionStatus::Halted { reason } => Some((partition, reason)),
                _ => None,
            });
            if let Some((partition, reason)) = halted {
                break Err(Failure::no(format!("partition {partition}: {reason}")));
            }
            match is_sealed(&*log, &store).await {
                Ok(false) => tokio::time::sleep(LOOK_INTERVAL).await,
                Ok(true) => break Ok(()),
                Err(failure) => break Err(failure),
            }
        };
    };
    projector.run(sealed).await;
    outcome?;
    for partition in store.partitions() {
        sign(&partition, None, &keys).await.map_err(Failure::no)?;
    }
    Ok(())
}

async fn is_sealed(log: &dyn annals_broker::Log, store: &Store) -> Result<bool, Failure> {
    for partition in store.partitions() {
        let end = log.high_watermark(partition.number()).await.map_err(|e| broker_failure(&e))?;
        let start = log.log_start(partition.number()).await.map_err(|e| broker_failure(&e))?;
        if start < end && partition.accounting().committed < end {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Waits for the signature of what is sealed, and says what is not sealed yet.
async fn wait_for_signature(config: &Config, data: &DataDirectory) -> Result<(), Failure> {
    let deadline = std::time::Instant::now() + SIGNING_PATIENCE;
    loop {
        let Some(store) = open_live(config, data).await? else { return Ok(()) };
        let mut waits = false;
        for partition in store.partitions() {
            waits |= !is_signed(&partition).await?;
        }
        if !waits || std::time::Instant::now() >= deadline {
            return say_what_is_left_out(config, data, &store).await;
        }
        tokio::time::sleep(LOOK_INTERVAL).await;
    }
}

async fn is_signed(partition: &PartitionStore) -> Result<bool, Failure> {
    let committed = partition.newest_committed().await.map_err(|error| damage(&error))?;
    let Some(committed) = committed else { return Ok(true) };
    let head = partition.head(committed.tree.size).await.map_err(|error| damage(&error))?;
    Ok(head.is_some())
}

async fn say_what_is_left_out(
    config: &Config,
    data: &DataDirectory,
    store: &Store,
) -> Result<(), Failure> {
    let topic = Topic::open(config, data).await?;
    let mut left_out = 0;
    for partition in store.partitions() {
        let held = topic.range(partition.number()).await?;
        left_out += held.end.saturating_sub(partition.accounting().committed.max(held.start));
    }
    if left_out > 0 {
        // How long that is, only the `up` that runs knows: `--demo` seals sooner.
        say(&format!(
            "{left_out} records are not sealed yet and left out: `annals up` seals them within \
             its storage.seal_interval_seconds"
        ));
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a word to people")]
fn say(line: &str) {
    eprintln!("{line}");
}
