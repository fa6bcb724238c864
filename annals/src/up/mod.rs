//! `annals up`: every role in one process.

mod demo_traffic;
mod labels;
mod projecting;
mod secrets;
mod serving;
mod signing;

use std::net::SocketAddr;
use std::sync::Arc;

use annals_broker::Log;
use annals_projector::Projector;
use annals_query_api::{AccessLog, Evidence, Exports, SharedLabels};
use annals_schemas::Instant;
use annals_service::clock::{SharedClock, SystemClock};
use annals_service::config::Value;
use annals_service::shutdown::Shutdown;
use annals_service::telemetry::{Metrics, start_logs};
use annals_service::with_causes;
use annals_store::{BoundaryHook, LogIdentity, Storage, Store, StoreOptions};

pub(crate) use labels::{read_actions, read_labels};
pub(crate) use secrets::random;
pub(crate) use signing::sign;

use crate::cli::{Cli, UpArguments};
use crate::config::Config;
use crate::data_directory::DataDirectory;
use crate::exit::Failure;
use crate::log::{open_kafka, open_local};
use crate::signing_keys::SigningKeys;

/// Threads for blocking reads and seals.
const BLOCKING_THREADS: usize = 32;

pub(crate) fn run(cli: &Cli, arguments: &UpArguments) -> Result<(), Failure> {
    let mut flags = Vec::new();
    if let Some(listen) = arguments.listen {
        flags.push(("http.listen", Value::String(listen.to_string())));
    }
    if let Some(listen) = arguments.admin_listen {
        flags.push(("http.admin_listen", Value::String(listen.to_string())));
    }
    if let Some(brokers) = &arguments.kafka {
        flags.push(("kafka.brokers", Value::String(brokers.clone())));
    }
    let mut config = Config::load(cli.config.as_deref(), &flags)?;
    if arguments.demo {
        config.storage.seal_soon();
    }
    start_logs(&config.telemetry.log).map_err(|error| Failure::config(&error))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build()
        .map_err(|error| Failure::dependency(&error))?;
    runtime.block_on(up(config, arguments))
}

/// Opens everything in the order in which one needs the other, then serves until told to stop.
async fn up(config: Config, arguments: &UpArguments) -> Result<(), Failure> {
    let data = DataDirectory::new(&arguments.data.data);
    let occupied = data.occupy()?;
    let clock = SystemClock::shared();
    let metrics = Metrics::install().map_err(|error| Failure::config(&error))?;
    let shutdown = Shutdown::on_signals().map_err(|error| Failure::dependency(&error))?;
    let secrets = secrets::Secrets::load(&data, config.identity_provider()?, &clock)?;
    let labels = SharedLabels::default();
    if let Some(file) = &config.registry.file {
        labels.set(read_labels(file)?);
    }
    let log = open_log(&config, &data, &clock).await?;
    let store = open_store(&config, &data, &*log, &clock).await?;
    let listener = listen(config.http.listen()?).await?;
    let administration = listen_for_operators(&config).await?;
    let address = listener.local_addr().map_err(|error| Failure::dependency(&error))?;

    let mut projecting = project((&config, &data), &log, &store, &clock, &shutdown)?;
    let access_log = access_log(&config, &*log, &clock);
    let serving::Served { router, administering, traffic_token } =
        serving::router(serving::Parts {
            config: &config,
            log: &log,
            store: &store,
            clock: &clock,
            labels: &labels,
            secrets: &secrets,
            access_log: &access_log,
            metrics: &metrics,
            status: projecting.status(),
            exports: open_exports(&data, &secrets.signing)?,
            evidence: evidence(&data, &secrets.signing, &store),
            shutdown: &shutdown,
        })?;
    occupied.announce(address).map_err(|error| Failure::dependency(&error))?;
    announce(address);
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(metrics.upkeep(shutdown.clone()));
    tasks.spawn(signing::keep_signing(store.clone(), secrets.signing.clone()));
    let records = access_log.clone();
    tasks.spawn(async move { records.run().await });
    if let Some(listener) = administration {
        let shutdown = shutdown.clone();
        tasks.spawn(annals_service::http::serve(listener, administering, shutdown));
    }
    tasks.spawn(secrets.authenticator.clone().keep_fresh());
    if let Some(file) = config.registry.file.clone() {
        tasks.spawn(labels::keep_reloading(file, labels));
    }
    if arguments.demo {
        demo_traffic::announce(address, &traffic_token);
        tasks.spawn(demo_traffic::generate(log.producer(), store.clone(), clock.clone()));
    }
    // A broken invariant ends the process: going on would show frozen pages as if they were whole.
    let ended = tokio::select! {
        () = annals_service::http::serve(listener, router, shutdown.clone()) => None,
        ended = projecting.finished() => Some(ended),
    };
    shutdown.request();
    tasks.abort_all();
    // Nobody reads any more; what was counted last is written before the log is let go.
    access_log.close().await;
    let outcome = match ended {
        Some(outcome) => outcome,
        None => projecting.finished().await,
    };
    tracing::info!("stopped");
    outcome
}

