//! Freshness on a real Kafka: producer and reader are processes of their own (A1.2).

use std::time::Duration;

use annals_tests::freshness::{Measurement, manifests};
use annals_tests::kafka::KafkaNode;
use annals_tests::process::AnnalsProcess;
use annals_tests::{environment, report};

/// As on the embedded log: the figure is printed, the bound is wide for a shared machine.
#[test]
fn a1_2_events_are_visible_soon_on_kafka() {
    let kafka = KafkaNode::shared();
    let options = kafka.up_on_new_topic("freshness", 4);
    let options = options.variable("ANNALS_STORAGE_SEAL_BYTES", "2097152");
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
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
    report::line(&format!("Kafka, 2,000 events/s, {seals} manifests: {figures}"));
    let p99 = report::percentile(&samples, 99.0).unwrap();
    assert!(p99 < Duration::from_secs(1), "p99 is {p99:?}");
    assert!(seals >= 3, "only {seals} manifests: the run did not cross seals");
}
