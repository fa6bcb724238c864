//! A product that records through the gateway does not feel its troubles, and loses nothing.

use std::time::{Duration, Instant as Timer};

use annals_ingest::client::GatewayClient;
use annals_ingest::{Recorder, RecorderOptions, SpoolOptions, new_event};
use annals_schemas::{Instant, WorkspaceId};
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::{command, report, wait};

/// Events in each state of the server.
const EVENTS: u64 = 5_000;

/// The server is killed and started again where it was: what is emitted meanwhile lies in the
/// spool, emitting takes as long as before, and afterwards everything is on the page, in order.
#[test]
fn a_gateway_that_goes_and_comes_again_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let annals = AnnalsProcess::start(&data, &UpOptions::default());
    let address = annals.address().to_owned();
    let listen = address.strip_prefix("http://").map(str::to_owned);
    let gateway = GatewayClient::new(&address, command::token(&data, "acme", &["audit:write"]));
    let spool = Some(SpoolOptions::new(directory.path().join("spool")));
    let options = RecorderOptions { spool, ..RecorderOptions::default() };
    let recorder = Recorder::start_through_gateway(gateway.unwrap(), options).unwrap();

    let mut up = emit(&recorder, 0);
    assert!(recorder.flush(wait::PATIENCE));
    annals.kill();
    let mut away = emit(&recorder, EVENTS);
    assert!(recorder.flush(wait::PATIENCE), "everything is safe");
    let annals = AnnalsProcess::start(&data, &UpOptions { listen, ..UpOptions::default() });
    wait::until("everything on the log", wait::PATIENCE, || {
        (recorder.delivered() >= 2 * EVENTS).then_some(())
    });
    assert_eq!((recorder.delivered(), recorder.lost(), recorder.spooled()), (2 * EVENTS, 0, 0));

    for (what, times) in [("up", &mut up), ("away", &mut away)] {
        report::line(&format!("emit with the gateway {what}, {}", report::summary(times)));
    }
    let p99 = |times: &[Duration]| report::percentile(times, 99.0).unwrap();
    assert!(p99(&away) <= p99(&up) + Duration::from_millis(1), "emit is slowed");
    let client = annals.client("acme");
    let list = List::of(&client, "acme");
    let rows = wait::until("every event on the page", wait::PATIENCE, || {
        let rows = list.walk_values("", 1000);
        (rows.len() as u64 == 2 * EVENTS).then_some(rows)
    });
    // One occurred_at for all: the list's order is the reverse of the arrival.
    let actions: Vec<_> = rows.iter().rev().map(|row| row["action"].as_str().unwrap()).collect();
    let expected: Vec<_> = (0..2 * EVENTS).map(|number| format!("count.n{number}")).collect();
    assert_eq!(actions, expected);
}

/// How long each call took.
fn emit(recorder: &Recorder, first: u64) -> Vec<Duration> {
    let workspace = WorkspaceId::new("acme").unwrap();
    let at = Instant::parse("2025-01-01T00:00:00Z").unwrap();
    let timed = |number: u64| {
        let event = new_event(workspace.clone(), format!("count.n{number}"), at);
        let started = Timer::now();
        recorder.emit(event);
        started.elapsed()
    };
    (first..first + EVENTS).map(timed).collect()
}
