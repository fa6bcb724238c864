//! Freshness on the embedded log: producer and reader are processes of their own (A1.2).

use std::time::Duration;

use annals_tests::freshness::{Measurement, manifests};
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::{environment, report};

/// Every event is on the page soon after its acknowledgement, across seals. The figure is printed;
/// the bound here is wide, because the machine is shared: `make bench` records the real one.
#[test]
fn a1_2_events_are_visible_soon_across_seals() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let options = UpOptions::default().variable("ANNALS_STORAGE_SEAL_BYTES", "2097152");
    let annals = AnnalsProcess::start(&data, &options);
    let measurement = Measurement {
        producer: env!("CARGO_BIN_EXE_freshness-producer"),
        reader: env!("CARGO_BIN_EXE_freshness-reader"),
        workspaces: 200,
        rate: 2000,
        seconds: environment::number("TEST_ANNALS_FRESHNESS_SECONDS", 30),
    };
    let mut samples = measurement.run(&annals);
    let seals = manifests(&data);
    let figures = report::summary(&mut samples);
    report::line(&format!("embedded log, 2,000 events/s, {seals} manifests: {figures}"));
    let p99 = report::percentile(&samples, 99.0).unwrap();
    assert!(p99 < Duration::from_secs(1), "p99 is {p99:?}");
    assert!(seals >= 3, "only {seals} manifests: the run did not cross seals");
}
