//! A17.2: schema versions side by side, on one topic and one page.

use std::sync::Arc;

use annals_broker::Log as _;
use annals_broker::local::{LocalLog, LocalOptions};
use annals_schemas::{Header, NewRecord, SCHEMA_HEADER};
use annals_tests::list::List;
use annals_tests::process::{AnnalsProcess, UpOptions};
use serde_json::{Value, json};

/// A version-1 event as Avro single-object bytes.
fn version_1(action: &str) -> Vec<u8> {
    let event = json!({"workspace_id": "acme", "action": action,
        "event_id": format!("01890a5d-ac96-774b-bcce-{:012x}", action.len()),
        "resources": [{"type": "segment", "id": "s1", "name": "VIP"}]});
    let limits = annals_schemas::Limits::GATEWAY;
    let event = annals_schemas::parse_event(event.to_string().as_bytes(), &limits, || {
        unreachable!("the id is given")
    });
    annals_schemas::encode_avro(&event.unwrap())
}

/// The same bytes as a later version would write them: another fingerprint, fields at the end.
fn later_version(action: &str) -> Vec<u8> {
    let mut bytes = version_1(action);
    bytes[2..10].copy_from_slice(b"notknown");
    bytes.extend_from_slice(b"\x02\x0anew field of version 3");
    bytes
}

fn record(value: Vec<u8>, version: Option<&'static [u8]>) -> NewRecord {
    let headers = version.map(|version| Header::new(SCHEMA_HEADER, version)).into_iter().collect();
    NewRecord { key: Some(b"acme".to_vec().into()), value: Some(value.into()), headers }
}

#[test]
fn a17_2_a_later_version_is_shown_with_its_known_fields_beside_version_1() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    assert!(AnnalsProcess::start(&data, &UpOptions::default()).stop().success());
    let records = vec![
        record(version_1("one"), Some(b"1")),
        record(later_version("three"), Some(b"3")),
        record(later_version("unmarked"), None),
    ];
    let clock = Arc::new(|| annals_tests::clock::now().timestamp_millis());
    let log = LocalLog::open(&data.join("log"), LocalOptions::default(), clock).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for outcome in runtime.block_on(log.producer().append_all(records)) {
        outcome.unwrap();
    }
    drop(log);
    let annals = AnnalsProcess::start(&data, &UpOptions::default());
    let client = annals.client("*");
    let rows = List::of(&client, "acme").rows("");
    let actions: Vec<_> = rows.iter().map(|row| row["action"].clone()).collect();
    assert_eq!(actions, ["three", "one"]);
    assert_eq!(rows[0]["resources"][0]["name"], "VIP");
    let quarantine: Value = client.get_json("/v1/workspaces/acme/quarantine");
    let reasons: Vec<_> =
        quarantine["data"].as_array().unwrap().iter().map(|e| e["reason"].clone()).collect();
    assert_eq!(reasons, ["unknown-schema"], "without the header nothing is guessed");
}
