//! Recorded events through a real Kafka, over several partitions.

use std::time::Instant;

use annals_tests::command::{self, Target};
use annals_tests::inputs::Input;
use annals_tests::kafka::KafkaNode;
use annals_tests::process::AnnalsProcess;
use annals_tests::{environment, oracle, report};

/// Issue: every event exactly once under its workspace, newest first, on a real Kafka; filters
/// equal the oracle; all of it again from segments and topic after a restart.
#[test]
fn every_recorded_event_is_listed_once_on_kafka() {
    let kafka = KafkaNode::shared();
    let options = kafka.up_on_new_topic("recorded", 4);
    let directory = tempfile::tempdir().unwrap();
    let input = Input::recorded(directory.path());
    let data = directory.path().join("data");
    let annals = AnnalsProcess::start(&data, &options);
    let started = Instant::now();
    command::import_all(&input.file, Target::Data(&data));
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = input.lines as f64 / started.elapsed().as_secs_f64();
    report::line(&format!("imported {} events onto Kafka: {rate:.0} a second", input.lines));
    let client = annals.client("*");
    let seed = environment::seed("recorded events on Kafka");
    let queries = environment::number("TEST_ANNALS_QUERIES", 2000) / 4;
    oracle::compare(&client, &input, directory.path(), queries, seed);
    let before = oracle::walk_everything(&client, &input);
    assert!(annals.stop().success(), "SIGTERM is a clean end");
    let annals = AnnalsProcess::start(&data, &options);
    let after = oracle::walk_everything(&annals.client("*"), &input);
    assert!(before == after, "the restart changed a row");
}
