//! Records as the serializers of a schema registry write them.

use annals_ingest::new_event;
use annals_schemas::{Event, Instant, SCHEMA_V1, SchemaId, WorkspaceId, encode_avro, reframe_avro};
use annals_tests::http::Http;
use annals_tests::kafka::{KafkaNode, RawRecord};
use annals_tests::process::AnnalsProcess;
use annals_tests::wait;
use serde_json::Value;

/// The event of this number in a workspace: its action tells.
pub fn event(workspace: &str, number: u64) -> Event {
    let at = Instant::parse("2025-01-01T00:00:00Z").unwrap();
    new_event(WorkspaceId::new(workspace).unwrap(), format!("count.n{number}"), at)
}

/// An event under an id, with what a later schema puts behind it.
pub fn framed(event: &Event, id: u32, behind: &[u8]) -> Vec<u8> {
    let mut value = reframe_avro(&encode_avro(event), SchemaId(id)).unwrap();
    value.extend_from_slice(behind);
    value
}

/// Version 1 with one more field: a text, or none.
pub fn later_schema() -> String {
    let mut schema: Value = serde_json::from_str(SCHEMA_V1).unwrap();
    let session = serde_json::json!({
        "name": "session", "type": ["null", "string"], "default": null,
    });
    schema["fields"].as_array_mut().unwrap().push(session);
    schema.to_string()
}

/// A topic, and whose records go where on it.
pub struct Topic<'a> {
    pub kafka: &'a KafkaNode,
    pub name: &'a str,
}

impl Topic<'_> {
    /// Puts a value on the topic under a workspace's key, in that key's partition.
    pub fn put(&self, workspace: &str, value: &[u8]) {
        self.kafka.put(&RawRecord {
            topic: self.name,
            key: Some(workspace),
            partition: None,
            headers: &[],
            value: Some(value),
        });
    }
}

/// Reasons of a workspace's refused records, in the order of the log.
pub fn reasons(client: &Http, workspace: &str) -> Vec<String> {
    let answer: Value = client.get_json(&format!("/v1/workspaces/{workspace}/quarantine"));
    let mut shown = answer["data"].as_array().unwrap().clone();
    shown.sort_by_key(|entry| entry["position"]["offset"].as_u64());
    shown.iter().map(|entry| entry["reason"].as_str().unwrap().to_owned()).collect()
}

/// What `/readyz` says of partitions that do not go on; waits until one does not.
pub fn waiting(annals: &AnnalsProcess) -> Value {
    let client = annals.client("*");
    wait::until("a partition that waits", wait::PATIENCE, || {
        let ready: Value = client.get("/readyz").json();
        let partitions = ready["partitions"].as_array()?;
        partitions.iter().find(|partition| partition["status"] == "retrying").cloned()
    })
}
