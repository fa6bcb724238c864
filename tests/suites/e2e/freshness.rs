//! Freshness on the embedded log: producer and reader are processes of their own (A1.2).

use std::process::Stdio;
use std::time::Duration;

use annals_tests::command::{self, Target};
use annals_tests::freshness::{Measurement, SEAL_BYTES};
use annals_tests::inputs::Input;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::{environment, report, wait};
use serde_json::Value;

/// Every event is on the page soon after its acknowledgement, across seals. The figure is printed;
/// the bound here is wide, because the machine is shared: `make bench-path` records the real one.
#[test]
fn a1_2_events_are_visible_soon_across_seals() {
    let directory = tempfile::tempdir().unwrap();
    let options = UpOptions::default().variable("ANNALS_STORAGE_SEAL_BYTES", SEAL_BYTES);
    let annals = AnnalsProcess::start(&directory.path().join("data"), &options);
    let measurement = Measurement {
        producer: env!("CARGO_BIN_EXE_freshness-producer"),
        reader: env!("CARGO_BIN_EXE_freshness-reader"),
        workspaces: 200,
        rate: 2000,
        seconds: environment::number("TEST_ANNALS_FRESHNESS_SECONDS", 30),
    };
    measurement.check("embedded log", &annals);
}

/// A17.5: history is imported while live events come in. What the backfill adds to the live
/// events' way is printed beside the same load without it; the bound is as wide as that of A1.2.
/// `make soak` imports 20 M.
#[test]
fn a17_5_live_events_are_visible_soon_beside_a_backfill() {
    let directory = tempfile::tempdir().unwrap();
    let history = Input::bulk(
        directory.path(),
        environment::number("TEST_ANNALS_BACKFILL_EVENTS", 400_000),
        50,
    );
    let options = UpOptions::default().variable("ANNALS_STORAGE_SEAL_BYTES", "16777216");
    // A server each: the producer's events have the same ids in every run.
    let start = |name: &str| AnnalsProcess::start(&directory.path().join(name), &options);
    let measurement = Measurement {
        producer: env!("CARGO_BIN_EXE_freshness-producer"),
        reader: env!("CARGO_BIN_EXE_freshness-reader"),
        workspaces: 200,
        rate: 500,
        seconds: environment::number("TEST_ANNALS_FRESHNESS_SECONDS", 30) / 2,
    };
    let annals = start("alone");
    let mut alone = measurement.run(&annals);
    assert!(annals.stop().success(), "SIGTERM is a clean end");
    let annals = start("beside");
    let mut import = command::import_command(&history.file, Target::Data(annals.data()));
    let mut import = import.arg("--historic").stderr(Stdio::null()).spawn().unwrap();
    let mut beside = measurement.run(&annals);
    let went_on = if import.try_wait().unwrap().is_none() { "still" } else { "no longer" };
    let finished = import.wait().unwrap();
    assert!(finished.success(), "annals import --historic: {finished}");
    for (what, samples) in [("alone", &mut alone), ("beside a backfill", &mut beside)] {
        report::line(&format!("500 events/s {what}: {}", report::summary(samples)));
    }
    let p99 = report::percentile(&beside, 99.0).unwrap();
    let ratio = p99.as_secs_f64() / report::percentile(&alone, 99.0).unwrap().as_secs_f64();
    report::line(&format!("p99 beside it / alone: {ratio:.2}; {went_on} importing at the end"));
    assert!(p99 < Duration::from_secs(1), "p99 is {p99:?}");
    let client = annals.client("*");
    let records = (history.lines as u64) + measurement.rate * measurement.seconds;
    wait::until("everything to be projected", wait::PATIENCE * 3, || {
        let accounting: Value = client.get_json("/v1/admin/accounting");
        let partitions = accounting["partitions"].as_array()?;
        let visible: u64 = partitions.iter().filter_map(|of| of["visible"].as_u64()).sum();
        (visible == records).then_some(())
    });
}
