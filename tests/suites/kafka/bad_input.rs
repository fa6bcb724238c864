//! Bad records put straight on the topic by kcat.

use annals_tests::bad_records;
use annals_tests::kafka::{KafkaNode, RawRecord};
use annals_tests::list::List;
use annals_tests::process::AnnalsProcess;
use annals_tests::wait;
use serde_json::Value;

/// Each is quarantined under its reason while the server runs; the partition goes on.
#[test]
fn bad_records_on_the_topic_are_quarantined_and_the_partition_goes_on() {
    let kafka = KafkaNode::shared();
    let options = kafka.up_on_new_topic("bad-input", 1);
    let topic = KafkaNode::topic_of(&options);
    let directory = tempfile::tempdir().unwrap();
    let annals = AnnalsProcess::start(&directory.path().join("data"), &options);
    let records = bad_records::all();
    for record in &records {
        kafka.put(&RawRecord {
            topic,
            key: record.key,
            partition: Some(0),
            headers: &[],
            value: record.value.as_deref(),
        });
    }
    let good = br#"{"workspace_id":"acme","action":"after.all"}"#;
    let key = Some("acme");
    kafka.put(&RawRecord { topic, key, partition: Some(0), headers: &[], value: Some(good) });
    bad_records::check(&annals, &records);
}

/// kcat's default partitioner is CRC32: such records stand in a foreign partition and are
/// quarantined there. With `partitioner=murmur2_random` plain event JSON from kcat is enough.
#[test]
fn the_wrong_partition_is_quarantined_and_the_right_partitioner_works() {
    let kafka = KafkaNode::shared();
    let options = kafka.up_on_new_topic("partitioner", 8);
    let topic = KafkaNode::topic_of(&options);
    let directory = tempfile::tempdir().unwrap();
    let annals = AnnalsProcess::start(&directory.path().join("data"), &options);
    let value = br#"{"workspace_id":"acme","action":"segment.updated"}"#;
    let record = |partition| RawRecord {
        topic,
        key: Some("acme"),
        partition,
        headers: &[],
        value: Some(value),
    };
    kafka.put(&record(None));
    let client = annals.client("*");
    let list = List::of(&client, "acme");
    let row = wait::until("kcat's event", wait::PATIENCE, || list.rows("").pop());
    assert_eq!(row["clock"], "assigned");
    let right = row["position"]["partition"].as_u64().unwrap();
    let wrong = (right + 1) % 8;
    kafka.put(&record(Some(u32::try_from(wrong).unwrap())));
    let refused = wait::until("the refused record", wait::PATIENCE, || {
        let accounting: Value = client.get_json("/v1/admin/accounting");
        let partition = accounting["partitions"][usize::try_from(wrong).unwrap()].clone();
        (partition["records"] == 1).then_some(partition)
    });
    assert_eq!((&refused["partition"], &refused["quarantined"]), (&wrong.into(), &1.into()));
    list.settle();
    assert_eq!(list.rows("").len(), 1);
}

/// CloudEvents by header, as a Kafka client would send it.
#[test]
fn a_cloud_event_in_binary_form_is_an_event() {
    let kafka = KafkaNode::shared();
    let options = kafka.up_on_new_topic("cloud-events", 1);
    let topic = KafkaNode::topic_of(&options);
    let directory = tempfile::tempdir().unwrap();
    let annals = AnnalsProcess::start(&directory.path().join("data"), &options);
    kafka.put(&RawRecord {
        topic,
        key: Some("acme"),
        partition: Some(0),
        headers: &[
            "ce_specversion=1.0",
            "ce_id=0f0e0d0c-0b0a-4908-8706-050403020100",
            "ce_source=/segments",
            "ce_type=segment.created",
            "ce_time=2025-02-03T04:05:06.000007Z",
            "ce_workspaceid=acme",
            "content-type=application/json",
        ],
        value: Some(br#"{"resources":[{"type":"segment","id":"s1","name":"VIP"}]}"#),
    });
    let client = annals.client("*");
    let list = List::of(&client, "acme");
    let row = wait::until("the cloud event", wait::PATIENCE, || list.rows("").pop());
    assert_eq!(row["event_id"], "0f0e0d0c-0b0a-4908-8706-050403020100");
    assert_eq!(row["action"], "segment.created");
    assert_eq!(
        annals_tests::list::micros(row["occurred_at"].as_str().unwrap()),
        1_738_555_506_000_007
    );
    assert_eq!(row["resources"][0]["name"], "VIP");
}
