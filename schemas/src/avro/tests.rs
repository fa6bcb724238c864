//! The codec against `apache-avro`, an implementation by others.

use apache_avro::Schema;
use apache_avro::rabin::Rabin;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::types::Value;
use apache_avro::writer::datum::GenericDatumWriter;
use uuid::uuid;

use super::*;
use crate::{
    Actor, ActorKind, Change, Context, Event, Instant, JsonText, Kind, Limits, Outcome, Principal,
    ProducerStamp, Resource, WorkspaceId,
};

fn decoded(body: &[u8]) -> Event {
    let (workspace_id, event) = lend_body(body, Trailing::Refused, &Limits::HARD).unwrap();
    event.to_event(WorkspaceId::new(workspace_id).unwrap())
}

fn full_event() -> Event {
    let principal = |kind, id: &str| Principal {
        kind,
        id: Some(id.to_owned()),
        name: Some("Ana Žižek".to_owned()),
        email: None,
    };
    Event {
        event_id: uuid!("01890a5d-ac96-774b-bcce-b302099a8057"),
        occurred_at: Some(Instant::parse("1969-12-31T23:59:59.999999Z").unwrap()),
        workspace_id: WorkspaceId::new("acme").unwrap(),
        actor: Actor {
            principal: principal(ActorKind::ApiKey, "k1"),
            on_behalf_of: Some(principal(ActorKind::User, "u2")),
        },
        action: "segment.updated".to_owned(),
        explicit_kind: Some(Kind::Update),
        outcome: Outcome::Denied,
        resources: ["s9", "s10"]
            .map(|id| Resource { resource_type: "segment".into(), id: id.into(), name: None })
            .into(),
        context: Context { trace_id: Some("t".to_owned()), ..Context::default() },
        changes: vec![Change {
            path: "filter.country".to_owned(),
            before: None,
            after: Some(JsonText::parse("[\"FR\", null]").unwrap()),
        }],
        description: Some("d".repeat(300)),
        metadata: Some(JsonText::parse("{\"a\": 1}").unwrap()),
        producer: Some(ProducerStamp { id: "sdk-1".to_owned(), number: i64::MAX as u64 }),
    }
}

fn bare_event() -> Event {
    Event {
        occurred_at: None,
        actor: Actor::unknown(),
        explicit_kind: None,
        outcome: Outcome::Unknown,
        resources: Vec::new(),
        context: Context::default(),
        changes: Vec::new(),
        description: None,
        metadata: None,
        producer: None,
        ..full_event()
    }
}

#[test]
fn the_fingerprint_is_that_of_the_schema() {
    // The example of the Avro specification's test data: the schema "int".
    assert_eq!(rabin("\"int\""), 0x7275_d51a_3f39_5c8f_u64.to_le_bytes());
    // Rust's apache-avro 0.22 does not reduce `{"type":"string","logicalType":"uuid"}` to
    // `"string"` in the canonical form, as the specification and the other languages do.
    let mut schema: serde_json::Value = serde_json::from_str(SCHEMA_V1).unwrap();
    reduce_primitives(&mut schema);
    assert_eq!(rabin(&schema.to_string()), FINGERPRINT_V1);
    assert_eq!(rabin(SCHEMA_V1), FINGERPRINT_V1_OF_APACHE_AVRO);
}

fn rabin(schema: &str) -> Vec<u8> {
    Schema::parse_str(schema).unwrap().fingerprint::<Rabin>().bytes
}

fn reduce_primitives(schema: &mut serde_json::Value) {
    if let Some(primitive) = schema.get("logicalType").and(schema.get("type")) {
        *schema = primitive.clone();
    }
    match schema {
        serde_json::Value::Array(items) => items.iter_mut().for_each(reduce_primitives),
        serde_json::Value::Object(members) => members.values_mut().for_each(reduce_primitives),
        _ => {}
    }
}

fn read(schema: &Schema, bytes: &mut &[u8]) -> Value {
    GenericDatumReader::builder(schema).build().unwrap().read_value(bytes).unwrap()
}

