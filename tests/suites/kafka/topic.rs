//! What `annals up --kafka` demands of a topic.

use annals_tests::kafka::KafkaNode;
use annals_tests::process::{AnnalsProcess, UpOptions};

/// API.md 1: a missing topic is exit 3, and the message names the command that makes one.
#[test]
fn a_missing_topic_is_refused_with_the_command_that_makes_it() {
    let kafka = KafkaNode::shared();
    let options = UpOptions { kafka: Some(kafka.brokers()), ..UpOptions::default() };
    refused(&options.variable("ANNALS_KAFKA_TOPIC", "never-made"));
}

/// A topic on which producers set the time is refused: the log's clock would be theirs.
#[test]
fn a_topic_with_producer_times_is_refused() {
    let kafka = KafkaNode::shared();
    let options = kafka.up_on_new_topic("create-time", 1);
    let topic = KafkaNode::topic_of(&options).to_owned();
    kafka.alter_topic(&topic, "message.timestamp.type=CreateTime");
    refused(&options);
}

/// A compacted topic would lose records.
#[test]
fn a_compacted_topic_is_refused() {
    let kafka = KafkaNode::shared();
    let options = kafka.up_on_new_topic("compacted", 1);
    let topic = KafkaNode::topic_of(&options).to_owned();
    kafka.alter_topic(&topic, "cleanup.policy=compact");
    refused(&options);
}

fn refused(options: &UpOptions) {
    let directory = tempfile::tempdir().unwrap();
    let ended = AnnalsProcess::try_start(&directory.path().join("data"), options);
    let ended = ended.err().expect("annals up starts on a topic that it must refuse");
    assert_eq!(ended.status.code(), Some(3), "{}", ended.log);
    assert!(ended.log.contains("annals topic create"), "{}", ended.log);
}
