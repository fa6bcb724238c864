//! Freshness on a real Kafka: producer and reader are processes of their own (A1.2).

use annals_tests::environment;
use annals_tests::freshness::{Measurement, SEAL_BYTES};
use annals_tests::kafka::KafkaNode;
use annals_tests::process::AnnalsProcess;

/// As on the embedded log: the figure is printed, the bound is wide for a shared machine.
#[test]
fn a1_2_events_are_visible_soon_on_kafka() {
    let kafka = KafkaNode::shared();
    let options = kafka.up_on_new_topic("freshness", 4);
    let options = options.variable("ANNALS_STORAGE_SEAL_BYTES", SEAL_BYTES);
    let directory = tempfile::tempdir().unwrap();
    let annals = AnnalsProcess::start(&directory.path().join("data"), &options);
    let measurement = Measurement {
        producer: env!("CARGO_BIN_EXE_freshness-producer"),
        reader: env!("CARGO_BIN_EXE_freshness-reader"),
        workspaces: 200,
        rate: 2000,
        seconds: environment::number("TEST_ANNALS_FRESHNESS_SECONDS", 30),
    };
    measurement.check("Kafka", &annals);
}
