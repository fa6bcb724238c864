//! Bad input: at the gateway the documented error, straight on the log a quarantined record.

use std::sync::Arc;

use annals_broker::Log as _;
use annals_broker::local::{LocalLog, LocalOptions};
use annals_schemas::NewRecord;
use annals_tests::bad_records::{self, BadRecord};
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use serde_json::json;

/// Records put on the embedded log past the gateway, before the server starts.
#[test]
fn bad_records_on_the_embedded_log_are_quarantined_and_the_partition_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    // The first start makes the log and its identity; it must be stopped for another writer.
    assert!(AnnalsProcess::start(&data, &UpOptions::default()).stop().success());
    let records = bad_records::all();
    append(&data, &records);
    let annals = AnnalsProcess::start(&data, &UpOptions::default());
    bad_records::check(&annals, &records);
}

fn append(data: &std::path::Path, records: &[BadRecord]) {
    let clock = Arc::new(|| annals_tests::clock::now().timestamp_millis());
    let log = LocalLog::open(&data.join("log"), LocalOptions::default(), clock).unwrap();
    let good: &[u8] = br#"{"workspace_id":"acme","action":"after.all"}"#;
    let bad = records.iter().map(|record| NewRecord {
        key: record.key.map(|key| key.as_bytes().to_vec().into()),
        value: record.value.clone().map(Into::into),
        headers: Vec::new(),
    });
    let last = NewRecord {
        key: Some(b"acme".to_vec().into()),
        value: Some(good.to_vec().into()),
        headers: Vec::new(),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let outcomes = runtime.block_on(log.producer().append_all(bad.chain([last]).collect()));
    for outcome in outcomes {
        outcome.unwrap();
    }
}

/// The same over HTTP: refused one by one with the member named; good neighbours are accepted.
#[test]
fn bad_events_over_http_are_refused_by_name_and_good_ones_pass() {
    let directory = tempfile::tempdir().unwrap();
    let annals = AnnalsProcess::start(&directory.path().join("data"), &UpOptions::default());
    let client = annals.client("*");
    let batch = json!([
        {"workspace_id": "acme", "action": "good.one"},
        {"workspace_id": "acme", "action": 7},
        {"workspace_id": "acme", "action": "a.b", "occurred_at": "2025-01-01T00:00:00"},
        {"workspace_id": "acme", "action": "a.b", "actor": {"kind": "user", "nick": "x"}},
        {"workspace_id": "acme", "action": "a.b", "metadata": {"text": "x".repeat(65 << 10)}},
        {"workspace_id": "acme"},
        "no event",
        {"workspace_id": "acme", "action": "good.two"},
    ]);
    let answer = client.post("/v1/events:batch", &batch);
    assert_eq!(answer.status, 202, "{}", answer.text());
    let items = answer.json()["items"].as_array().unwrap().clone();
    let pointers = [
        None,
        Some("/action"),
        Some("/occurred_at"),
        Some("/actor/nick"),
        Some(""),
        Some("/action"),
        Some(""),
        None,
    ];
    assert_eq!(items.len(), pointers.len());
    for (item, pointer) in items.iter().zip(pointers) {
        let Some(pointer) = pointer else {
            assert_eq!(item["status"], "accepted", "{item}");
            continue;
        };
        assert_eq!(item["status"], "rejected", "{item}");
        let errors = item["error"]["errors"].as_array().unwrap();
        assert!(errors.iter().any(|error| error["pointer"] == pointer), "{pointer}: {item}");
    }
    let list = List::of(&client, "acme");
    list.settle();
    let actions: Vec<_> = list.rows("").iter().map(|row| row["action"].clone()).collect();
    assert_eq!(actions, [json!("good.two"), json!("good.one")]);
}

/// Bodies that are no event at all.
#[test]
fn bodies_that_are_no_json_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let annals = AnnalsProcess::start(&directory.path().join("data"), &UpOptions::default());
    let client = annals.client("*");
    let json = "application/json";
    let bodies: [(&[u8], &str); 4] = [
        (br#"{"workspace_id":"acme","action":"a.b""#, "truncated"),
        (b"\x07garbage", "garbage"),
        (b"{\"workspace_id\":\"acme\",\"action\":\"\xff\"}", "invalid UTF-8"),
        (b"", "nothing"),
    ];
    for (body, what) in bodies {
        let answer = client.post_bytes("/v1/events", json, body.to_vec());
        assert_eq!((answer.status, answer.problem().as_str()), (422, "schema-violation"), "{what}");
        let answer = client.post_bytes("/v1/events:batch", json, body.to_vec());
        assert_eq!(answer.status, 400, "{what}: {}", answer.text());
    }
    let oversize =
        json!({"workspace_id": "acme", "action": "a.b", "metadata": {"t": "x".repeat(65 << 10)}});
    let answer = client.post("/v1/events", &oversize);
    assert_eq!((answer.status, answer.problem().as_str()), (413, "payload-too-large"));
    let many = vec![json!({"workspace_id": "acme", "action": "a.b"}); 1001];
    let answer = client.post("/v1/events:batch", &many.into());
    assert_eq!((answer.status, answer.problem().as_str()), (413, "payload-too-large"));
    let lines = b"{\"workspace_id\":\"acme\",\"action\":\"good.one\"}\n{\"broken\n".to_vec();
    let answer = client.post_bytes("/v1/events:batch", "application/x-ndjson", lines);
    assert_eq!(answer.status, 202, "{}", answer.text());
    let items = answer.json();
    assert_eq!(items["items"][0]["status"], "accepted");
    assert_eq!(items["items"][1]["status"], "rejected");
    let list = List::of(&client, "acme");
    list.settle();
    assert_eq!(list.rows("").len(), 1);
}
