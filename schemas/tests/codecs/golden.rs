//! Bytes of version 1, written by others (Python's `fastavro` and `json`): they decode for ever.

use std::path::PathBuf;

use annals_schemas::{
    EVENT_ID_NAMESPACE, Limits, LogId, Position, canonical_event, cloud_event_id, content_hash,
    decode, parse_event_value, partition_of, positional_event_id,
};
use serde_json::Value;

use crate::record;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn json_file(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(path(name)).unwrap()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn golden_records_of_version_1_decode_for_ever() {
    let index = json_file("golden/v1/index.json");
    let log_id = LogId::from_hex(index["log_id"].as_str().unwrap()).unwrap();
    let records = index["records"].as_array().unwrap();
    for golden in records {
        let name = golden["file"].as_str().unwrap();
        let value = std::fs::read(path("golden/v1").join(name)).unwrap();
        let headers: Vec<(&str, &str)> = golden["headers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|header| (header[0].as_str().unwrap(), header[1].as_str().unwrap()))
            .collect();
        let event = decode(&record(&headers, &value), &log_id)
            .unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert_eq!(canonical_event(&event), golden["canonical"].as_str().unwrap(), "{name}");
        assert_eq!(hex(&content_hash(&event)), golden["content_hash"].as_str().unwrap(), "{name}");
    }
    // Every file is listed: a golden file that no test reads shows nothing.
    let files = std::fs::read_dir(path("golden/v1")).unwrap().count();
    assert_eq!(files, records.len() + 1);
}

#[test]
fn content_hashes_equal_the_vectors() {
    for vector in json_file("vectors/content_hash.json").as_array().unwrap() {
        let event =
            parse_event_value(&vector["event"], &Limits::HARD, || panic!("has an id")).unwrap();
        assert_eq!(canonical_event(&event), vector["canonical"].as_str().unwrap());
        assert_eq!(hex(&content_hash(&event)), vector["sha256"].as_str().unwrap());
    }
}

#[test]
fn derived_event_ids_equal_the_vectors() {
    let vectors = json_file("vectors/event_id.json");
    assert_eq!(vectors["namespace"], EVENT_ID_NAMESPACE.to_string());
    for vector in vectors["cloud_events"].as_array().unwrap() {
        let text = |name: &str| vector[name].as_str().unwrap();
        assert_eq!(cloud_event_id(text("source"), text("id")).to_string(), text("event_id"));
    }
    for vector in vectors["positional"].as_array().unwrap() {
        let log_id = LogId::from_hex(vector["log_id"].as_str().unwrap()).unwrap();
        let partition = u32::try_from(vector["partition"].as_u64().unwrap()).unwrap();
        let position = Position { partition, offset: vector["offset"].as_u64().unwrap() };
        let id = positional_event_id(&log_id, position);
        assert_eq!(id.to_string(), vector["event_id"].as_str().unwrap());
    }
}

#[test]
fn partitions_equal_the_vectors() {
    for vector in json_file("vectors/murmur2.json").as_array().unwrap() {
        let partition = partition_of(vector["key"].as_str().unwrap().as_bytes(), 64);
        assert_eq!(u64::from(partition), vector["partition_of_64"].as_u64().unwrap());
    }
}
