//! A17.4: two processes project the same partition into the same bucket. The manifest chain lets
//! one of them win each time; the other one reads what won and goes on, and nothing is there twice
//! or not at all.

use annals_tests::command::{self, Target};
use annals_tests::http::Http;
use annals_tests::inputs::Input;
use annals_tests::kafka::KafkaNode;
use annals_tests::process::{AnnalsProcess, UpOptions};
use annals_tests::s3::S3Gateway;
use annals_tests::{environment, metrics, oracle, report, wait};
use serde_json::Value;

/// Small, so that both are sealing all the time.
const SEAL_BYTES: &str = "1000000";
/// Parts of the input; before each of them one of the two is frozen in the middle of its work.
const PARTS: usize = 8;

#[test]
fn a17_4_two_projectors_on_one_partition_neither_lose_nor_double() {
    let gateway = S3Gateway::start(&environment::repository().join("target/tools/bin/versitygw"));
    let kafka = KafkaNode::shared();
    let options = in_bucket(kafka.up_on_new_topic("two-projectors", 1), &gateway);
    let directory = tempfile::tempdir().unwrap();
    let input = Input::bulk(directory.path(), 24_000, 3);
    let start = |name: &str| AnnalsProcess::start(&directory.path().join(name), &options);
    let pair = [start("one"), start("other")];
    let mut sent = 0;
    for (number, part) in input.parts(PARTS).iter().enumerate() {
        sent += std::fs::read_to_string(part).unwrap().lines().count();
        let frozen = &pair[number % 2];
        // A zombie: it neither knows that time passes nor that the other goes on.
        frozen.freeze();
        let awake = &pair[(number + 1) % 2];
        command::import_all(part, Target::Data(awake.data()));
        settle(&awake.client("*"), sent);
        frozen.thaw();
    }
    let walks = pair.each_ref().map(|annals| {
        let client = annals.client("*");
        settle(&client, input.lines);
        oracle::walk_everything(&client, &input)
    });
    assert!(walks[0] == walks[1], "the two show different rows");
    let shown: usize = walks[0].iter().map(|(_, rows)| rows.len()).sum();
    assert_eq!(shown, input.distinct(), "each event once");
    let lost = pair.each_ref().map(|annals| {
        metrics::value(&annals.client("*"), "annals_projector_reopened_total").unwrap_or(0.0)
    });
    report::line(&format!("two projectors: {} and {} times another had won", lost[0], lost[1]));
    assert!(lost[0] + lost[1] > 0.0, "they never raced");
    drop(pair);
    // What is in the bucket is whole by itself: a third one sees the same.
    let third = start("third");
    settle(&third.client("*"), input.lines);
    assert!(oracle::walk_everything(&third.client("*"), &input) == walks[0], "not what is stored");
}

fn in_bucket(options: UpOptions, gateway: &S3Gateway) -> UpOptions {
    options
        .variable("ANNALS_STORAGE_URL", &format!("s3://{}", S3Gateway::BUCKET))
        .variable("ANNALS_STORAGE_S3_ENDPOINT", &gateway.endpoint())
        .variable("ANNALS_STORAGE_S3_REGION", "us-east-1")
        .variable("ANNALS_STORAGE_S3_ACCESS_KEY_ID", S3Gateway::ACCESS_KEY_ID)
        .variable("ANNALS_STORAGE_S3_SECRET_ACCESS_KEY", S3Gateway::SECRET_ACCESS_KEY)
        .variable("ANNALS_STORAGE_S3_ALLOW_HTTP", "true")
        .variable("ANNALS_STORAGE_SEAL_BYTES", SEAL_BYTES)
}

/// Waits until all of these records are projected, and checks the accounting identity.
fn settle(client: &Http, records: usize) {
    let records = records as u64;
    let accounting = wait::until("all records to be projected", wait::PATIENCE, || {
        let accounting: Value = client.get_json("/v1/admin/accounting");
        (accounting["partitions"][0]["records"].as_u64() == Some(records)).then_some(accounting)
    });
    let of = |member: &str| accounting["partitions"][0][member].as_u64().unwrap();
    assert_eq!(of("visible") + of("duplicate") + of("quarantined"), records, "{accounting}");
}
