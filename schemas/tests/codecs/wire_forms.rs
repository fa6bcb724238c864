//! Which wire form a record is in, what it defaults to, and why it is refused.

use annals_schemas::{
    ActorKind, JsonText, Limits, NoRegistry, Reason, decode, decode_with, encode_avro,
    parse_cloud_event,
};
use serde_json::json;

use crate::{LOG_ID, record};

const EVENT: &str = r#"{"workspace_id":"acme","action":"segment.updated"}"#;

fn refused(headers: &[(&str, &str)], value: &[u8]) -> (Reason, String) {
    let refusal = decode_with(&record(headers, value), &LOG_ID, &NoRegistry).unwrap_err();
    (refusal.reason, refusal.detail)
}

#[test]
fn headers_decide_before_the_first_byte() {
    let binary = [("ce_specversion", "1.0"), ("ce_id", "1"), ("ce_source", "/s")];
    // Avro bytes under a CloudEvents header are CloudEvents data, and that is not Avro.
    let event = decode(&record(&[], EVENT.as_bytes()), &LOG_ID).unwrap();
    let avro = encode_avro(&event);
    assert_eq!(refused(&binary, &avro).0, Reason::Malformed);
    let mut typed = binary.to_vec();
    typed.push(("content-type", "avro/binary"));
    assert_eq!(refused(&typed, &avro).0, Reason::UnknownFormat);
    let structured = [("content-type", "Application/CloudEvents+JSON;charset=utf-8")];
    assert_eq!(refused(&structured, &avro).0, Reason::Malformed);
    assert_eq!(
        refused(&structured, EVENT.as_bytes()),
        (Reason::Malformed, "CloudEvents attribute specversion is missing".to_owned())
    );
}

#[test]
fn unknown_bytes_say_what_was_expected() {
    let unknown = |value: &[u8]| {
        let (reason, detail) = refused(&[], value);
        assert_eq!(reason, Reason::UnknownFormat, "{detail}");
        detail
    };
    assert_eq!(unknown(b""), "the value is empty");
    assert_eq!(unknown(b"[]"), "first byte 5b: neither Avro single-object (c3 01) nor JSON ({)");
    assert_eq!(
        unknown(&[0, 0, 0, 0, 1, 7]),
        "first byte 00: a value of a schema registry, and none is configured"
    );
    for value in [&b" {}"[..], b"\xef\xbb\xbf{}", b"\xc3\x02", b"\xff"] {
        unknown(value);
    }
    let mut tombstone = record(&[], b"");
    tombstone.value = None;
    assert_eq!(decode(&tombstone, &LOG_ID).unwrap_err().reason, Reason::Malformed);
}

#[test]
fn avro_of_another_schema_needs_its_header() {
    let event = decode(&record(&[], EVENT.as_bytes()), &LOG_ID).unwrap();
    let mut avro = encode_avro(&event);
    assert_eq!(refused(&[], &avro[..9]).0, Reason::Malformed);
    avro[5] ^= 1;
    avro.extend_from_slice(b"fields of a later version");
    let (reason, detail) = refused(&[], &avro);
    assert_eq!(reason, Reason::UnknownSchema);
    assert_eq!(detail, "Avro schema 7b10440284dc7def is not known, and no header annals-schema");
    for version in ["", "0", "two", "-2", "+2"] {
        assert_eq!(refused(&[("annals-schema", version)], &avro).0, Reason::UnknownSchema);
    }
    assert_eq!(decode(&record(&[("annals-schema", "2")], &avro), &LOG_ID), Ok(event));
    // Known to be v1, there is nothing that may follow.
    avro[5] ^= 1;
    assert_eq!(refused(&[("annals-schema", "2")], &avro).0, Reason::Malformed);
}

#[test]
fn records_over_the_folds_limits_are_refused_before_reading() {
    let value = vec![b' '; 512 * 1024 + 1];
    let expected = "the value has 524289 bytes, the limit is 524288";
    assert_eq!(refused(&[], &value), (Reason::OverLimit, expected.to_owned()));
    let long = "x".repeat(16 * 1024);
    let expected = "the headers have 16385 bytes, the limit is 16384";
    assert_eq!(
        refused(&[("h", &long)], EVENT.as_bytes()),
        (Reason::OverLimit, expected.to_owned())
    );
    assert!(decode(&record(&[("", &long)], EVENT.as_bytes()), &LOG_ID).is_ok());
}

