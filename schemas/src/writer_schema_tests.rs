//! Schemas that are the event's, and schemas that only look like it.

use super::*;
use apache_avro::reader::datum::GenericDatumReader;
use serde_json::json;

fn v1() -> Value {
    serde_json::from_str(SCHEMA_V1).unwrap()
}

fn reading(schema: &Value) -> SchemaReading {
    schema_reading(&schema.to_string()).0
}

fn difference(schema: &Value) -> String {
    let (reading, difference) = schema_reading(&schema.to_string());
    assert_eq!(reading, SchemaReading::NoEvent);
    difference.unwrap()
}

fn field<'a>(schema: &'a mut Value, name: &str) -> &'a mut Value {
    let fields = schema["fields"].as_array_mut().unwrap();
    fields.iter_mut().find(|field| field["name"] == name).unwrap()
}

#[test]
fn version_1_and_what_is_appended_to_it_are_events() {
    assert_eq!(schema_reading(SCHEMA_V1), (SchemaReading::EventV1, None));
    let mut later = v1();
    let more = json!({"name": "session", "type": ["null", "string"], "default": null});
    later["fields"].as_array_mut().unwrap().push(more);
    assert_eq!(reading(&later), SchemaReading::EventV1AndMore);
}

/// What generators of other languages change in a schema.
#[test]
fn docs_namespaces_defaults_and_string_attributes_do_not_matter() {
    let mut schema = v1();
    schema.as_object_mut().unwrap().remove("doc");
    schema.as_object_mut().unwrap().remove("namespace");
    schema["name"] = json!("com.example.AuditEvent");
    let text = json!({"type": "string", "avro.java.string": "String"});
    field(&mut schema, "workspace_id")["type"] = text.clone();
    field(&mut schema, "description")["type"] = json!(["null", text]);
    field(&mut schema, "event_id")["type"] = json!("string");
    field(&mut schema, "occurred_at")["type"] = json!(["null", "long"]);
    field(&mut schema, "resources").as_object_mut().unwrap().remove("default");
    // The same type in longer words, and a reference by full name.
    field(&mut schema, "action")["type"] = json!({"type": {"type": "string"}});
    let principal = &mut field(&mut schema, "actor")["type"]["fields"][4]["type"][1];
    principal["fields"][0]["type"] = json!("annals.event.ActorKind");
    assert_eq!(reading(&schema), SchemaReading::EventV1);
}

#[test]
fn whatever_reads_differently_is_no_event() {
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut schema = v1();
        change(&mut schema);
        difference(&schema)
    };
    let retype = |name: &'static str, to: Value| {
        changed(&move |schema| field(schema, name)["type"] = to.clone())
    };
    assert_eq!(retype("action", json!("bytes")), "field action: another type");
    assert_eq!(retype("description", json!(["string", "null"])), "field description: another type");
    assert_eq!(retype("description", json!("string")), "field description: another type");
    assert_eq!(
        retype("metadata", json!(["null", "Missing"])),
        "field metadata: type Missing is not defined"
    );
    let millis = json!(["null", {"type": "long", "logicalType": "timestamp-millis"}]);
    assert_eq!(retype("occurred_at", millis), "field occurred_at: timestamp-millis");
    let map = json!({"type": "map", "values": "string"});
    assert_eq!(retype("changes", map), "field changes: a map");
    assert_eq!(
        changed(&|schema| field(schema, "workspace_id")["name"] = json!("tenant_id")),
        "field workspace_id: it is tenant_id"
    );
    assert_eq!(
        changed(&|schema| {
            field(schema, "outcome")["type"]["symbols"].as_array_mut().unwrap().push(json!("x"));
        }),
        "field outcome: other symbols"
    );
    assert_eq!(
        changed(&|schema| {
            let actor = &mut field(schema, "actor")["type"]["fields"];
            actor.as_array_mut().unwrap().push(json!({"name": "x", "type": "long"}));
        }),
        "field actor: 6 fields"
    );
    assert_eq!(
        changed(&|schema| {
            schema["fields"].as_array_mut().unwrap().pop();
        }),
        "field producer is missing"
    );
    assert_eq!(
        changed(&|schema| schema["name"] = json!("Other")),
        "its record is Other, not AuditEvent"
    );
    assert_eq!(
        changed(&|schema| field(schema, "kind")["type"][1]["name"] = json!("ActorKind")),
        "field kind: two types are named ActorKind"
    );
}

#[test]
fn a_text_that_is_no_schema_is_no_event() {
    for text in ["", "{", "\"string\"", "[]", "{}", "{\"type\":7}", "null", "{\"type\":\"record\"}"]
    {
        let (reading, difference) = schema_reading(text);
        assert_eq!(reading, SchemaReading::NoEvent, "{text}");
        assert!(difference.is_some());
    }
    // As deep as anybody can make it.
    let deep = format!("{}1{}", "{\"type\":".repeat(100_000), "}".repeat(100_000));
    assert_eq!(schema_reading(&deep).0, SchemaReading::NoEvent);
    let union = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(schema_reading(&union).0, SchemaReading::NoEvent);
}

/// Where a schema is called the event's, another implementation of Avro agrees.
#[test]
fn another_reader_of_avro_sees_the_same_fields() {
    let mut later = v1();
    let more = json!({"name": "session", "type": ["null", "string"], "default": null});
    later["fields"].as_array_mut().unwrap().push(more);
    let writer = apache_avro::Schema::parse_str(&later.to_string()).unwrap();
    let json = br#"{"workspace_id":"acme","action":"a.b","metadata":{"n":1}}"#;
    let event = crate::parse_event(json, &crate::Limits::HARD, uuid::Uuid::nil).unwrap();
    let mut body = crate::encode_avro(&event)[10..].to_vec();
    body.extend_from_slice(b"\x02\x06abc");
    let reader = GenericDatumReader::builder(&writer).build().unwrap();
    let read = reader.read_value(&mut &body[..]).unwrap();
    let apache_avro::types::Value::Record(fields) = read else { panic!("a record") };
    assert_eq!(fields[2].1, apache_avro::types::Value::String("acme".into()));
    assert_eq!(fields.last().unwrap().0, "session");
    let record = framed(&body, 0);
    assert_eq!(crate::decode(&record, &crate::LogId([0; 16])), Ok(event));
}

fn framed(body: &[u8], offset: u64) -> crate::Record {
    crate::Record {
        position: crate::Position { partition: 0, offset },
        timestamp_ms: 0,
        timestamp_type: crate::TimestampType::LogAppendTime,
        key: Some("acme".into()),
        value: Some([b"\0\0\0\0\x07", body].concat().into()),
        headers: [].into(),
    }
}