/// The log that is configured, to write.
pub(crate) async fn open_log(
    config: &Config,
    data: &DataDirectory,
    clock: &SharedClock,
) -> Result<Arc<dyn Log>, Failure> {
    let log = match &config.kafka.brokers {
        Some(brokers) => open_kafka(config, brokers).await?,
        None => open_local(data, config, clock)?,
    };
    #[cfg(feature = "failpoints")]
    let log = crate::failpoints::wrap(log);
    Ok(log)
}

/// The store of this log, to write.
pub(crate) async fn open_store(
    config: &Config,
    data: &DataDirectory,
    log: &dyn Log,
    clock: &SharedClock,
) -> Result<Store, Failure> {
    let failed = |error: annals_store::StoreError| {
        Failure::usage(format!("store {}: {}", data.store().display(), with_causes(&error)))
    };
    let storage = config.storage.open(data)?;
    let description = log.description();
    let identity = LogIdentity {
        topic: description.topic.clone(),
        partitions: description.partitions,
        cluster_id: description.cluster_id.clone(),
        topic_id: description.topic_id.clone(),
    };
    #[cfg(feature = "failpoints")]
    let boundary = crate::failpoints::hook();
    #[cfg(not(feature = "failpoints"))]
    let boundary = BoundaryHook::default();
    #[cfg(feature = "failpoints")]
    let _: &BoundaryHook = &boundary;
    let options = StoreOptions {
        boundary,
        grace: config.storage.grace(),
        compaction: config.storage.compaction()?,
        ..StoreOptions::new(secrets::random, wall_clock(clock))
    };
    Store::open(storage, identity, options).await.map_err(failed)
}

/// Starts the projector, with the schema registry in front of it if one is configured.
fn project(
    (config, data): (&Config, &DataDirectory),
    log: &Arc<dyn Log>,
    store: &Store,
    clock: &SharedClock,
    shutdown: &Shutdown,
) -> Result<projecting::Projecting, Failure> {
    let bounds = config.storage.projector(data.names());
    let projector = Projector::new(log.clone(), store.clone(), bounds, wall_clock(clock));
    let projector = projector.with_registry(config.registry.resolver()?);
    projecting::Projecting::start(projector, shutdown)
}

/// The clock as store and projector take it.
fn wall_clock(clock: &SharedClock) -> Arc<dyn Fn() -> Instant + Send + Sync> {
    let clock = clock.clone();
    Arc::new(move || Instant::from_micros(clock.unix_micros()).unwrap_or(Instant::MIN))
}

fn access_log(config: &Config, log: &dyn Log, clock: &SharedClock) -> AccessLog {
    match config.auth.record_reads {
        true => AccessLog::new(log.producer(), clock.clone()),
        false => AccessLog::off(clock.clone()),
    }
}

fn evidence(data: &DataDirectory, keys: &SigningKeys, store: &Store) -> Evidence {
    let keys = keys.clone();
    // Keys that cannot be read sign nothing and verify nothing.
    let keys_of = Arc::new(move |name: &str| keys.verifiers(name).unwrap_or_default());
    Evidence::new(&data.tiles(), keys_of, store.partition_count())
}

fn open_exports(data: &DataDirectory, keys: &SigningKeys) -> Result<Exports, Failure> {
    let directory = data.exports();
    let sign = signing::of_manifests(keys.clone());
    let opened = Storage::local(&directory).and_then(|storage| Exports::open(storage, sign));
    let failed = |error| format!("{}: {}", directory.display(), with_causes(&error));
    opened.map_err(|error| Failure::usage(failed(error)))
}

async fn listen(address: SocketAddr) -> Result<tokio::net::TcpListener, Failure> {
    tokio::net::TcpListener::bind(address)
        .await
        .map_err(|error| Failure::usage(format!("cannot listen on {address}: {error}")))
}

async fn listen_for_operators(config: &Config) -> Result<Option<tokio::net::TcpListener>, Failure> {
    match config.http.admin_listen()? {
        Some(address) => listen(address).await.map(Some),
        None => Ok(None),
    }
}

#[expect(clippy::print_stdout, reason = "the contract of `up`: one line on stdout")]
fn announce(address: SocketAddr) {
    use std::io::Write;
    println!("listening on http://{address}");
    // Whoever waits for the line reads a pipe, which is not flushed by the line's end.
    let _ = std::io::stdout().flush();
}
