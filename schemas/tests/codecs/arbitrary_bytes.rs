//! Whatever the bytes, decoding answers; and what it accepts can be written and read again.

use annals_schemas::{
    CONTEXT_MEMBERS, CheckedEvent, Event, FramedSchemas, JsonText, LentEvent, Limits, ObjectWriter,
    Offset, Record, SchemaId, SchemaReading, check_record, check_record_with, checked_parts,
    content_hash, decode, decode_again, decode_with, encode_avro, lend_with, reframe_avro,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use crate::strategies::event;
use crate::{LOG_ID, record};

const BINARY: [(&str, &str); 5] = [
    ("ce_specversion", "1.0"),
    ("ce_id", "17"),
    ("ce_source", "/s"),
    ("ce_type", "segment.updated"),
    ("ce_workspaceid", "acme"),
];
const LATER_VERSION: [(&str, &str); 1] = [("annals-schema", "9")];
const STRUCTURED: [(&str, &str); 1] = [("content-type", "application/cloudevents+json")];

/// The headers that select each reading of a value.
const HEADERS: [&[(&str, &str)]; 4] = [&[], &BINARY, &LATER_VERSION, &STRUCTURED];

/// How each wire form begins.
const STARTS: &[&[u8]] = &[
    b"",
    b"\xc3\x01",
    b"\xc3\x01\xef\x7d\xdc\x85\x02\x44\x10\x7b",
    b"{",
    b"{\"specversion\":\"1.0\",\"data_base64\":\"",
    b"{\"metadata\":",
    b"\x00\x00\x00\x00\x01",
];

/// Bytes that mean something in one form or another.
const TELLING: &[u8] = &[0, 1, 2, 0x7f, 0x80, 0xff, b'{', b'}', b'[', b'"', b'\\', b'9'];

/// Knows every third id as the event's schema, every third as a later version of it.
struct Registry;

impl FramedSchemas for Registry {
    fn counts_at(&self, _: Offset) -> bool {
        true
    }

    fn find(&self, SchemaId(id): SchemaId, _: Offset) -> Option<SchemaReading> {
        match id % 3 {
            0 => Some(SchemaReading::EventV1),
            1 => Some(SchemaReading::EventV1AndMore),
            _ => None,
        }
    }
}

/// Decodes; an event that comes out must survive its own encoding. What is checked in place must
/// come to the same.
fn decode_soundly(record: &Record) -> bool {
    let decoded = decode_with(record, &LOG_ID, &Registry);
    match (check_record_with(record, &LOG_ID, &Registry), &decoded) {
        (Ok(checked), Ok(event)) => {
            assert_eq!(checked.head(record), event.into());
            assert_eq!(checked.event_id(), event.event_id);
            assert_eq!(checked.workspace_id(record), event.workspace_id.as_str());
        }
        (Err(refusal), Err(expected)) => assert_eq!(&refusal, expected),
        (checked, _) => panic!("{checked:?} in place, {decoded:?} decoded"),
    }
    if let (Ok(event), Ok(Some((head, rest)))) = (&decoded, checked_parts(record)) {
        assert_eq!((head, rest.changes.len()), (event.into(), event.changes.len()));
        let named = std::array::from_fn(|i| (CONTEXT_MEMBERS[i], rest.context[i]));
        assert_eq!(named, event.context.members().map(|(name, text)| (name, bytes(text))));
        assert_eq!(rest.description, bytes(event.description.as_deref()));
        for (split, change) in rest.changes.iter().zip(&event.changes) {
            assert_eq!(split.path, change.path.as_bytes());
            let values = [&change.before, &change.after].map(|value| value.as_ref());
            assert_eq!([split.before, split.after].map(trimmed), values.map(json));
        }
        // An empty object, or `null`, is none.
        let metadata = event.metadata.as_ref();
        assert!(metadata.is_none() || trimmed(rest.metadata) == json(metadata));
    }
    match (lend_with(record, &LOG_ID, &Registry), &decoded) {
        (Ok(lent), Ok(event)) => assert_lends(&lent, event),
        (Err(refusal), Err(expected)) => assert_eq!(&refusal, expected),
        (lent, _) => panic!("{lent:?} lent, {decoded:?} decoded"),
    }
    match decoded {
        Ok(event) => {
            // Of what is known to be an event nobody need know the schema.
            assert_eq!(decode(record, &LOG_ID).as_ref(), Ok(&event));
            assert_eq!(decode_again(record, &LOG_ID).as_ref(), Ok(&event));
            assert_eq!(event.check(&Limits::HARD), Ok(()), "{event:?}");
            let again = decode(&crate::record(&[], &encode_avro(&event)), &LOG_ID).unwrap();
            assert_eq!(content_hash(&again), content_hash(&event));
            assert_eq!(again, event);
            true
        }
        Err(refusal) => {
            assert!(!refusal.detail.is_empty() && refusal.detail.chars().count() <= 1_001);
            false
        }
    }
}

/// What is lent says what is kept.
fn assert_lends(lent: &LentEvent<'_>, event: &Event) {
    assert_eq!(&*lent.to_event(), event);
    assert_eq!(
        (lent.event_id(), lent.workspace_id()),
        (event.event_id, event.workspace_id.as_str())
    );
    assert_eq!((lent.occurred_at(), lent.action()), (event.occurred_at, event.action.as_str()));
    let (mut written, mut expected) = (Vec::new(), Vec::new());
    let mut object = ObjectWriter::new(&mut written);
    lent.write_members(&mut object);
    object.end();
    event.write_json(&mut expected);
    assert_eq!(written, expected);
}

fn bytes(text: Option<&str>) -> Option<&[u8]> {
    text.map(str::as_bytes)
}

fn json(json: Option<&JsonText>) -> Option<&[u8]> {
    json.map(|json| json.as_str().trim().as_bytes())
}

fn trimmed(json: Option<&[u8]>) -> Option<&[u8]> {
    json.map(<[u8]>::trim_ascii)
}

/// One edit of a byte string.
#[derive(Debug, Clone)]
enum Edit {
    Set(usize, u8),
    Flip(usize, u8),
    Insert(usize, u8),
    Remove(usize, usize),
    Repeat(usize, usize),
    Cut(usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let interesting = prop_oneof![any::<u8>(), proptest::sample::select(TELLING),];
    prop_oneof![
        (any::<usize>(), interesting.clone()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        (any::<usize>(), 0..8_u8).prop_map(|(at, bit)| Edit::Flip(at, bit)),
        (any::<usize>(), interesting).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        (any::<usize>(), 1..9_usize).prop_map(|(at, count)| Edit::Remove(at, count)),
        (any::<usize>(), 1..33_usize).prop_map(|(at, count)| Edit::Repeat(at, count)),
        any::<usize>().prop_map(Edit::Cut),
    ]
}

fn apply(bytes: &mut Vec<u8>, edit: &Edit) {
    let length = bytes.len();
    if length == 0 {
        return;
    }
    match *edit {
        Edit::Set(at, byte) => bytes[at % length] = byte,
        Edit::Flip(at, bit) => bytes[at % length] ^= 1 << bit,
        Edit::Insert(at, byte) => bytes.insert(at % length, byte),
        Edit::Remove(at, count) => {
            let from = at % length;
            bytes.drain(from..length.min(from + count));
        }
        Edit::Repeat(at, count) => {
            let from = at % length;
            let part = bytes[from..length.min(from + count)].to_vec();
            bytes.splice(from..from, part);
        }
        Edit::Cut(at) => bytes.truncate(at % length),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12_000))]

    #[test]
    fn arbitrary_bytes_never_panic(
        start in proptest::sample::select(STARTS),
        bytes in vec(any::<u8>(), 0..200),
    ) {
        let value = [start, &bytes].concat();
        for headers in HEADERS {
            decode_soundly(&record(headers, &value));
        }
    }

    #[test]
    fn mutated_events_never_panic(event in event(), edits in vec(edit(), 1..4)) {
        let json = event.to_json();
        let structured = json!({
            "specversion": "1.0", "id": "17", "source": "/s", "type": "t", "data": json,
        });
        let json = json.to_string().into_bytes();
        let forms = [
            (HEADERS[0], encode_avro(&event)),
            (HEADERS[2], encode_avro(&event)),
            (HEADERS[0], reframe_avro(&encode_avro(&event), SchemaId(0)).unwrap()),
            (HEADERS[0], reframe_avro(&encode_avro(&event), SchemaId(1)).unwrap()),
            (HEADERS[0], json.clone()),
            (HEADERS[1], json),
            (HEADERS[0], structured.to_string().into_bytes()),
            (HEADERS[3], structured.to_string().into_bytes()),
        ];
        for (headers, mut value) in forms {
            edits.iter().for_each(|edit| apply(&mut value, edit));
            decode_soundly(&record(headers, &value));
        }
    }
}

#[test]
fn what_annals_itself_writes_is_checked_in_place() {
    let record = record(&[], &encode_avro(&minimal()));
    let checked = check_record(&record, &LOG_ID).unwrap();
    assert!(matches!(checked, CheckedEvent::InPlace(_)), "{checked:?}");
}

#[test]
fn the_mutations_reach_behind_the_first_byte() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    // Guards the test above: if nearly all mutants were refused at once, it would show little.
    let mut runner = TestRunner::deterministic();
    let (mut accepted, rounds) = (0, 500);
    for _ in 0..rounds {
        let event = event().new_tree(&mut runner).unwrap().current();
        let mut bytes = event.to_json().to_string().into_bytes();
        apply(&mut bytes, &edit().new_tree(&mut runner).unwrap().current());
        accepted += usize::from(decode_soundly(&record(&[], &bytes)));
    }
    assert!((50..450).contains(&accepted), "{accepted} of {rounds} mutants accepted");
}

#[test]
fn hostile_lengths_and_depths_are_refused_without_effort() {
    let deep = "[".repeat(200_000);
    let in_metadata = format!("{{\"workspace_id\":\"a\",\"action\":\"b\",\"metadata\":{deep}");
    let started = std::time::Instant::now();
    let mut huge_array = encode_avro(&minimal());
    huge_array.truncate(huge_array.len() - 6);
    for value in [deep.as_bytes(), in_metadata.as_bytes(), &huge_array] {
        for headers in HEADERS {
            assert!(decode(&record(headers, value), &LOG_ID).is_err());
        }
    }
    // A length of 2^62 bytes, an array of 2^62 items.
    let huge = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    for at in 10..encode_avro(&minimal()).len() {
        let mut bytes = encode_avro(&minimal());
        bytes.splice(at..=at, huge);
        assert!(decode(&record(&[], &bytes), &LOG_ID).is_err(), "at {at}");
    }
    assert!(started.elapsed().as_secs() < 5);
}

fn minimal() -> annals_schemas::Event {
    let json =
        json!({"workspace_id": "acme", "action": "login", "resources": [{"type": "t", "id": "i"}]});
    annals_schemas::parse_event_value(&json, &Limits::HARD, uuid::Uuid::nil).unwrap()
}