#[test]
fn a_refusal_carries_the_event_id_where_it_could_be_read() {
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let json = format!(r#"{{"event_id":"{id}","workspace_id":"acme"}}"#);
    let refusal = decode(&record(&[], json.as_bytes()), &LOG_ID).unwrap_err();
    assert_eq!(refusal.to_string(), "schema-violation: /action: is required");
    assert_eq!(refusal.event_id.map(|id| id.to_string()).as_deref(), Some(id));
    let avro = encode_avro(&decode(&record(&[], EVENT.as_bytes()), &LOG_ID).unwrap());
    let refusal = decode(&record(&[], &avro[..60]), &LOG_ID).unwrap_err();
    assert_eq!(refusal.reason, Reason::Malformed);
    assert!(refusal.event_id.is_some());
}

#[test]
fn defaults_are_those_documented() {
    let event = decode(&record(&[], EVENT.as_bytes()), &LOG_ID).unwrap();
    assert_eq!(event.actor.principal.kind, ActorKind::Unknown);
    assert_eq!(event.event_id.get_version_num(), 5);
    let kinds = [
        (r#"{}"#, ActorKind::Unknown),
        (r#"{"kind":null}"#, ActorKind::Unknown),
        (r#"{"id":"u"}"#, ActorKind::User),
        (r#"{"name":"n"}"#, ActorKind::User),
        (r#"{"email":"e"}"#, ActorKind::User),
        (r#"{"kind":"system","id":"u"}"#, ActorKind::System),
        (r#"{"on_behalf_of":{"id":"u"}}"#, ActorKind::Unknown),
    ];
    for (actor, kind) in kinds {
        let json = format!(r#"{{"workspace_id":"a","action":"b","actor":{actor}}}"#);
        let event = decode(&record(&[], json.as_bytes()), &LOG_ID).unwrap();
        assert_eq!(event.actor.principal.kind, kind, "{actor}");
        if let Some(other) = event.actor.on_behalf_of {
            assert_eq!(other.kind, ActorKind::User);
        }
    }
    let json = r#"{"workspace_id":"a","action":"b","changes":[{"path":"p","before":null}]}"#;
    let event = decode(&record(&[], json.as_bytes()), &LOG_ID).unwrap();
    assert_eq!(event.changes[0].before.as_ref().map(JsonText::as_str), Some("null"));
    assert_eq!(event.changes[0].after, None);
}

#[test]
fn data_wins_over_cloud_events_attributes() {
    let json = json!({
        "specversion": "1.0", "id": "7", "source": "/s", "type": "t", "time": "not a time",
        "workspaceid": "other", "data": {
            "event_id": "01890a5d-ac96-774b-bcce-b302099a8057", "action": "a", "workspace_id": "w",
            "occurred_at": "2026-10-25T01:30:00Z" } });
    let event = parse_cloud_event(json.to_string().as_bytes(), &Limits::GATEWAY).unwrap();
    assert_eq!((event.action.as_str(), event.workspace_id.as_str()), ("a", "w"));
    assert_eq!(event.event_id.to_string(), "01890a5d-ac96-774b-bcce-b302099a8057");
    assert_eq!(event.occurred_at.unwrap().to_string(), "2026-10-25T01:30:00.000000Z");
}

#[test]
fn faults_of_cloud_events_are_named_where_they_stand() {
    let base =
        json!({"specversion": "1.0", "id": "7", "source": "/s", "type": "t", "workspaceid": "w"});
    let errors = |members: serde_json::Value| {
        let mut json = base.clone();
        let object = json.as_object_mut().unwrap();
        object.extend(members.as_object().unwrap().clone());
        let found = parse_cloud_event(json.to_string().as_bytes(), &Limits::GATEWAY).unwrap_err();
        found.errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(errors(json!({"data": {"x": 1}})), "/data/x: unknown member `x`");
    assert_eq!(errors(json!({"data": "text"})), "/data: expected an object, found a string");
    assert_eq!(
        errors(json!({"time": "2016-12-31T23:59:60Z"})),
        "/time: leap seconds (`:60`) have no place on a scale without them"
    );
    assert_eq!(errors(json!({"type": "a\nb"})), "/type: must not contain control characters");
    assert_eq!(errors(json!({"type": null})), "/data/action: is required");
    assert_eq!(errors(json!({"type": 5})), "/type: expected a string, found a number");
    assert_eq!(
        errors(json!({"source": null})),
        "/data/event_id: is required without CloudEvents attributes source and id"
    );
    assert_eq!(
        errors(json!({"specversion": "0.3"})),
        "/specversion: CloudEvents 0.3 is not known, only 1.0"
    );
    assert_eq!(errors(json!({"data": {}, "data_base64": ""})), "/data_base64: stands beside data");
    assert_eq!(
        errors(json!({"data_base64": "e30"})),
        "/data_base64: not base64 (RFC 4648 section 4, padded)"
    );
    assert_eq!(
        errors(json!({"data_base64": "W10="})),
        "/data_base64: expected an object, found an array"
    );
    assert_eq!(
        errors(json!({"data": {}, "datacontenttype": "text/xml"})),
        "/datacontenttype: only JSON is read, such as application/json"
    );
    let headers =
        [("ce_specversion", "1.0"), ("ce_id", "1"), ("ce_source", "/s"), ("ce_type", "t")];
    assert_eq!(refused(&headers, b"").1, "/workspace_id: is required");
    let mut timed = headers.to_vec();
    timed.extend([("ce_workspaceid", "w"), ("ce_time", "noon")]);
    let expected = "header ce_time: not an RFC 3339 date-time such as 2026-10-25T01:30:00.000123Z";
    assert_eq!(refused(&timed, b"{}").1, expected);
}

#[test]
fn depth_in_cloud_events_is_that_of_the_data() {
    let levels = |count: usize| format!("{}0{}", "[".repeat(count), "]".repeat(count));
    let event = |depth| {
        format!(r#"{{"workspace_id":"a","action":"b","metadata":{{"m":{}}}}}"#, levels(depth))
    };
    let structured = |depth| {
        format!(
            r#"{{"specversion":"1.0","id":"1","source":"s","type":"t","data":{}}}"#,
            event(depth)
        )
    };
    for (depth, accepted) in [(30, true), (31, false)] {
        let plain = decode(&record(&[], event(depth).as_bytes()), &LOG_ID);
        let below_data = decode(&record(&[], structured(depth).as_bytes()), &LOG_ID);
        assert_eq!((plain.is_ok(), below_data.is_ok()), (accepted, accepted), "{depth}");
        if !accepted {
            assert_eq!(plain.unwrap_err().reason, Reason::OverLimit);
        }
    }
}
