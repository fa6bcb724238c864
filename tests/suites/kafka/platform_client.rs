//! Another's Kafka client with the Avro schema, as docs/CLIENTS.md says it: `clients/kafka`.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use annals_tests::kafka::KafkaNode;
use annals_tests::list::List;
use annals_tests::process::AnnalsProcess;
use annals_tests::{environment, wait};
use serde_json::Value;

/// Every shared vector, written by the example: all are shown, with the content that they have when
/// they come through the gateway, and none is quarantined.
#[test]
fn events_of_the_platforms_own_client_are_those_of_ours() {
    let repository = environment::repository();
    let vectors = std::fs::read(repository.join("schemas/vectors/events.json")).unwrap();
    let vectors: Vec<Value> = serde_json::from_slice(&vectors).unwrap();
    let lines: String =
        vectors.iter().map(|v| v["json"].as_str().unwrap().to_owned() + "\n").collect();
    let directory = tempfile::tempdir().unwrap();
    let events = directory.path().join("events.ndjson");
    std::fs::write(&events, lines).unwrap();

    let kafka = KafkaNode::shared();
    let options = kafka.up_on_new_topic("platform", 4);
    let annals = AnnalsProcess::start(&directory.path().join("data"), &options);
    let produced = Command::new(environment::clients_python())
        .arg(repository.join("clients/kafka/produce.py"))
        .args([&kafka.brokers(), KafkaNode::topic_of(&options)])
        .stdin(Stdio::from(std::fs::File::open(&events).unwrap()))
        .output()
        .unwrap();
    assert!(produced.status.success(), "{}", String::from_utf8_lossy(&produced.stderr));

    let client = annals.client("acme");
    let list = List::of(&client, "acme");
    let rows = wait::until("every vector on the page", wait::PATIENCE, || {
        let rows = list.walk_values("", 1000);
        (rows.len() == vectors.len()).then_some(rows)
    });
    // The same again through the gateway: a duplicate each, so the content is the same.
    let body = std::fs::read_to_string(&events).unwrap();
    let sent = client.post_bytes("/v1/events:batch", "application/x-ndjson", body.into_bytes());
    let sent = sent.json();
    let statuses: Vec<_> =
        sent["items"].as_array().unwrap().iter().map(|item| item["status"].clone()).collect();
    assert!(statuses.iter().all(|status| status == "duplicate"), "{sent}");
    let by_id: BTreeMap<_, _> =
        rows.iter().map(|row| (row["event_id"].as_str().unwrap(), row)).collect();
    assert_eq!(by_id.len(), vectors.len());
}
