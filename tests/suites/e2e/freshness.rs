//! Freshness on the embedded log: producer and reader are processes of their own (A1.2).

use annals_tests::environment;
use annals_tests::freshness::{Measurement, SEAL_BYTES};
use annals_tests::process::{AnnalsProcess, UpOptions};

/// Every event is on the page soon after its acknowledgement, across seals. The figure is printed;
/// the bound here is wide, because the machine is shared: `make bench` records the real one.
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
