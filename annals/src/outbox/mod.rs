//! `annals outbox`: from a table in the product's database to the log (docs/OUTBOX.md).
//!
//! Guarantees: exactly the committed rows, in the order of their ids within a workspace, each at
//! least once and always as the same event. Deliberately not here: making the table.

mod arguments;
mod connection;
mod lane;
mod relay;
mod row;

use std::time::Duration;

use annals_service::clock::SystemClock;
use annals_service::environment::variable;
use annals_service::shutdown::Shutdown;
use annals_service::telemetry::start_logs;

pub(crate) use arguments::OutboxArguments;
use relay::{Relay, RoundError};

use crate::cli::Cli;
use crate::config::Config;
use crate::exit::Failure;
use crate::sink::Sink;

/// The tables, as a product makes them.
const TABLE: &str = include_str!("../../../deploy/outbox.sql");
/// First pause after the database or the log was out of reach; doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// Longest pause.
const MAX_PAUSE: Duration = Duration::from_secs(5);

pub(crate) fn run(cli: &Cli, arguments: &OutboxArguments) -> Result<(), Failure> {
    if arguments.print_table {
        crate::answer::write(TABLE);
        return Ok(());
    }
    let config = Config::load(cli.config.as_deref(), &[])?;
    let dsn = arguments.dsn.clone().or_else(|| variable("ANNALS_OUTBOX_DSN"));
    let dsn = dsn.ok_or_else(|| Failure::usage("ANNALS_OUTBOX_DSN or --dsn is needed"))?;
    start_logs(&config.telemetry.log).map_err(|error| Failure::config(&error))?;
    crate::runtime::start()?.block_on(async {
        let shutdown = Shutdown::on_signals().map_err(|error| Failure::dependency(&error))?;
        let sink = Sink::open(&arguments.target, &config, &SystemClock::shared()).await?;
        tokio::select! {
            biased;
            // Half a round is sent again by whoever comes next.
            () = shutdown.requested() => Ok(()),
            ended = relay(&dsn, &sink, arguments) => ended,
        }
    })
}

/// Until nothing is left, with `--once`; otherwise for ever.
async fn relay(dsn: &str, sink: &Sink, arguments: &OutboxArguments) -> Result<(), Failure> {
    // A database that is not there at first is a mistake to be told; later it is patience.
    let mut relay = Some(Relay::new(connection::connect(dsn).await?, sink));
    let (mut pause, poll) = (FIRST_PAUSE, Duration::from_millis(arguments.poll_ms.max(1)));
    loop {
        let Some(connected) = &mut relay else {
            match connection::connect(dsn).await {
                Ok(client) => relay = Some(Relay::new(client, sink)),
                Err(failure) => back_off(&mut pause, &failure).await,
            }
            continue;
        };
        match connected.round().await {
            Ok(taken) => {
                pause = FIRST_PAUSE;
                match taken {
                    0 if arguments.once => return Ok(()),
                    0 => tokio::time::sleep(poll).await,
                    _ => {}
                }
            }
            Err(RoundError::Log(failure)) => back_off(&mut pause, &failure).await,
            Err(RoundError::Database(error)) => {
                relay = None;
                back_off(&mut pause, &Failure::dependency(&error)).await;
            }
        }
    }
}

/// Waits, longer each time; says why the first time.
async fn back_off(pause: &mut Duration, failure: &Failure) {
    if *pause == FIRST_PAUSE {
        tracing::warn!(?failure, "the outbox waits");
    }
    tokio::time::sleep(*pause).await;
    *pause = (*pause * 2).min(MAX_PAUSE);
}