#[test]
fn others_read_what_we_write_and_write_what_we_read() {
    let schema = Schema::parse_str(SCHEMA_V1).unwrap();
    for event in [full_event(), bare_event()] {
        let bytes = encode_avro(&event);
        let (fingerprint, body) = split_single_object(&bytes).unwrap();
        assert_eq!(fingerprint, FINGERPRINT_V1);
        let mut rest = body;
        let value = read(&schema, &mut rest);
        assert!(rest.is_empty());
        let writer = GenericDatumWriter::builder(&schema).build().unwrap();
        let theirs = writer.write_value_to_vec(value).unwrap();
        assert_eq!(decoded(&theirs), event);
    }
}

#[test]
fn others_find_the_fields_where_we_put_them() {
    let schema = Schema::parse_str(SCHEMA_V1).unwrap();
    let bytes = encode_avro(&full_event());
    let value = read(&schema, &mut &bytes[10..]);
    let Value::Record(fields) = value else { panic!("no record") };
    let field = |name: &str| &fields.iter().find(|(field, _)| field == name).unwrap().1;
    assert_eq!(*field("event_id"), Value::Uuid(full_event().event_id));
    assert_eq!(*field("occurred_at"), Value::Union(1, Box::new(Value::TimestampMicros(-1))));
    assert_eq!(*field("outcome"), Value::Enum(2, "denied".to_owned()));
    assert_eq!(
        *field("metadata"),
        Value::Union(1, Box::new(Value::String("{\"a\": 1}".to_owned())))
    );
}

#[test]
fn symbols_stand_in_the_order_of_the_enums() {
    let schema: serde_json::Value = serde_json::from_str(SCHEMA_V1).unwrap();
    let mut found = Vec::new();
    collect_symbols(&schema, &mut found);
    assert_eq!(
        found,
        [
            ("ActorKind".to_owned(), ActorKind::NAMES.join(" ")),
            ("Kind".to_owned(), Kind::NAMES.join(" ")),
            ("Outcome".to_owned(), Outcome::NAMES.join(" ")),
        ]
    );
}

fn collect_symbols(schema: &serde_json::Value, found: &mut Vec<(String, String)>) {
    match schema {
        serde_json::Value::Array(items) => items.iter().for_each(|i| collect_symbols(i, found)),
        serde_json::Value::Object(members) => {
            if let Some(symbols) = members.get("symbols").and_then(|symbols| symbols.as_array()) {
                let symbols: Vec<_> = symbols.iter().filter_map(|s| s.as_str()).collect();
                found.push((members["name"].as_str().unwrap().to_owned(), symbols.join(" ")));
            }
            // `fields` of a record, then its `type`.
            members.values().for_each(|member| collect_symbols(member, found));
        }
        _ => {}
    }
}

#[test]
fn broken_bodies_say_where() {
    let bytes = encode_avro(&bare_event());
    let body = &bytes[10..];
    let detail =
        |body: &[u8]| lend_body(body, Trailing::Refused, &Limits::HARD).unwrap_err().to_string();
    assert_eq!(detail(&body[..body.len() - 1]), "cut off at byte 71 of the Avro body");
    assert_eq!(detail(&[body, &[0]].concat()), "bytes left over at byte 72 of the Avro body");
    assert_eq!(detail(&[0xff; 11]), "an integer of more than 64 bits at byte 0 of the Avro body");
    assert_eq!(detail(&[1]), "a negative length at byte 0 of the Avro body");
    assert_eq!(detail(&[2, 0xff]), "invalid UTF-8 at byte 1 of the Avro body");
}

/// A length below 64 in zig-zag encoding.
fn length(bytes: &[u8]) -> u8 {
    u8::try_from(2 * bytes.len()).unwrap()
}

#[test]
fn arrays_in_several_blocks_and_with_block_sizes_are_read() {
    let event = full_event();
    let bytes = encode_avro(&Event { resources: Vec::new(), ..event.clone() });
    let one = encode_avro(&event);
    // Where the two differ first, the array of resources begins.
    let at = bytes.iter().zip(&one).position(|(a, b)| a != b).unwrap();
    let item =
        |id: &str| [&[14][..], b"segment", &[length(id.as_bytes())], id.as_bytes(), &[0]].concat();
    let sized = item("s9");
    let blocks = [&[1, length(&sized)][..], &sized, &[2], &item("s10"), &[0]].concat();
    let body = [&bytes[10..at], &blocks, &bytes[at + 1..]].concat();
    assert_eq!(decoded(&body), event);
}
